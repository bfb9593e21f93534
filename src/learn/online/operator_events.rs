//! Rulings in, what holds out: which labels were never said, which keys are vouched for, and so whose words count where. Pure.

use std::collections::{HashMap, HashSet};

use crate::comment::SiteId;
use crate::learn::online::realm::{Realm, Tenancy};
use crate::store::{LedgerEntry, Ruled, Ruling};

/// What the rulings come to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rulings {
    struck: HashSet<u64>,
    vouched: HashSet<String>,
    tenancy: Tenancy,
}

impl Rulings {
    /// Reads all rulings, in their order. A ruling strikes only what came before it, so the last one always holds, and taking back the taking back of an
    /// undo is the undo again.
    pub fn of(rulings: &[Ruling]) -> Self {
        let mut struck: HashSet<u64> = HashSet::new();
        for ruling in rulings.iter().rev() {
            if let Ruled::Undo { events, .. } = &ruling.ruled
                && !struck.contains(&ruling.event)
            {
                struck.extend(events);
            }
        }
        let mut vouched = HashSet::new();
        for ruling in rulings.iter().filter(|r| !struck.contains(&r.event)) {
            match &ruling.ruled {
                Ruled::Vouch { key_name } => {
                    vouched.insert(key_name.clone());
                }
                Ruled::Unvouch { key_name } => {
                    vouched.remove(key_name);
                }
                Ruled::Undo { .. } => {}
            }
        }
        Self {
            struck,
            vouched,
            tenancy: Tenancy::OneHouse,
        }
    }

    /// The same where sites belong to the keys that the operator gave them to, by name.
    pub fn with_owners(self, owners: HashMap<SiteId, String>) -> Self {
        Self {
            tenancy: Tenancy::Owned(owners),
            ..self
        }
    }

    /// Whether a label is nothing of its site: a key said it that speaks for itself alone on a site that is another's.
    pub fn is_foreign(&self, entry: &LedgerEntry) -> bool {
        self.tenancy.is_owned(&entry.site) && self.realm_of(entry).key.is_some()
    }

    /// In which realm a key speaks on a site, and hears.
    pub fn realm(&self, site: &SiteId, key_name: &str) -> Realm {
        self.tenancy.realm(site, key_name, &self.vouched)
    }

    /// In which realm a label was said.
    pub fn realm_of(&self, entry: &LedgerEntry) -> Realm {
        self.tenancy.of_label(entry, &self.vouched)
    }

    /// Whether a label or ruling counts as never said.
    pub fn strike(&self, event: u64) -> bool {
        self.struck.contains(&event)
    }

    /// Whether the operator answers for the keys of this name.
    pub fn vouch_for(&self, key_name: &str) -> bool {
        self.vouched.contains(key_name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ruling(event: u64, ruled: Ruled) -> Ruling {
        Ruling {
            seq: event,
            event,
            at: 0,
            ruled,
        }
    }

    fn undo(event: u64, events: &[u64]) -> Ruling {
        let (chosen, events) = (Default::default(), events.to_vec());
        ruling(event, Ruled::Undo { chosen, events })
    }

    #[test]
    fn an_undo_of_an_undo_of_an_undo_is_the_undo() {
        let mut rulings = vec![undo(10, &[1, 2])];
        for (event, of, struck) in [(11, 10, false), (12, 11, true), (13, 12, false)] {
            rulings.push(undo(event, &[of]));
            assert_eq!(Rulings::of(&rulings).strike(1), struck, "after {event}");
        }
    }

    #[test]
    fn what_two_undos_struck_needs_both_taken_back() {
        let mut rulings = vec![undo(10, &[1]), undo(11, &[1, 2]), undo(12, &[10])];
        assert!(Rulings::of(&rulings).strike(1));
        rulings.push(undo(13, &[11]));
        assert_eq!(Rulings::of(&rulings).struck.len(), 2); // the undos themselves
    }

    #[test]
    fn the_last_word_about_a_key_holds() {
        let key_name = || "first".to_owned();
        let mut rulings = vec![ruling(
            1,
            Ruled::Vouch {
                key_name: key_name(),
            },
        )];
        assert!(Rulings::of(&rulings).vouch_for("first"));
        rulings.push(ruling(
            2,
            Ruled::Unvouch {
                key_name: key_name(),
            },
        ));
        assert!(!Rulings::of(&rulings).vouch_for("first"));
        rulings.push(undo(3, &[2]));
        assert!(Rulings::of(&rulings).vouch_for("first"));
    }
}
