//! How long words are kept: the setting in, checks without words out, round after round. What is left is enough for a later label to teach.
//!
//! A day's words go together, when its first moment is as old as the setting: until then they lie sealed under the key of that day, which is destroyed
//! after them (`store/vault.rs`). Never touches the ledger, which holds no words.

use crate::comment::{Comment, CommentId, Likeness, SiteId};
use crate::features::{FEATURES_VERSION, Features, Outline};
use crate::learn::online::minhash;
use crate::moderation::corrections::rounds::lock;
use crate::moderation::judging::evidence;
use crate::moderation::{Millis, Moderation, StoreError};
use crate::store::{DAY_MILLIS, Record, Store, Traces, whole};

/// For how many days the words of comments, their authors' names and addresses are kept; 0: they never come to disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Days of UTC, the first one counted from its beginning.
    pub days: u32,
}

impl Default for Retention {
    fn default() -> Self {
        Self { days: 90 }
    }
}

/// Where nothing comes to disk, the last checks may be seen in memory for so long.
const IN_MEMORY_ALONE: Millis = DAY_MILLIS;

impl Retention {
    /// What the last server on a store kept to.
    pub(crate) fn of(store: &Store) -> Result<Self, StoreError> {
        let days = store.retention_days()?;
        Ok(days.map_or_else(Self::default, |days| Self { days }))
    }

    /// Words from before this moment are not kept: the beginning of a day; the end of time if none are, for a clock that went back may have left some ahead.
    fn begins(self, now: Millis) -> Millis {
        if self.days == 0 {
            return Millis::MAX;
        }
        (now.div_euclid(DAY_MILLIS) - Millis::from(self.days) + 1) * DAY_MILLIS
    }

    /// Words from before this moment are nowhere, in memory neither.
    pub(crate) fn since(self, now: Millis) -> Millis {
        match self.days {
            0 => now - IN_MEMORY_ALONE,
            _ => self.begins(now),
        }
    }

    fn keeps(self, at: Millis, now: Millis) -> bool {
        self.days > 0 && at >= self.begins(now)
    }
}

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

impl Moderation {
    /// Keeps words for so long; without it, for as long as the last server on this store did. Where they never come to disk, corrections are off, for what
    /// waits to be sent would lie there.
    pub fn with_retention(mut self, retention: Retention) -> Result<Self, StoreError> {
        self.store.set_retention_days(retention.days)?;
        self.retention = retention;
        if retention.days == 0 {
            self.corrections.policy.window_hours = 0;
        }
        Ok(self)
    }

    /// Whether words of this moment may come to disk now.
    pub(crate) fn keeps_from(&self, at: Millis) -> bool {
        self.retention.keeps(at, (self.clock)())
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

    /// One round: takes the words of at most so many checks that are too old, and destroys the keys of days that have none left.
    pub fn sweep_words(&self, most: usize) -> Result<Swept, StoreError> {
        let now = (self.clock)();
        let begins = self.retention.begins(now);
        // Memory keeps no longer than the disk, unless the disk keeps nothing.
        match self.retention.days {
            0 => lock(&self.recent)
                .forget(|record| now.abs_diff(record.at) > IN_MEMORY_ALONE.unsigned_abs()),
            _ => lock(&self.recent).forget_before(begins),
        }
        let old = {
            // Not while a person is forgotten: what is read here would come back.
            let _alone = lock(&self.changing_words);
            let old = self.store.old_words(begins, most)?;
            let lists = self.rules.evidence();
            let thin: Vec<Record> = old
                .records
                .iter()
                .map(|record| {
                    let features = evidence::features_of(&lists, &record.comment);
                    without_words(record.clone(), &features)
                })
                .collect();
            if !old.is_empty() {
                self.store.take_words(&thin, &old)?;
            }
            old
        };
        let mut swept = Swept {
            checks: old.records.len(),
            days: 0,
            more: !old.is_empty(),
        };
        if !swept.more {
            let kept_for = self.corrections.policy.kept_for();
            self.drop_corrections_before(begins.max(now - kept_for))?;
            swept.days = self.store.destroy_words(begins)?;
            let _alone = lock(&self.changing_words);
            self.store.finish_renewal()?;
        }
        Ok(swept)
    }

    /// A correction names its author: it is not kept longer than the check, nor longer than anybody waits for it, delivered or not.
    fn drop_corrections_before(&self, moment: Millis) -> Result<(), StoreError> {
        let mut due = lock(&self.corrections.due);
        for correction in self.store.corrections().filter_map(whole) {
            let correction = correction?;
            if correction.at < moment {
                self.store.remove_correction(&correction.guid)?;
                due.pending.retain(|(_, guid)| *guid != correction.guid);
            }
        }
        Ok(())
    }
}

fn without_words(record: Record, features: &Features) -> Record {
    let traces = traces(&record.site, &record.comment, features);
    record.without_words(traces)
}

/// What is left of a comment without its words.
pub(crate) fn traces(site: &SiteId, comment: &Comment, features: &Features) -> Traces {
    Traces {
        comment: CommentId::of(site, comment),
        likeness: Likeness::of(site, comment),
        features: features.ids(),
        features_version: FEATURES_VERSION,
        sketch: minhash::sketch(features),
        outline: Outline::of(features),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_kept_for_so_many_days_with_the_one_that_runs() {
        let begins = |days, now| Retention { days }.begins(now);
        let noon = 1_000 * DAY_MILLIS + DAY_MILLIS / 2;
        assert_eq!(begins(1, noon), 1_000 * DAY_MILLIS);
        assert_eq!(begins(90, noon), 911 * DAY_MILLIS);
        assert_eq!(begins(0, noon), Millis::MAX);
    }
}
