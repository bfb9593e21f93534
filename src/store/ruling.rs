//! Operator events: an undo of labels, or a vouch for a key. Types only; `ledger` writes and reads
//! them. They share the places of the ledger, and are never changed and never removed; a later one
//! may undo an earlier one.

use serde::{Deserialize, Serialize};

use super::entry::LedgerEntry;
use super::layout::Seq;
use crate::clock::Millis;
use crate::comment::SiteId;

/// One operator event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ruling {
    /// Its place in the ledger, counted together with the labels; 0 before it is appended.
    pub seq: Seq,
    /// Unique id, so that an import that is repeated adds nothing.
    pub event: u64,
    /// When it was made, in milliseconds since 1970.
    pub at: Millis,
    /// What the operator decided.
    pub ruled: Ruled,
}

/// What an operator event does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Ruled {
    /// These labels and operator events no longer count.
    Undo {
        /// The conditions by which they were chosen, for people to read.
        chosen: Selection,
        /// The `event` ids that are struck. Ids and not conditions, so that a later import cannot
        /// widen the choice.
        events: Vec<u64>,
    },
    /// The operator vouches for all who use the keys of this name.
    Vouch {
        /// Name of the keys.
        key_name: String,
    },
    /// The operator no longer vouches for the keys of this name.
    Unvouch {
        /// Name of the keys.
        key_name: String,
    },
}

/// A choice of labels. All conditions given must hold, and at least one must be given.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Selection {
    /// Labels by this reporter.
    #[serde(default)]
    pub reporter: Option<String>,
    /// Labels that came with a key of this name.
    #[serde(default)]
    pub key_name: Option<String>,
    /// Labels of this site.
    #[serde(default)]
    pub site: Option<SiteId>,
    /// Labels given at this time or later (milliseconds since 1970).
    #[serde(default)]
    pub since: Option<Millis>,
    /// Labels given before this time (milliseconds since 1970).
    #[serde(default)]
    pub until: Option<Millis>,
    /// Labels at these places; a place may also be that of an operator event.
    #[serde(default)]
    pub seqs: Vec<Seq>,
}

impl Selection {
    /// Whether no condition is given. Such a choice would mean every label.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether it chooses a label.
    pub fn chooses(&self, label: &LedgerEntry) -> bool {
        (self.seqs.is_empty() || self.seqs.contains(&label.seq))
            && self
                .reporter
                .as_ref()
                .is_none_or(|r| label.reporter.as_ref() == Some(r))
            && self.key_name.as_ref().is_none_or(|k| label.key_name == *k)
            && self.site.as_ref().is_none_or(|s| label.site == *s)
            && self.since.is_none_or(|since| label.at >= since)
            && self.until.is_none_or(|until| label.at < until)
    }

    /// Whether it chooses an operator event: only by its place, never by reporter, key, site or
    /// time.
    pub fn chooses_ruling(&self, ruling: &Ruling) -> bool {
        let by_place_alone = Self {
            seqs: self.seqs.clone(),
            ..Self::default()
        };
        *self == by_place_alone && self.seqs.contains(&ruling.seq)
    }
}
