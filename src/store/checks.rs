//! Records of checks in, records out by guid or by likeness. Records are written in batches, each in
//! one transaction with all that is counted of it. A write never syncs the store.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use sled::transaction::{ConflictableTransactionError, TransactionError, Transactional};

use super::batch::{Unpacked, divide, pack, unpack, words_key};
use super::error::{StoreError, failed, whole};
use super::layout::{BatchNumber, batch_key, batch_number, window_key};
use super::places::{By, Place, Places, value_of_guid, value_of_likeness, values_beginning};
use super::queue::{self, Waiting};
use super::record::{Callback, Record};
use super::sled_store::Store;
use super::sums::Sums;
use super::vault::{DayNumber, Keys};
use super::{day_sums, usage_rows};
use crate::comment::{Likeness, SiteId};

impl Store {
    /// Writes records, queue rows and counts in one transaction: all or none. They are on disk with
    /// the next sync, at most half a second later. No record may have a guid that is there already.
    ///
    /// # Errors
    ///
    /// The disk refuses, or no key can be made for a day of personal text.
    pub fn put_records<'a>(
        &self,
        records: impl IntoIterator<Item = &'a Record>,
        waiting: &[Waiting],
        more: &Sums,
    ) -> Result<(), StoreError> {
        let mut by_day: BTreeMap<Option<DayNumber>, Vec<&Record>> = BTreeMap::new();
        // A file to import may name a check twice.
        let mut guids = HashSet::new();
        for record in records
            .into_iter()
            .filter(|record| guids.insert(&record.guid))
        {
            by_day
                .entry(record.day_of_words())
                .or_default()
                .push(record);
        }
        let days: BTreeSet<DayNumber> = by_day.keys().copied().flatten().collect();
        let mut batches = sled::Batch::default();
        let mut in_window = sled::Batch::default();
        let mut with_words = sled::Batch::default();
        let mut rows = sled::Batch::default();
        let mut found_at = Vec::new();
        // The read lock is held until the records are in the store. Otherwise a renewal could
        // destroy the key after a record was encrypted and before it can be found and encrypted
        // again.
        let keys = self.vault.ready(&days)?;
        for batch in by_day.values().flat_map(|records| divide(records)) {
            let number = self.next_batch.fetch_add(1, Ordering::Relaxed);
            batches.insert(&batch_key(number), pack(batch.iter().copied(), &keys));
            let places: Vec<Place> = batch
                .iter()
                .flat_map(|record| Place::both(record, number))
                .collect();
            let (key, row) = Places::row(number, &places);
            rows.insert(key, row);
            found_at.extend(places);
            if let Some(key) = words_key(batch.iter().copied(), number) {
                with_words.insert(key, &[]);
            }
            for record in batch {
                if let Callback::At(_) = record.callback {
                    in_window.insert(window_key(record.at, &record.guid), &[]);
                }
            }
        }
        let trees = (
            &self.batches,
            &self.places.tree,
            &self.window,
            &self.words,
            &self.days,
            &self.months,
            &self.figures.tree,
            &self.queue,
            &self.portraits.tree,
            &self.changed.tree,
        );
        let written = trees.transaction(
            |(kept, places, window, words, days, months, figures, queued, portraits, changed)| {
                kept.apply_batch(&batches)?;
                places.apply_batch(&rows)?;
                window.apply_batch(&in_window)?;
                words.apply_batch(&with_words)?;
                for (of, more) in &more.used {
                    usage_rows::add(days, months, of, *more)?;
                }
                day_sums::add(figures, &more.figures)?;
                queue::put(queued, waiting)?;
                day_sums::add(portraits, &more.portraits)?;
                day_sums::add(changed, &more.changed)?;
                Ok::<(), ConflictableTransactionError<Infallible>>(())
            },
        );
        written.map_err(|error| match error {
            TransactionError::Storage(error) => failed("write checks")(error),
            TransactionError::Abort(never) => match never {},
        })?;
        self.places.note(&found_at);
        Ok(())
    }

    /// The record of a check. If the key of its personal text is lost, the record counts as
    /// missing; the log says so once.
    ///
    /// # Errors
    ///
    /// It is damaged on disk, or the disk refuses.
    pub fn record(&self, guid: &str) -> Result<Option<Record>, StoreError> {
        let value = value_of_guid(guid);
        for place in self.places.find(By::Guid, value..=value)? {
            let records = self.batch(place.batch)?.into_iter();
            if let Some(record) = records.into_iter().find(|record| record.guid == guid) {
                return Ok(Some(record));
            }
        }
        Ok(None)
    }

    /// The last checks of a site with this likeness, newest first; `most` limits how many are read.
    ///
    /// # Errors
    ///
    /// The disk refuses. A damaged record is skipped.
    pub fn records_like(
        &self,
        site: &SiteId,
        likeness: Likeness,
        most: usize,
    ) -> Result<Vec<Record>, StoreError> {
        let value = value_of_likeness(site, likeness);
        let mut places = self.places.find(By::Likeness, value..=value)?;
        places.truncate(most);
        let mut records = Vec::new();
        for number in places
            .into_iter()
            .map(|place| place.batch)
            .collect::<BTreeSet<_>>()
        {
            // A damaged batch must not hide the others: the record that the caller looks for may
            // be in one of them.
            let batch = whole(self.batch(number)).transpose()?.unwrap_or_default();
            let is_like = |record: &Record| record.site == *site && record.likeness() == likeness;
            records.extend(batch.into_iter().filter(is_like));
        }
        records.sort_by(|one, other| (other.at, &other.guid).cmp(&(one.at, &one.guid)));
        records.truncate(most);
        Ok(records)
    }

    /// At most so many guids of checks that begin so.
    ///
    /// # Errors
    ///
    /// The disk refuses. A damaged record is skipped.
    pub fn guids_beginning(&self, begin: &str, most: usize) -> Result<Vec<String>, StoreError> {
        let Some(values) = values_beginning(begin) else {
            return Ok(Vec::new());
        };
        let mut guids = BTreeSet::new();
        for place in self.places.find(By::Guid, values)? {
            let batch = whole(self.batch(place.batch))
                .transpose()?
                .unwrap_or_default();
            let found = batch.into_iter().map(|record| record.guid);
            guids.extend(found.filter(|guid| guid.starts_with(begin)));
            if guids.len() >= most {
                break;
            }
        }
        Ok(guids.into_iter().take(most).collect())
    }

    /// All records, in the order in which they were written.
    pub fn records(self: &Arc<Self>) -> impl Iterator<Item = Result<Record, StoreError>> + use<> {
        let store = Arc::clone(self);
        self.batches.iter().keys().flat_map(move |key| {
            let number = key
                .map_err(failed("read checks"))
                .map(|key| batch_number(&key));
            match number.and_then(|number| store.batch(number)) {
                Ok(records) => records.into_iter().map(Ok).collect(),
                Err(error) => vec![Err(error)],
            }
        })
    }

    /// Finds the places of all checks anew if there are none, as in a store that was salvaged.
    pub(super) fn find_all_places(&self) -> Result<(), StoreError> {
        if !self.places.is_empty() {
            return Ok(());
        }
        for key in self.batches.iter().keys() {
            let number = batch_number(&key.map_err(failed("read checks"))?);
            let batch = whole(self.batch(number)).transpose()?.unwrap_or_default();
            let both = batch.iter().flat_map(|record| Place::both(record, number));
            self.places.put(number, &both.collect::<Vec<_>>())?;
        }
        Ok(())
    }

    /// The records of a batch; none if it is not there. Records whose key is lost are passed over,
    /// and the log says so once.
    fn batch(&self, number: BatchNumber) -> Result<Vec<Record>, StoreError> {
        // The lock comes before the value: the key must not be destroyed between the two.
        let keys = self.vault.keys();
        self.unpacked(number, &keys).map(|batch| batch.records)
    }

    /// The same for who holds the lock of the keys.
    pub(super) fn unpacked(
        &self,
        number: BatchNumber,
        keys: &Keys,
    ) -> Result<Unpacked, StoreError> {
        let value = self
            .batches
            .get(batch_key(number))
            .map_err(failed("read checks"))?;
        let Some(value) = value else {
            return Ok(Unpacked::default());
        };
        let what = || format!("batch {number} of checks");
        let unpacked = unpack(&value, keys, what)?;
        if unpacked.is_wordless {
            self.say_wordless(&StoreError::Wordless { what: what() });
        }
        Ok(unpacked)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::comment::Comment;
    use crate::store::DEFAULT_CACHE_BYTES;

    #[test]
    fn checks_of_comments_alike_are_found_newest_first_and_those_with_a_callback_are_in_the_window()
    {
        let dir = tempfile::tempdir().expect("a folder");
        let store = Store::open(dir.path(), DEFAULT_CACHE_BYTES).expect("opens");
        let site = SiteId::parse("blog.example").expect("a site");
        let comment = Comment::from_text("hay quá");
        let record = |guid: &str, at, callback| Record {
            guid: guid.into(),
            at,
            site: site.clone(),
            comment: comment.clone(),
            assessment: crate::filter::check(
                &crate::model::Model::cold(),
                &comment,
                crate::model::layers::Live {
                    shared: &Default::default(),
                    site: None,
                },
            ),
            key: String::new(),
            callback,
            traces: None,
        };
        let called = Callback::At("http://blog.example/hook".into());
        let records = [
            record("two", 1_000, called.clone()),
            record("one", 999, called),
            record("three", 70_000, Callback::None),
        ];
        store
            .put_records(&records, &[], &Sums::default())
            .expect("writes");
        let like = |most| {
            let found = store.records_like(&site, Likeness::of(&site, &comment), most);
            let found = found.expect("reads").into_iter();
            found.map(|record| record.guid).collect::<Vec<_>>()
        };
        assert_eq!(like(9), ["three", "two", "one"]);
        assert_eq!(like(1), ["three"]);
        let window = |since| {
            let found = store.window(since).map(|item| item.expect("reads").1);
            found.collect::<Vec<_>>()
        };
        assert_eq!(window(0), ["two", "one"]);
        assert_eq!(window(1_000), ["two"]);
        store.shorten_window(1_000).expect("writes");
        assert_eq!(window(0), ["two"]);
        store.leave_window(&records[0]).expect("writes");
        assert!(window(0).is_empty());
    }
}
