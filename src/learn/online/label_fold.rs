//! The labels of the ledger in, one by one and in its order; for each, the label that it replaces
//! and the label that counts from now on out. It counts no features.
//!
//! No other file knows this rule. The live layers (`state`) and retraining (`train::from_ledger`)
//! both use it, so trust puts each label at the same place in both.

use std::collections::{BTreeMap, HashMap};

use crate::comment::{CommentId, SiteId};
use crate::features::FEATURES_VERSION;
use crate::learn::online::effect::Effect;
use crate::learn::online::operator_events::OperatorEvents;
use crate::learn::online::realm::Realm;
use crate::learn::online::trust::{Contributors, Place, Trust};
use crate::store::{LedgerEntry, Seq};
use crate::verdict::Label;

/// All comments with labels, realm by realm, and what is known of those who gave the labels.
#[derive(Debug)]
pub(crate) struct LabelFold {
    pub(crate) events: OperatorEvents,
    pub(crate) trust: Trust,
    pub(crate) realms: BTreeMap<Realm, RealmLabels>,
    /// Number of the last ledger entry that the model has learnt: labels up to it are not counted
    /// for all sites again.
    learnt_up_to: Seq,
}

/// The labels of one realm.
#[derive(Debug, Default)]
pub(crate) struct RealmLabels {
    pub(crate) comments: HashMap<CommentId, CommentState>,
    /// Comments whose label counts here.
    pub(crate) counted: u32,
    /// Of those, spam.
    pub(crate) spam: u32,
    /// Of those, counted for all sites too.
    pub(crate) shared: u32,
}

/// The labels of one comment so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CommentState {
    /// The last label.
    pub(crate) label: Label,
    /// The verdict of the filter before anybody gave a label.
    machine: Option<Label>,
    /// What is counted; `None` after a return to the filter's own verdict, and of features that
    /// other code read.
    pub(crate) counted: Option<CountedLabel>,
    /// Whether this version of the features has read it. If not, the same label is learnt when it
    /// comes again.
    pub(crate) is_read: bool,
}

impl CommentState {
    /// Whether the same label again would change nothing.
    pub(crate) fn is_settled_at(&self, label: Label) -> bool {
        self.label == label && self.is_read
    }
}

/// The label that is counted for a comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CountedLabel {
    pub(crate) seq: Seq,
    pub(crate) label: Label,
    pub(crate) place: Place,
    contributors: Contributors,
}

/// What a label did to the fold.
#[derive(Debug)]
pub(crate) enum Folded {
    /// Nothing: the operator undid it.
    Undone,
    /// Nothing is counted: other code read its features.
    Unreadable,
    /// Nothing: the comment had this label before.
    Repeated(Realm),
    /// It is the comment's label now.
    Changed(Change),
}

/// A comment's label changed.
#[derive(Debug)]
pub(crate) struct Change {
    pub(crate) realm: Realm,
    pub(crate) effect: Effect,
    /// Where trust puts the label, whether it is counted or not.
    pub(crate) place: Place,
    /// The label that no longer counts.
    pub(crate) removed: Option<CountedLabel>,
    /// The label that counts from now on; `None` after a return to the filter's own verdict.
    pub(crate) added: Option<CountedLabel>,
}

impl LabelFold {
    pub(crate) fn new(events: OperatorEvents, learnt_up_to: Seq) -> Self {
        Self {
            events,
            trust: Trust::default(),
            realms: BTreeMap::new(),
            learnt_up_to,
        }
    }

    /// Whether a counted label is part of the counts of all sites. Labels that the model was
    /// trained on are in the model, and are not counted again. A site goes on counting all of its
    /// own labels, because in the model they are a few among thousands.
    pub(crate) fn is_shared(&self, counted: &CountedLabel) -> bool {
        counted.place.is_for_all_sites() && counted.seq > self.learnt_up_to
    }

    /// Takes one label. Call it in the order of the ledger.
    pub(crate) fn apply(&mut self, entry: &LedgerEntry) -> Folded {
        if self.events.strike(entry.event) {
            return Folded::Undone;
        }
        let realm = self.events.realm_of(entry);
        let before = self.state_of(&realm, entry.comment).copied();
        if entry.features_version != FEATURES_VERSION {
            self.note_unreadable(realm, entry, before);
            return Folded::Unreadable;
        }
        if before.is_some_and(|state| state.is_settled_at(entry.label)) {
            return Folded::Repeated(realm);
        }
        let machine = before.map_or(entry.machine, |state| state.machine);
        let removed = before.and_then(|state| state.counted);
        // Remove first, then place: a removed label gives its credit back.
        if let Some(counted) = removed {
            self.trust.remove(counted.contributors, counted.place);
        }
        let (contributors, place) = self.trust.place(entry, &self.events);
        let effect = match before {
            None => Effect::Learnt,
            Some(state) if !state.is_read => Effect::Learnt,
            // The label is the filter's own verdict again: nobody disagrees, so there is nothing to
            // learn (docs/DECISIONS.md, "An opposite label subtracts exactly what the first one
            // added").
            Some(_) if machine == Some(entry.label) && removed.is_some() => Effect::TakenBack,
            Some(_) => Effect::Turned,
        };
        let added = (effect != Effect::TakenBack).then_some(CountedLabel {
            seq: entry.seq,
            label: entry.label,
            place,
            contributors,
        });
        if let Some(counted) = added {
            self.trust.add(counted.contributors, counted.place);
        }
        let state = CommentState {
            label: entry.label,
            machine,
            counted: added,
            is_read: true,
        };
        self.replace(realm.clone(), entry.comment, state, removed);
        Folded::Changed(Change {
            realm,
            effect,
            place,
            removed,
            added,
        })
    }

    /// Keeps a label whose features another version of the code read, though nothing can be counted
    /// of it. It never replaces a label that is counted, because an import brings old labels after
    /// new ones.
    fn note_unreadable(&mut self, realm: Realm, entry: &LedgerEntry, before: Option<CommentState>) {
        if before.is_none_or(|state| !state.is_read) {
            let state = CommentState {
                label: entry.label,
                machine: entry.machine,
                counted: None,
                is_read: false,
            };
            let of = self.realms.entry(realm).or_default();
            of.comments.insert(entry.comment, state);
        }
    }

    fn replace(
        &mut self,
        realm: Realm,
        comment: CommentId,
        state: CommentState,
        removed: Option<CountedLabel>,
    ) {
        let count = |counted: Option<CountedLabel>| {
            counted.map_or((0, 0, 0), |counted| {
                let is_spam = counted.label == Label::Spam;
                (1, u32::from(is_spam), u32::from(self.is_shared(&counted)))
            })
        };
        let (now, before) = (count(state.counted), count(removed));
        let of = self.realms.entry(realm).or_default();
        of.counted = of.counted + now.0 - before.0;
        of.spam = of.spam + now.1 - before.1;
        of.shared = of.shared + now.2 - before.2;
        of.comments.insert(comment, state);
    }

    /// The labels of a comment in one realm.
    pub(crate) fn state_of(&self, realm: &Realm, comment: CommentId) -> Option<&CommentState> {
        self.realms.get(realm)?.comments.get(&comment)
    }

    /// The same; where this realm has no label of the comment, those of the site's own realm.
    pub(crate) fn state_seen_in(&self, realm: &Realm, comment: CommentId) -> Option<&CommentState> {
        let own = || self.state_of(&realm.beside()?, comment);
        self.state_of(realm, comment).or_else(own)
    }

    /// The realms of a site.
    pub(crate) fn realms_on(&self, site: &SiteId) -> impl Iterator<Item = &RealmLabels> {
        let from = self.realms.range(Realm::of_site(site)..);
        let on = from.take_while(move |(realm, _)| realm.site == *site);
        on.map(|(_, of)| of)
    }
}
