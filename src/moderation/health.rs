//! Troubles and warnings of writers in; sentences for probes, metrics and the log out. Never
//! repairs anything.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicU64;

use parking_lot::Mutex;

use crate::moderation::pulse::Pulses;
use crate::store::{Recovery, StoreError};

/// The state of health, read by probes and metrics.
#[derive(Debug, Default)]
pub struct Health {
    pub(crate) pulses: Pulses,
    trouble: Mutex<Option<String>>,
    warnings: Mutex<BTreeMap<String, String>>,
    /// Records that were not kept because the queue was full.
    pub records_dropped: AtomicU64,
    /// How often one key gave more labels in an hour than a person can.
    pub floods: AtomicU64,
    /// Labels since the start that count on their own site alone, because many other contributors
    /// gave near copies the opposite label.
    pub labels_quarantined: AtomicU64,
    /// Labels since the start that count on their own site alone, because no other contributor
    /// confirms them and their contributor has no credit left.
    pub labels_withheld: AtomicU64,
}

impl Health {
    /// The current trouble, if any: checks are answered, but something is lost or refused.
    pub fn trouble(&self) -> Option<String> {
        self.trouble.lock().clone()
    }

    /// What an operator should look at, one sentence each. Nothing is lost.
    pub fn warnings(&self) -> Vec<String> {
        let warnings = self.warnings.lock();
        warnings.values().cloned().collect()
    }

    /// Reports trouble with the store, in the log and in the probes.
    pub(crate) fn complain(&self, error: &StoreError) {
        tracing::error!(%error, "the store has trouble");
        self.set(Some(error.to_string()));
    }

    pub(crate) fn set(&self, trouble: Option<String>) {
        *self.trouble.lock() = trouble;
    }

    /// Adds a warning. A later warning with the same `about` replaces it.
    pub(crate) fn warn(&self, about: String, sentence: String) {
        tracing::warn!("{sentence}");
        let mut warnings = self.warnings.lock();
        // The names in warnings come from outside, so their number is limited.
        if warnings.len() < MOST_WARNINGS || warnings.contains_key(&about) {
            warnings.insert(about, sentence);
        }
    }

    /// Warns of damage that the start has repaired, because the disk may be failing.
    pub(crate) fn say_what_was_mended(&self, found: Recovery) {
        let Recovery {
            labels,
            others,
            in_journal,
            ..
        } = found;
        if labels + others > 0 {
            self.warn(
                "damage of the store".into(),
                format!("the store was damaged: {labels} labels and {others} rulings, keys and settings were put back from the journal at the start; checks, counts and lists have no second copy, so look at the disk"),
            );
        }
        if in_journal > 0 {
            self.warn(
                "damage of the journal".into(),
                "the journal was damaged and was written anew from the store at the start; look at the disk".into(),
            );
        }
    }

    /// Removes warnings that no longer apply.
    pub(crate) fn calm(&self, is_over: impl Fn(&str) -> bool) {
        let mut warnings = self.warnings.lock();
        warnings.retain(|about, _| !is_over(about));
    }
}

const MOST_WARNINGS: usize = 100;
