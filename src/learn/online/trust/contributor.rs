//! Agreements of one key, or of one reporter of a key, with other keys in, its credit out. It reads
//! no label.

use std::collections::HashMap;

use crate::learn::online::operator_events::OperatorEvents;

/// Of the labels that count for all sites, one in this many may be unconfirmed labels of one
/// contributor. The tests of poisoning show what that can change.
pub const ONE_IN: u32 = 1_000;

/// At most this many agreements with one older key raise a credit. A key with this many agreements
/// in all is an older key itself.
pub const MOST_FROM_ONE: u8 = 5;

/// A key, or a reporter that a key names: what it has earned.
#[derive(Debug)]
pub(super) struct Contributor {
    /// Number of its key; its own number, if it is a key.
    pub(super) key: u32,
    /// Name of the key; of a reporter nothing.
    name: Box<str>,
    /// Its labels that count for all sites on credit.
    pub(super) lent: u32,
    /// Agreements, capped, by the other key.
    agreed: HashMap<u32, u8>,
    /// Their sum.
    agreements: u32,
}

impl Contributor {
    /// Nothing known yet.
    pub(super) fn new(key: u32, name: &str) -> Self {
        Self {
            key,
            name: name.into(),
            lent: 0,
            agreed: HashMap::new(),
            agreements: 0,
        }
    }

    pub(super) fn agree_with(&mut self, key: u32) {
        let with = self.agreed.entry(key).or_default();
        if *with < MOST_FROM_ONE {
            *with += 1;
            self.agreements += 1;
        }
    }

    /// Whether agreeing with it earns credit for others: the operator vouches for it, or it has
    /// earned credit itself.
    pub(super) fn is_older(&self, events: &OperatorEvents) -> bool {
        self.agreements >= u32::from(MOST_FROM_ONE) || events.vouch_for(&self.name)
    }

    /// How many of its labels may count for all sites on credit. `shared` is the number of labels
    /// of all contributors that count for all sites.
    pub(super) fn credit(&self, shared: u32) -> u32 {
        self.agreements.min(shared / ONE_IN)
    }

    pub(super) fn has_credit(&self, shared: u32) -> bool {
        self.lent < self.credit(shared)
    }
}

/// Who gave a label: a key and, where it is named, the reporter, by their numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Contributors {
    pub(super) key: u32,
    pub(super) reporter: Option<u32>,
}

impl Contributors {
    /// Both numbers, or the one.
    pub(super) fn ids(self) -> impl Iterator<Item = u32> {
        [Some(self.key), self.reporter].into_iter().flatten()
    }
}
