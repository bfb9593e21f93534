//! Personal text of checks: its age in, its removal out. A check is rewritten without its text,
//! then the key of its day is destroyed. What stays is enough for a later label. Never removes a
//! check's hashes unless its author is erased.

use std::collections::BTreeSet;
use std::convert::Infallible;

use serde::Serialize;
use serde::de::DeserializeOwned;
use sled::transaction::{ConflictableTransactionError, TransactionError, Transactional};

use super::error::{StoreError, failed, whole};
use super::layout::{alike_key, seal, unseal, window_key};
use super::queue::{self, Why};
use super::record::Record;
use super::sealed::{keep, keep_correction, open_correction, unkeep};
use super::sled_store::Store;
use super::vault::{DayNumber, Keys};
use crate::clock::Millis;

/// Name of the stored setting.
const RETENTION: &str = "retention_days";
/// Name of the stored time of the last sweep.
const SWEPT_AT: &str = "swept_at";

/// One batch of checks with old personal text.
#[derive(Debug, Default)]
pub struct OldWords {
    /// Checks with personal text, oldest first.
    pub records: Vec<Record>,
    /// Keys in the index of checks that cannot be read or do not exist.
    unreadable: Vec<sled::IVec>,
}

impl OldWords {
    /// Whether nothing was found.
    pub fn is_empty(&self) -> bool {
        self.records.is_empty() && self.unreadable.is_empty()
    }
}

impl Store {
    /// The retention of the last server, in days; commands on a stopped store use it.
    ///
    /// # Errors
    ///
    /// The setting is damaged on disk, or the disk refuses.
    pub fn retention_days(&self) -> Result<Option<u32>, StoreError> {
        self.noted(RETENTION)
    }

    /// Stores the retention for these commands, in days.
    ///
    /// # Errors
    ///
    /// The disk refuses.
    pub fn set_retention_days(&self, days: u32) -> Result<(), StoreError> {
        self.note(RETENTION, &days)
    }

    /// When the last sweep was, by the clock of that time, in milliseconds since 1970.
    ///
    /// # Errors
    ///
    /// The note is damaged on disk, or the disk refuses.
    pub fn swept_at(&self) -> Result<Option<Millis>, StoreError> {
        self.noted(SWEPT_AT)
    }

    /// Stores the time of a sweep, in milliseconds since 1970.
    ///
    /// # Errors
    ///
    /// The disk refuses.
    pub fn set_swept_at(&self, at: Millis) -> Result<(), StoreError> {
        self.note(SWEPT_AT, &at)
    }

    fn noted<T: DeserializeOwned>(&self, name: &'static str) -> Result<Option<T>, StoreError> {
        let kept = self.db.get(name).map_err(failed("read a setting"))?;
        kept.map(|bytes| unseal(&bytes, || format!("the setting {name}")))
            .transpose()
    }

    fn note(&self, name: &'static str, value: &impl Serialize) -> Result<(), StoreError> {
        self.db
            .insert(name, seal(value))
            .map(|_| ())
            .map_err(failed("write a setting"))
    }

    /// When the newest check with personal text was made, of those not later than `until`
    /// (milliseconds since 1970). An import may have brought checks dated in the future.
    ///
    /// # Errors
    ///
    /// The disk refuses.
    pub fn newest_words(&self, until: Millis) -> Result<Option<Millis>, StoreError> {
        let places = self.words.range(..window_key(until.saturating_add(1), ""));
        let newest = places.keys().next_back().transpose();
        let newest = newest.map_err(failed("read the days of words"))?;
        let at = newest.and_then(|place| place.first_chunk().copied());
        Ok(at.map(|at| u64::from_be_bytes(at) as Millis))
    }

    /// The oldest checks with personal text before a time; `most` limits how many.
    ///
    /// # Errors
    ///
    /// The disk refuses. A damaged check comes back as its place in the index.
    pub fn old_words(&self, before: Millis, most: usize) -> Result<OldWords, StoreError> {
        let mut old = OldWords::default();
        let range = ..window_key(before, "");
        for place in self.words.range(range).keys().take(most) {
            let place = place.map_err(failed("read the days of words"))?;
            let guid = std::str::from_utf8(place.get(8..).unwrap_or_default()).unwrap_or("");
            // Of a damaged check only its place in the index is known; it is removed with the text.
            match whole(self.record(guid)).transpose()?.flatten() {
                Some(record) if record.traces.is_none() => old.records.push(record),
                _ => old.unreadable.push(place),
            }
        }
        Ok(old)
    }

    /// Overwrites checks with their versions without personal text; on disk when it returns.
    ///
    /// # Errors
    ///
    /// The disk refuses.
    pub fn take_words(&self, thin: &[Record], old: &OldWords) -> Result<(), StoreError> {
        let keys = self.vault.keys();
        let (mut records, mut places) = (sled::Batch::default(), sled::Batch::default());
        for record in thin {
            records.insert(record.guid.as_bytes(), keep(record, &keys));
            places.remove(window_key(record.at, &record.guid));
        }
        for place in &old.unreadable {
            places.remove(place);
        }
        drop(keys);
        // Records before the index: after a stop in between, a place too many is looked at again,
        // but a record without its place would keep its text for ever.
        self.records
            .apply_batch(records)
            .map_err(failed("take words away"))?;
        self.words
            .apply_batch(places)
            .map_err(failed("take words away"))?;
        self.sync()
    }

    /// Destroys the keys of all days that ended by a time, so that what sled's log still holds of
    /// their text is unreadable; returns how many days. A day keeps its key if a check came to it
    /// after the text was taken, until the next sweep.
    ///
    /// # Errors
    ///
    /// The disk refuses the store or the file of keys.
    pub fn destroy_words(&self, before: Millis) -> Result<usize, StoreError> {
        // The checks without text must be on disk first: with the key, the versions with text are
        // lost.
        self.sync()?;
        self.vault.destroy_before(before, |day| {
            let (from, to) = day.span();
            let mut places = self.words.range(window_key(from, "")..window_key(to, ""));
            let first = places.next().transpose();
            first
                .map(|place| place.is_none())
                .map_err(failed("read the days of words"))
        })
    }

    /// Makes new keys for the days of these times, if anything was encrypted for them. From now on
    /// text of these days is encrypted under the new keys. Text under the old keys can be read
    /// until [`Store::finish_renewal`]; if that is never called, the next sweep does it.
    ///
    /// # Errors
    ///
    /// The disk refuses the file of keys.
    pub fn begin_renewal(
        &self,
        moments: impl IntoIterator<Item = Millis>,
    ) -> Result<(), StoreError> {
        let mut days: BTreeSet<DayNumber> = moments.into_iter().map(DayNumber::at).collect();
        let mut keys = self.vault.keys_alone();
        days.retain(|day| keys.has(*day));
        if days.is_empty() {
            return Ok(());
        }
        let mut more = keys.clone();
        days.iter().for_each(|day| more.add(*day));
        self.vault.write(&more)?;
        *keys = more;
        Ok(())
    }

    /// Removes checks and all index entries that lead to them. What sled's log still holds of them
    /// is unreadable after [`Store::finish_renewal`].
    ///
    /// # Errors
    ///
    /// The disk refuses.
    pub fn remove_records(&self, records: &[Record]) -> Result<(), StoreError> {
        let trees = (
            &self.records,
            &self.words,
            &self.checked,
            &self.window,
            &self.corrections,
            &self.queue,
        );
        for record in records {
            let guid = record.guid.as_bytes();
            let place = window_key(record.at, &record.guid);
            let alike = alike_key(&record.site, record.likeness(), record.at, &record.guid);
            // All or nothing. Without its place in the index, a renewal would not encrypt the
            // record again; a place without its record would lead nowhere. One check at a time,
            // because other writers wait for a transaction.
            let removed = trees.transaction(|(records, words, checked, window, turned, queued)| {
                records.remove(guid)?;
                words.remove(place.as_slice())?;
                checked.remove(alike.as_slice())?;
                window.remove(place.as_slice())?;
                turned.remove(guid)?;
                for why in Why::ALL {
                    queued.remove(queue::key(&record.site, why, record.at, &record.guid))?;
                }
                Ok::<(), ConflictableTransactionError<Infallible>>(())
            });
            removed.map_err(|error| match error {
                TransactionError::Storage(error) => failed("remove a check")(error),
                TransactionError::Abort(never) => match never {},
            })?;
        }
        self.sync()
    }

    /// Encrypts again, under the newest key, all text of days with several keys, and destroys the
    /// older keys. Returns how many days.
    ///
    /// # Errors
    ///
    /// The disk refuses the store or the file of keys. Damaged rows are skipped.
    pub fn finish_renewal(&self) -> Result<usize, StoreError> {
        let days = self.vault.keys().unfinished();
        if days.is_empty() {
            return Ok(0);
        }
        self.seal_again(&days)?;
        // What was encrypted again must be on disk before its old key is destroyed.
        self.sync()?;
        let mut keys = self.vault.keys_alone();
        let mut fewer = keys.clone();
        days.iter().for_each(|day| fewer.keep_newest(*day));
        self.vault.write(&fewer)?;
        *keys = fewer;
        Ok(days.len())
    }

    /// New checks are written meanwhile, under the newest keys. So a value is only replaced if it
    /// is still the one that was read.
    fn seal_again(&self, days: &BTreeSet<DayNumber>) -> Result<(), StoreError> {
        for day in days {
            let (from, to) = day.span();
            let places = window_key(from, "")..window_key(to, "");
            for place in self.words.range(places).keys() {
                let place = place.map_err(failed("read the days of words"))?;
                let guid = place.get(8..).unwrap_or_default();
                self.seal_one_again(&self.records, guid, |value, keys| {
                    let what = || format!("the record of check {}", String::from_utf8_lossy(guid));
                    unkeep(value, keys, what).map(|record| keep(&record, keys))
                })?;
            }
        }
        // Corrections have no index by day, so all of them are encrypted again.
        for guid in self.corrections.iter().keys() {
            let guid = guid.map_err(failed("read corrections"))?;
            self.seal_one_again(&self.corrections, &guid, |value, keys| {
                let correction = open_correction(&guid, value, keys)?;
                Ok(keep_correction(&correction, keys))
            })?;
        }
        Ok(())
    }

    fn seal_one_again(
        &self,
        tree: &sled::Tree,
        guid: &[u8],
        again: impl Fn(&[u8], &Keys) -> Result<Vec<u8>, StoreError>,
    ) -> Result<(), StoreError> {
        // The read lock is held until the value is in the store, as in all code that encrypts: its
        // key must not be destroyed in between.
        let keys = self.vault.keys();
        let Some(value) = tree.get(guid).map_err(failed("read words"))? else {
            return Ok(());
        };
        let Some(sealed) = whole(again(&value, &keys)).transpose()? else {
            return Ok(());
        };
        // If another writer was faster, the row is removed or already under the newest key.
        let _ = tree
            .compare_and_swap(guid, Some(value), Some(sealed))
            .map_err(failed("write words"))?;
        Ok(())
    }
}
