//! Records of checks in, records out by guid or by likeness. A record is written in one transaction
//! with all that is counted of it. A write never syncs the store.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::sync::Arc;

use sled::transaction::{ConflictableTransactionError, TransactionError, Transactional};

use super::error::{StoreError, failed, whole};
use super::layout::{alike_key, alike_prefix, window_key};
use super::queue::{self, Waiting};
use super::record::{Callback, Record};
use super::sealed::{keep, unkeep};
use super::sled_store::Store;
use super::sums::Sums;
use super::{day_sums, usage_rows};
use crate::comment::{Likeness, SiteId};

impl Store {
    /// Writes records, queue rows and counts in one transaction: all or none. They are on disk with
    /// the next sync, at most half a second later.
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
        let records: Vec<&Record> = records.into_iter().collect();
        let mut batch = sled::Batch::default();
        let mut checked = sled::Batch::default();
        let mut in_window = sled::Batch::default();
        let mut with_words = sled::Batch::default();
        let days: BTreeSet<_> = records.iter().filter_map(|r| r.day_of_words()).collect();
        // The read lock is held until the records are in the store. Otherwise a renewal could
        // destroy the key after a record was encrypted and before it can be found and encrypted
        // again.
        let keys = self.vault.ready(&days)?;
        for record in records {
            batch.insert(record.guid.as_bytes(), keep(record, &keys));
            checked.insert(
                alike_key(&record.site, record.likeness(), record.at, &record.guid),
                &[],
            );
            if record.traces.is_none() {
                with_words.insert(window_key(record.at, &record.guid), &[]);
            }
            if let Callback::At(_) = record.callback {
                in_window.insert(window_key(record.at, &record.guid), &[]);
            }
        }
        let trees = (
            &self.records,
            &self.checked,
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
            |(
                records,
                places,
                window,
                words,
                days,
                months,
                figures,
                queued,
                portraits,
                changed,
            )| {
                records.apply_batch(&batch)?;
                places.apply_batch(&checked)?;
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
        })
    }

    /// The record of a check. If the key of its personal text is lost, the record counts as
    /// missing; the log says so once.
    ///
    /// # Errors
    ///
    /// It is damaged on disk, or the disk refuses.
    pub fn record(&self, guid: &str) -> Result<Option<Record>, StoreError> {
        // The lock comes before the value: the key must not be destroyed between the two.
        let keys = self.vault.keys();
        let value = self.records.get(guid).map_err(failed("read a check"))?;
        let read =
            |value: sled::IVec| unkeep(&value, &keys, || format!("the record of check {guid}"));
        self.unless_wordless(value.map(read))
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
        let prefix = alike_prefix(site, likeness);
        let guid_at = prefix.len() + 8;
        let mut records = Vec::new();
        for key in self.checked.scan_prefix(prefix).keys().rev().take(most) {
            let key = key.map_err(failed("read a check"))?;
            let guid = std::str::from_utf8(key.get(guid_at..).unwrap_or_default()).unwrap_or("");
            // A damaged record must not hide the others: one of them may be the one the caller
            // looks for.
            if let Some(record) = whole(self.record(guid)) {
                records.extend(record?);
            }
        }
        Ok(records)
    }

    /// At most so many guids of checks that begin so.
    ///
    /// # Errors
    ///
    /// The disk refuses.
    pub fn guids_beginning(&self, begin: &str, most: usize) -> Result<Vec<String>, StoreError> {
        let keys = self.records.scan_prefix(begin).keys().take(most);
        let guid = |key: sled::IVec| String::from_utf8_lossy(&key).into_owned();
        keys.map(|key| key.map(guid).map_err(failed("read a check")))
            .collect()
    }

    /// All records, in no useful order.
    pub fn records(self: &Arc<Self>) -> impl Iterator<Item = Result<Record, StoreError>> + use<> {
        let store = Arc::clone(self);
        self.records.iter().keys().filter_map(move |guid| {
            guid.map_err(failed("read checks"))
                .and_then(|guid| store.record(std::str::from_utf8(&guid).unwrap_or("")))
                .transpose()
        })
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
