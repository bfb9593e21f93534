//! What the operator rules about labels: these were never said, this key is vouched for. Rulings
//! share the places of the ledger, are never changed and never removed; a later one may take an
//! earlier one back.

use serde::{Deserialize, Serialize};

use super::entry::LedgerEntry;
use super::layout::Seq;
use crate::clock::Millis;
use crate::comment::SiteId;

/// One ruling.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ruling {
    /// Its place, from the same row as the labels'; 0 before it is appended.
    pub seq: Seq,
    /// Unique id, so that an import repeated adds nothing.
    pub event: u64,
    /// When.
    pub at: Millis,
    /// What was ruled.
    pub ruled: Ruled,
}

/// What a ruling says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Ruled {
    /// These were never said.
    Undo {
        /// How they were chosen, for people.
        chosen: Selection,
        /// Events of the labels and rulings struck: whatever is imported later, nothing else is
        /// ever meant.
        events: Vec<u64>,
    },
    /// The operator answers for all who use the keys of this name.
    Vouch {
        /// Name of the keys.
        key_name: String,
    },
    /// No longer.
    Unvouch {
        /// Name of the keys.
        key_name: String,
    },
}

/// Which labels; all conditions given must hold, and at least one must be given.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Selection {
    /// Said by this reporter.
    #[serde(default)]
    pub reporter: Option<String>,
    /// Said with a key of this name.
    #[serde(default)]
    pub key_name: Option<String>,
    /// On this site.
    #[serde(default)]
    pub site: Option<SiteId>,
    /// Said at or after.
    #[serde(default)]
    pub since: Option<Millis>,
    /// Said before.
    #[serde(default)]
    pub until: Option<Millis>,
    /// At these places; a place may be that of a ruling.
    #[serde(default)]
    pub seqs: Vec<Seq>,
}

impl Selection {
    /// Whether no condition is given: then it would choose everything.
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

    /// Whether it chooses a ruling: only by its place, never by who or when.
    pub fn chooses_ruling(&self, ruling: &Ruling) -> bool {
        let by_place_alone = Self {
            seqs: self.seqs.clone(),
            ..Self::default()
        };
        *self == by_place_alone && self.seqs.contains(&ruling.seq)
    }
}
