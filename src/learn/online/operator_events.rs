//! Operator events in, what holds now out: which labels are undone, which keys are vouched for, and
//! so whose labels count where. Pure.

use std::collections::{HashMap, HashSet};

use crate::comment::SiteId;
use crate::learn::online::realm::{Realm, Tenancy};
use crate::store::{LedgerEntry, Ruled, Ruling};

/// The result of all operator events: undone labels, keys that are vouched for, owners of sites.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OperatorEvents {
    struck: HashSet<u64>,
    vouched: HashSet<String>,
    tenancy: Tenancy,
}

impl OperatorEvents {
    /// Reads all events, which must be in the order of the ledger. They are read from the last to
    /// the first, because an undo strikes only earlier events: the last one always holds, and an
    /// undo of an undo of an undo is the undo again (docs/DECISIONS.md, "An undo is an operator
    /// event that names the labels struck").
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

    /// The same with the owners of sites: the name of the key that the operator gave a site to.
    pub fn with_owners(self, owners: HashMap<SiteId, String>) -> Self {
        Self {
            tenancy: Tenancy::Owned(owners),
            ..self
        }
    }

    /// Whether a label does not count for its site: the site belongs to another key.
    pub fn is_foreign(&self, entry: &LedgerEntry) -> bool {
        self.tenancy.is_owned(&entry.site) && self.realm_of(entry).key.is_some()
    }

    /// The realm in which labels of a key count on a site.
    pub fn realm(&self, site: &SiteId, key_name: &str) -> Realm {
        self.tenancy.realm(site, key_name, &self.vouched)
    }

    /// The realm in which a label counts.
    pub fn realm_of(&self, entry: &LedgerEntry) -> Realm {
        self.tenancy.of_label(entry, &self.vouched)
    }

    /// Whether a label or an event of the operator is undone.
    pub fn strike(&self, event: u64) -> bool {
        self.struck.contains(&event)
    }

    /// Whether the operator vouches for the keys of this name.
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
            assert_eq!(
                OperatorEvents::of(&rulings).strike(1),
                struck,
                "after {event}"
            );
        }
    }

    #[test]
    fn what_two_undos_struck_needs_both_taken_back() {
        let mut rulings = vec![undo(10, &[1]), undo(11, &[1, 2]), undo(12, &[10])];
        assert!(OperatorEvents::of(&rulings).strike(1));
        rulings.push(undo(13, &[11]));
        assert_eq!(OperatorEvents::of(&rulings).struck.len(), 2); // the undos themselves
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
        assert!(OperatorEvents::of(&rulings).vouch_for("first"));
        rulings.push(ruling(
            2,
            Ruled::Unvouch {
                key_name: key_name(),
            },
        ));
        assert!(!OperatorEvents::of(&rulings).vouch_for("first"));
        rulings.push(undo(3, &[2]));
        assert!(OperatorEvents::of(&rulings).vouch_for("first"));
    }
}
