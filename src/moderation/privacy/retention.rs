//! How long words are kept: the setting in, checks without words out, round after round. What is
//! left is enough for a later label to teach.
//!
//! A day's words go together, when its first moment is as old as the setting: until then they lie
//! sealed under the key of that day, which is destroyed after them (`store/vault.rs`). Never
//! touches the ledger, which holds no words.

use crate::clock::Millis;
use crate::features::Features;
use crate::moderation::checks::hashed::without_words;
use crate::moderation::judging::evidence;
use crate::moderation::privacy::setting::IN_MEMORY_ALONE;
use crate::moderation::privacy::state::Privacy;
use crate::store::{Record, StoreError, whole};

/// What a round did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swept {
    /// Checks whose words were taken away.
    pub checks: usize,
    /// Days whose keys were destroyed; none before all their words are gone.
    pub days: usize,
    /// Whether there may be more: ask again.
    pub more: bool,
}

impl Privacy {
    /// Whether words of this moment may come to disk now.
    pub(crate) fn keeps_from(&self, at: Millis) -> bool {
        self.retention.keeps(at, (self.context.clock)())
    }

    /// The check as it may come to disk now.
    pub(crate) fn as_kept(&self, mut record: Record, features: &Features) -> Record {
        match record.traces.take() {
            // What an import calls thin need not be.
            Some(traces) => record.without_words(*traces),
            None if self.keeps_from(record.at) => record,
            None => without_words(record, features),
        }
    }

    /// One round: takes the words of at most so many checks that are too old, and destroys the keys
    /// of days that have none left.
    ///
    /// # Errors
    ///
    /// If the store fails; the next round goes on.
    pub fn sweep_words(&self, most: usize) -> Result<Swept, StoreError> {
        let now = (self.context.clock)();
        let begins = self.retention.begins(now);
        // Memory keeps no longer than the disk, unless the disk keeps nothing.
        match self.retention.days {
            0 => self
                .context
                .checks
                .drop_recent(|record| now.abs_diff(record.at) > IN_MEMORY_ALONE.unsigned_abs()),
            _ => self.context.checks.drop_recent(|record| record.at < begins),
        }
        let old = {
            // Not while a person is forgotten: what is read here would come back.
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
        if !swept.more {
            let kept_for = self.corrections.notes.policy.kept_for();
            self.drop_corrections_before(begins.max(now - kept_for))?;
            swept.days = self.context.store.destroy_words(begins)?;
            let _alone = self.changing_words.lock();
            self.context.store.finish_renewal()?;
        }
        Ok(swept)
    }

    /// A correction names its author: it is not kept longer than the check, nor longer than anybody
    /// waits for it, delivered or not.
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
