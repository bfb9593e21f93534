//! Checks on disk: whole, with the words sealed under the key of their day, or without words. What
//! is left without words is enough for a later label.

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

/// Where the setting lies.
const RETENTION: &str = "retention_days";
/// Where it is noted when words were swept.
const SWEPT_AT: &str = "swept_at";

/// What a round found.
#[derive(Debug, Default)]
pub struct OldWords {
    /// Checks with words, oldest first.
    pub records: Vec<Record>,
    /// Places of checks that cannot be read, or are not there.
    unreadable: Vec<sled::IVec>,
}

impl OldWords {
    /// Whether nothing was found.
    pub fn is_empty(&self) -> bool {
        self.records.is_empty() && self.unreadable.is_empty()
    }
}

impl Store {
    /// The setting a server last kept words by, in days; commands on a stopped store keep to it.
    ///
    /// # Errors
    ///
    /// The setting is damaged on disk, or the disk refuses.
    pub fn retention_days(&self) -> Result<Option<u32>, StoreError> {
        self.noted(RETENTION)
    }

    /// Notes the setting for them.
    ///
    /// # Errors
    ///
    /// The disk refuses.
    pub fn set_retention_days(&self, days: u32) -> Result<(), StoreError> {
        self.note(RETENTION, &days)
    }

    /// When words were swept last, by the clock of then.
    ///
    /// # Errors
    ///
    /// The note is damaged on disk, or the disk refuses.
    pub fn swept_at(&self) -> Result<Option<Millis>, StoreError> {
        self.noted(SWEPT_AT)
    }

    /// Notes that they are.
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

    /// When the newest check with words was made, of those not after a moment: an import may have
    /// brought some from the future.
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

    /// The oldest checks with words before a moment, at most so many.
    ///
    /// # Errors
    ///
    /// The disk refuses. Of what is damaged the place comes back.
    pub fn old_words(&self, before: Millis, most: usize) -> Result<OldWords, StoreError> {
        let mut old = OldWords::default();
        let range = ..window_key(before, "");
        for place in self.words.range(range).keys().take(most) {
            let place = place.map_err(failed("read the days of words"))?;
            let guid = std::str::from_utf8(place.get(8..).unwrap_or_default()).unwrap_or("");
            // Of what is damaged nothing is left but its place, which goes with the words.
            match whole(self.record(guid)).transpose()?.flatten() {
                Some(record) if record.traces.is_none() => old.records.push(record),
                _ => old.unreadable.push(place),
            }
        }
        Ok(old)
    }

    /// Writes checks without their words over those with them; on disk when it returns.
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
        // Records first: a place too many is looked at again, one too few never.
        self.records
            .apply_batch(records)
            .map_err(failed("take words away"))?;
        self.words
            .apply_batch(places)
            .map_err(failed("take words away"))?;
        self.sync()
    }

    /// Destroys the keys of all days that ended by a moment, and with them what sled's log still
    /// holds of their words; says how many days. A day to which a check has come since its words
    /// were taken keeps its key, until they are taken again.
    ///
    /// # Errors
    ///
    /// The disk refuses the store or the file of keys.
    pub fn destroy_words(&self, before: Millis) -> Result<usize, StoreError> {
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

    /// New keys for the days of these moments, as far as anything was sealed on them: what is
    /// sealed from now on is sealed under them. What lies under the old ones can be read until
    /// [`Store::finish_renewal`]; if that never comes, the next sweep does it.
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

    /// Removes checks and all that leads to them; what sled's log holds of them is gone after
    /// [`Store::finish_renewal`].
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
            // All or nothing: a record without its place among the words would be sealed anew by no
            // renewal, and a place without its record would lead nowhere. One check at a time, for
            // others wait meanwhile.
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

    /// Seals again, under the newest key of their day, all words of days with several, and destroys
    /// the older keys. Says how many days.
    ///
    /// # Errors
    ///
    /// The disk refuses the store or the file of keys. What is damaged is passed over.
    pub fn finish_renewal(&self) -> Result<usize, StoreError> {
        let days = self.vault.keys().unfinished();
        if days.is_empty() {
            return Ok(0);
        }
        self.seal_again(&days)?;
        self.sync()?;
        let mut keys = self.vault.keys_alone();
        let mut fewer = keys.clone();
        days.iter().for_each(|day| fewer.keep_newest(*day));
        self.vault.write(&fewer)?;
        *keys = fewer;
        Ok(days.len())
    }

    /// Checks are written meanwhile, under the newest keys: so a value is only replaced while it is
    /// the one that was read.
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
        // Held until it is in the store, as all who seal do: the key it is sealed under must not be
        // replaced in between.
        let keys = self.vault.keys();
        let Some(value) = tree.get(guid).map_err(failed("read words"))? else {
            return Ok(());
        };
        let Some(sealed) = whole(again(&value, &keys)).transpose()? else {
            return Ok(());
        };
        // Who came between has written under the newest key, or removed it.
        let _ = tree
            .compare_and_swap(guid, Some(value), Some(sealed))
            .map_err(failed("write words"))?;
        Ok(())
    }
}
