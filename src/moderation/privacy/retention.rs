//! The retention in, hashed checks out, one round after another. What stays is enough for a later
//! label to teach. Never touches the ledger, which holds no personal text.
//!
//! The personal text of a day is removed together, when the first moment of the day is as old as
//! the setting. Until then it is encrypted under the key of that day, which is destroyed after the
//! text (`store/vault.rs`).

use std::sync::Arc;

use crate::clock::Millis;
use crate::features::Features;
use crate::moderation::checks::hashed::without_words;
use crate::moderation::judging::evidence;
use crate::moderation::privacy::setting::IN_MEMORY_ALONE;
use crate::moderation::privacy::state::Privacy;
use crate::store::{Record, StoreError, whole};

/// What one round did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swept {
    /// How many checks lost their personal text.
    pub checks: usize,
    /// How many days had their keys destroyed. A key is destroyed only when all text of its day is
    /// removed.
    pub days: usize,
    /// Whether there may be more to do: call again.
    pub more: bool,
}

impl Privacy {
    /// Whether personal text of a check made at `at` may be on disk now.
    pub(crate) fn keeps_from(&self, at: Millis) -> bool {
        self.retention.keeps(at, (self.context.clock)())
    }

    /// The record of a check in the form in which it may be on disk now; nearly always the same.
    pub(crate) fn for_disk(&self, record: &Arc<Record>, features: &Features) -> Arc<Record> {
        match record.traces.is_none() && self.keeps_from(record.at) {
            true => Arc::clone(record),
            false => Arc::new(self.as_kept(Record::clone(record), features)),
        }
    }

    /// The same of one that nobody else holds.
    pub(crate) fn as_kept(&self, mut record: Record, features: &Features) -> Record {
        match record.traces.take() {
            // An import may call a record hashed that still holds text, so the text is removed
            // again.
            Some(traces) => record.without_words(*traces),
            None if self.keeps_from(record.at) => record,
            None => without_words(record, features),
        }
    }

    /// One round: removes the personal text of at most `most` checks that are too old, and destroys
    /// the keys of days that have no text left.
    ///
    /// # Errors
    ///
    /// The store fails. The next round goes on.
    pub fn sweep_words(&self, most: usize) -> Result<Swept, StoreError> {
        let now = (self.context.clock)();
        let begins = self.retention.begins(now);
        // Memory keeps text no longer than the disk does, unless the disk keeps none.
        match self.retention.days {
            0 => self
                .context
                .checks
                .drop_recent(|record| now.abs_diff(record.at) > IN_MEMORY_ALONE.unsigned_abs()),
            _ => self.context.checks.drop_recent(|record| record.at < begins),
        }
        let old = {
            // Not while a person is erased: what is read here would be written back.
            let _alone = self.changing_words.lock();
            let old = self.context.store.old_words(begins, most)?;
            let lists = self.judging.rules.evidence();
            let thin: Vec<Record> = old
                .records
                .iter()
                .map(|record| {
                    let features = evidence::features_of(&lists, &record.comment);
                    without_words(record.clone(), &features)
                })
                .collect();
            if !old.is_empty() {
                self.context.store.take_words(&thin, &old)?;
            }
            old
        };
        let mut swept = Swept {
            checks: old.records.len(),
            days: 0,
            more: !old.is_empty(),
        };
        // Keys are destroyed only when no old text is left to remove.
        if !swept.more {
            let kept_for = self.corrections.notes.policy.kept_for();
            self.drop_corrections_before(begins.max(now - kept_for))?;
            swept.days = self.context.store.destroy_words(begins)?;
            let _alone = self.changing_words.lock();
            self.context.store.finish_renewal()?;
        }
        Ok(swept)
    }

    /// Removes corrections found before a time. A correction holds its author's address: it is kept
    /// no longer than the check, and no longer than its delivery is tried.
    fn drop_corrections_before(&self, moment: Millis) -> Result<(), StoreError> {
        let mut due = self.corrections.due.lock();
        for correction in self.context.store.corrections().filter_map(whole) {
            let correction = correction?;
            if correction.at < moment {
                self.context.store.remove_correction(&correction.guid)?;
                due.pending.retain(|(_, guid)| *guid != correction.guid);
            }
        }
        Ok(())
    }
}
