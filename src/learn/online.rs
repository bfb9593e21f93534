//! Labels into the layers: one writer folds the ledger, in order, into everybody's counts and the site's own; readers see each label whole or not at all.
//!
//! A comment has one standing label, the last. An opposite label first takes back exactly what the earlier one added; it then adds its own, unless it
//! only returns to what the machine had said by itself: then nobody disagrees any more and there is nothing to learn.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use crate::comment::{CommentId, SiteId};
use crate::features::{FEATURES_VERSION, FeatureId};
use crate::model::counts::Counts;
use crate::model::layers::Live;
use crate::store::{LedgerEntry, Seq};
use crate::verdict::Label;

/// The live layers and where each comment stands.
#[derive(Debug, Default)]
pub struct Online {
    shared: RwLock<Counts>,
    sites: RwLock<HashMap<SiteId, Arc<RwLock<Counts>>>>,
    standing: RwLock<HashMap<(SiteId, CommentId), Standing>>,
}

/// What people made of a comment so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Standing {
    /// The last label.
    label: Label,
    /// Entry whose features are counted, and under which label; `None` after a return to the machine's own verdict.
    counted: Option<(Seq, Label)>,
    /// What the machine had said before anybody.
    machine: Option<Label>,
}

/// What a label did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// It was counted.
    Learnt,
    /// It took an earlier label back and was counted.
    Turned,
    /// It took an earlier label back; the machine had been right.
    TakenBack,
    /// Somebody had said so before.
    Known,
    /// Its features were read by other code; they count at the next retrain.
    Unreadable,
}

impl Online {
    /// Whether a comment already stands at this label, so that saying so again changes nothing.
    pub fn stands_at(&self, site: &SiteId, comment: CommentId, label: Label) -> bool {
        read(&self.standing)
            .get(&(site.clone(), comment))
            .is_some_and(|s| s.label == label)
    }

    /// The last label of a comment.
    pub fn label_of(&self, site: &SiteId, comment: CommentId) -> Option<Label> {
        let standing = read(&self.standing);
        standing.get(&(site.clone(), comment)).map(|s| s.label)
    }

    /// Folds one entry in. `features_of` finds the features of an earlier entry, to take it back. Call it from one thread, in ledger order.
    pub fn fold(
        &self,
        entry: &LedgerEntry,
        features_of: impl Fn(Seq) -> Option<Vec<FeatureId>>,
    ) -> Effect {
        if entry.features_version != FEATURES_VERSION {
            return Effect::Unreadable;
        }
        let place = (entry.site.clone(), entry.comment);
        let before = read(&self.standing).get(&place).copied();
        let machine = before.map_or(entry.machine, |s| s.machine);
        let (effect, counted) = match before {
            Some(standing) if standing.label == entry.label => return Effect::Known,
            None => (Effect::Learnt, Some((entry.seq, entry.label))),
            Some(standing) => {
                if let Some((seq, label)) = standing.counted
                    && let Some(ids) = features_of(seq)
                {
                    self.change(&entry.site, |counts| counts.subtract(&ids, label));
                }
                match machine == Some(entry.label) && standing.counted.is_some() {
                    true => (Effect::TakenBack, None),
                    false => (Effect::Turned, Some((entry.seq, entry.label))),
                }
            }
        };
        if counted.is_some() {
            self.change(&entry.site, |counts| {
                counts.add(&entry.features, entry.label)
            });
        }
        write(&self.standing).insert(
            place,
            Standing {
                label: entry.label,
                counted,
                machine,
            },
        );
        effect
    }

    /// Changes the site's layer and everybody's by the same amount.
    fn change(&self, site: &SiteId, change: impl Fn(&mut Counts)) {
        let layer = Arc::clone(write(&self.sites).entry(site.clone()).or_default());
        // Both are held so that no check sees one layer with the label and the other without.
        let mut shared = write(&self.shared);
        let mut own = write(&layer);
        change(&mut shared);
        change(&mut own);
    }

    /// Lends the layers a check on this site needs.
    pub fn with_live<T>(&self, site: &SiteId, use_it: impl FnOnce(Live<'_>) -> T) -> T {
        let layer = read(&self.sites).get(site).cloned();
        let shared = read(&self.shared);
        let own = layer.as_deref().map(read);
        use_it(Live {
            shared: &shared,
            site: own.as_deref(),
        })
    }

    /// Comments counted for a site, and for all.
    pub fn labels(&self, site: &SiteId) -> (u32, u32) {
        self.with_live(site, |live| {
            (
                live.site.map_or(0, |c| c.comments().total()),
                live.shared.comments().total(),
            )
        })
    }
}

// A thread that panicked while holding a lock has not left counts half changed (adding cannot panic), so its poison is no reason to stop checking.
fn read<T>(lock: &RwLock<T>) -> std::sync::RwLockReadGuard<'_, T> {
    lock.read().unwrap_or_else(PoisonError::into_inner)
}

fn write<T>(lock: &RwLock<T>) -> std::sync::RwLockWriteGuard<'_, T> {
    lock.write().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn site() -> SiteId {
        SiteId::parse("blog.example").expect("a site")
    }

    fn entry(seq: Seq, comment: u64, label: Label, machine: Option<Label>) -> LedgerEntry {
        LedgerEntry {
            seq,
            event: seq,
            at: 0,
            site: site(),
            comment: CommentId(comment),
            label,
            machine,
            reporter: None,
            key_name: String::new(),
            features: vec![comment as u32, 1000 + comment as u32 % 3],
            features_version: FEATURES_VERSION,
            kind: None,
        }
    }

    fn fold_all(entries: &[LedgerEntry]) -> (Online, Vec<Effect>) {
        let online = Online::default();
        let effects = entries
            .iter()
            .map(|e| {
                online.fold(e, |seq| {
                    entries
                        .iter()
                        .find(|e| e.seq == seq)
                        .map(|e| e.features.clone())
                })
            })
            .collect();
        (online, effects)
    }

    fn counts(online: &Online) -> Counts {
        online.with_live(&site(), |live| live.shared.clone())
    }

    use Label::{Ham, Spam};

    #[test]
    fn an_opposite_label_takes_the_first_back_and_adds_itself() {
        let (turned, effects) = fold_all(&[entry(1, 7, Spam, None), entry(2, 7, Ham, None)]);
        let (only, _) = fold_all(&[entry(1, 7, Ham, None)]);
        assert_eq!(effects, [Effect::Learnt, Effect::Turned]);
        assert_eq!(counts(&turned), counts(&only));
    }

    #[test]
    fn returning_to_the_machines_own_verdict_leaves_nothing_behind() {
        let (online, effects) =
            fold_all(&[entry(1, 7, Spam, Some(Ham)), entry(2, 7, Ham, Some(Ham))]);
        assert_eq!(effects, [Effect::Learnt, Effect::TakenBack]);
        assert_eq!(counts(&online), Counts::default());
        let (online, effects) = fold_all(&[
            entry(1, 7, Spam, Some(Ham)),
            entry(2, 7, Ham, Some(Ham)),
            entry(3, 7, Spam, Some(Ham)),
        ]);
        assert_eq!(effects[2], Effect::Turned);
        assert_eq!(
            counts(&online),
            counts(&fold_all(&[entry(1, 7, Spam, None)]).0)
        );
    }

    #[test]
    fn saying_the_same_again_changes_nothing() {
        let (twice, effects) = fold_all(&[entry(1, 7, Spam, None), entry(2, 7, Spam, None)]);
        assert_eq!(effects[1], Effect::Known);
        assert_eq!(
            counts(&twice),
            counts(&fold_all(&[entry(1, 7, Spam, None)]).0)
        );
    }

    proptest! {
        #[test]
        fn only_the_last_label_of_each_comment_remains(history in proptest::collection::vec((0_u64..6, any::<bool>()), 0..40)) {
            let entries: Vec<LedgerEntry> = history.iter().enumerate().map(|(at, &(comment, spam))| entry(at as u64 + 1, comment, if spam { Spam } else { Ham }, None)).collect();
            let mut last: HashMap<u64, LedgerEntry> = HashMap::new();
            for entry in &entries {
                last.insert(entry.comment.0, entry.clone());
            }
            let last: Vec<LedgerEntry> = last.into_values().collect();
            prop_assert_eq!(counts(&fold_all(&entries).0), counts(&fold_all(&last).0));
        }
    }
}
