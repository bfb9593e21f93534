//! What is wrong, and what an operator should look at: written by the writers, read by probes and
//! metrics.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicU64;

use parking_lot::Mutex;

use crate::moderation::pulse::Pulses;
use crate::store::{Recovery, StoreError};

/// Figures of health, read by probes and metrics.
#[derive(Debug, Default)]
pub struct Health {
    pub(crate) pulses: Pulses,
    trouble: Mutex<Option<String>>,
    warnings: Mutex<BTreeMap<String, String>>,
    /// Records that found the queue full.
    pub records_dropped: AtomicU64,
    /// Hours in which one key said more labels than a person can.
    pub floods: AtomicU64,
    /// Labels since the start that count on their own site alone, because many others say the
    /// opposite.
    pub labels_quarantined: AtomicU64,
    /// Labels since the start that count on their own site alone, because nobody confirms them and
    /// their voice has no credit.
    pub labels_withheld: AtomicU64,
}

impl Health {
    /// What is wrong, if anything: checks are answered, but something is lost or refused.
    pub fn trouble(&self) -> Option<String> {
        self.trouble.lock().clone()
    }

    /// What an operator should look at, one sentence each; nothing is lost.
    pub fn warnings(&self) -> Vec<String> {
        let warnings = self.warnings.lock();
        warnings.values().cloned().collect()
    }

    /// Trouble with the store: in the log and in the probes.
    pub(crate) fn complain(&self, error: &StoreError) {
        tracing::error!(%error, "the store has trouble");
        self.set(Some(error.to_string()));
    }

    pub(crate) fn set(&self, trouble: Option<String>) {
        *self.trouble.lock() = trouble;
    }

    /// Says a sentence about something; the next one about the same takes its place.
    pub(crate) fn warn(&self, about: String, sentence: String) {
        tracing::warn!("{sentence}");
        let mut warnings = self.warnings.lock();
        // Names come from outside: a row of them must not fill the memory.
        if warnings.len() < MOST_WARNINGS || warnings.contains_key(&about) {
            warnings.insert(about, sentence);
        }
    }

    /// Damage that the start of the store has mended is still damage of a disk.
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

    /// Takes back what is no longer so.
    pub(crate) fn calm(&self, is_over: impl Fn(&str) -> bool) {
        let mut warnings = self.warnings.lock();
        warnings.retain(|about, _| !is_over(about));
    }
}

const MOST_WARNINGS: usize = 100;
