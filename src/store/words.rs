//! Personal text of checks: its age in, its removal out. A batch is rewritten without the text,
//! then the key of its day is destroyed. What stays is enough for a later label. Never removes a
//! check's hashes unless its author is erased.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::convert::Infallible;

use serde::Serialize;
use serde::de::DeserializeOwned;
use sled::transaction::{
    ConflictableTransactionError, TransactionError, Transactional, TransactionalTree,
};

use super::batch::{pack, words_key, words_place};
use super::error::{StoreError, failed, whole};
use super::layout::{BatchNumber, batch_key, batch_number, seal, unseal, window_key};
use super::places::{By, Place, value_of_guid};
use super::queue::{self, Why};
use super::record::Record;
use super::sealed::{keep_correction, open_correction};
use super::sled_store::Store;
use super::vault::{DayNumber, Keys};
use crate::clock::Millis;

/// Name of the stored setting.
const RETENTION: &str = "retention_days";
/// Name of the stored time of the last sweep.
const SWEPT_AT: &str = "swept_at";

/// Some checks with old personal text.
#[derive(Debug, Default)]
pub struct OldWords {
    /// Checks with personal text, those of the oldest batch first.
    pub records: Vec<Record>,
    /// Places of their batches in the order of time, and of batches that cannot be read.
    places: Vec<sled::IVec>,
}

impl OldWords {
    /// Whether nothing was found.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
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

    /// When the newest batch with personal text begins, of those that begin not later than `until`
    /// (milliseconds since 1970). An import may have brought checks dated in the future.
    ///
    /// # Errors
    ///
    /// The disk refuses.
    pub fn newest_words(&self, until: Millis) -> Result<Option<Millis>, StoreError> {
        let places = self.words.range(..words_place(until.saturating_add(1), 0));
        let newest = places.keys().next_back().transpose();
        let newest = newest.map_err(failed("read the days of words"))?;
        let at = newest.and_then(|place| place.first_chunk().copied());
        Ok(at.map(|at| u64::from_be_bytes(at) as Millis))
    }

    /// Checks with personal text before a time, those of the oldest batches; `most` limits how many.
    ///
    /// # Errors
    ///
    /// The disk refuses. A damaged batch comes back as its place in the order of time.
    pub fn old_words(&self, before: Millis, most: usize) -> Result<OldWords, StoreError> {
        let mut old = OldWords::default();
        for place in self.words.range(..words_place(before, 0)).keys() {
            if old.records.len() >= most {
                break;
            }
            let place = place.map_err(failed("read the days of words"))?;
            // Of a damaged batch only its place is known; it is removed with the text.
            let batch = {
                let keys = self.vault.keys();
                whole(self.unpacked(number_in(&place), &keys)).transpose()?
            };
            let records = batch.unwrap_or_default().records.into_iter();
            let is_old = |record: &Record| record.traces.is_none() && record.at < before;
            let room = most - old.records.len();
            old.records.extend(records.filter(is_old).take(room));
            old.places.push(place);
        }
        Ok(old)
    }

    /// Overwrites checks with their versions without personal text; on disk when it returns.
    ///
    /// # Errors
    ///
    /// The disk refuses.
    pub fn take_words(&self, thin: &[Record], old: &OldWords) -> Result<(), StoreError> {
        let thin: HashMap<&str, &Record> = thin.iter().map(|r| (r.guid.as_str(), r)).collect();
        for place in &old.places {
            let left = self.rewrite(number_in(place), |records| {
                let thinned = records.iter_mut();
                for record in thinned.filter(|record| record.traces.is_none()) {
                    if let Some(thin) = thin.get(record.guid.as_str()) {
                        *record = Record::clone(thin);
                    }
                }
            })?;
            // What cannot be read, or has no old text any more, is not looked at again.
            if left.as_deref() != Some(place.as_ref()) {
                self.words
                    .remove(place)
                    .map_err(failed("take words away"))?;
            }
        }
        self.sync()
    }

    /// Changes the records of a batch, and its place in the order of time with it. The personal
    /// text that stays is encrypted under the newest key of its day. Returns the place that it has
    /// then; `None` if no text is left, or it cannot be read and is unchanged.
    fn rewrite(
        &self,
        number: BatchNumber,
        change: impl FnOnce(&mut Vec<Record>),
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let _alone = self.rewriting.lock();
        // The read lock is held until the batch is in the store, as in all code that encrypts: its
        // key must not be destroyed in between.
        let keys = self.vault.keys();
        let batch = whole(self.unpacked(number, &keys)).transpose()?;
        // What cannot be read now stays as it is: its key may come back with an old `words.keys`.
        let Some(before) = batch.filter(|batch| !batch.is_wordless) else {
            return Ok(None);
        };
        let before = before.records;
        let mut after = before.clone();
        change(&mut after);
        let packed = pack(&after, &keys);
        let places = [&before, &after].map(|records| words_key(records, number));
        let rewritten = (&self.batches, &self.words).transaction(|(batches, words)| {
            put_batch(
                batches,
                words,
                number,
                &places,
                (!after.is_empty()).then_some(&packed),
            )
        });
        rewritten.map_err(storage("write words"))?;
        let [_, left] = places;
        Ok(left)
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
            let mut places = self.words.range(words_place(from, 0)..words_place(to, 0));
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

    /// Removes checks and everything that leads to them. What sled's log still holds of them is
    /// unreadable after [`Store::finish_renewal`].
    ///
    /// # Errors
    ///
    /// The disk refuses.
    pub fn remove_records(&self, records: &[Record]) -> Result<(), StoreError> {
        let mut by_batch: BTreeMap<BatchNumber, Vec<&Record>> = BTreeMap::new();
        for record in records {
            let value = value_of_guid(&record.guid);
            for place in self.places.find(By::Guid, value..=value)? {
                by_batch.entry(place.batch).or_default().push(record);
            }
        }
        for (number, gone) in by_batch {
            self.remove_from_batch(number, &gone)?;
        }
        self.sync()
    }

    /// Removes checks from a batch, all or none. One batch at a time, because other writers wait
    /// for a transaction. Personal text whose key is lost goes with them: to erase comes first.
    fn remove_from_batch(&self, number: BatchNumber, gone: &[&Record]) -> Result<(), StoreError> {
        let _alone = self.rewriting.lock();
        let keys = self.vault.keys();
        let Some(before) = whole(self.unpacked(number, &keys)).transpose()? else {
            return Ok(());
        };
        let before = before.records;
        let guids: HashSet<&str> = gone.iter().map(|record| record.guid.as_str()).collect();
        let (gone, left): (Vec<&Record>, Vec<&Record>) = before
            .iter()
            .partition(|record| guids.contains(record.guid.as_str()));
        let packed = pack(left.iter().copied(), &keys);
        let order = [
            words_key(&before, number),
            words_key(left.iter().copied(), number),
        ];
        let places = gone.iter().flat_map(|record| Place::both(record, number));
        self.places.remove(&places.collect(), |places| {
            let trees = (
                &self.batches,
                &self.words,
                &self.places.tree,
                &self.window,
                &self.corrections,
                &self.queue,
            );
            let removed = trees.transaction(|(batches, words, at, window, turned, queued)| {
                put_batch(
                    batches,
                    words,
                    number,
                    &order,
                    (!left.is_empty()).then_some(&packed),
                )?;
                at.apply_batch(places)?;
                for record in &gone {
                    window.remove(window_key(record.at, &record.guid))?;
                    turned.remove(record.guid.as_bytes())?;
                    for why in Why::ALL {
                        queued.remove(queue::key(&record.site, why, record.at, &record.guid))?;
                    }
                }
                Ok::<(), ConflictableTransactionError<Infallible>>(())
            });
            removed.map_err(storage("remove a check"))
        })
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

    fn seal_again(&self, days: &BTreeSet<DayNumber>) -> Result<(), StoreError> {
        for day in days {
            let (from, to) = day.span();
            let places = words_place(from, 0)..words_place(to, 0);
            for place in self.words.range(places).keys() {
                let place = place.map_err(failed("read the days of words"))?;
                self.rewrite(number_in(&place), |_| ())?;
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

    /// New corrections are written meanwhile, under the newest keys. So a value is only replaced if
    /// it is still the one that was read.
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

/// The number of a batch in its place in the order of time.
fn number_in(place: &[u8]) -> BatchNumber {
    place.get(8..).map_or(0, batch_number)
}

/// Writes a batch, or removes it, and moves its place in the order of time from the first to the
/// second; within a transaction.
fn put_batch(
    batches: &TransactionalTree,
    words: &TransactionalTree,
    number: BatchNumber,
    [before, after]: &[Option<Vec<u8>>; 2],
    packed: Option<&Vec<u8>>,
) -> Result<(), ConflictableTransactionError<Infallible>> {
    let key = batch_key(number);
    match packed {
        Some(packed) => batches.insert(&key, packed.as_slice())?,
        None => batches.remove(&key)?,
    };
    if let Some(before) = before {
        words.remove(before.as_slice())?;
    }
    if let Some(after) = after {
        words.insert(after.as_slice(), &[])?;
    }
    Ok(())
}

fn storage(action: &'static str) -> impl Fn(TransactionError<Infallible>) -> StoreError {
    move |error| match error {
        TransactionError::Storage(error) => failed(action)(error),
        TransactionError::Abort(never) => match never {},
    }
}
