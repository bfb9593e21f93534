//! Records as an earlier version wrote them, a row of sled for each, in; batches out. Run once, when
//! a folder of that version is opened. Never reads a folder that has none.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::error::{StoreError, failed, whole};
use super::layout::unseal;
use super::record::Record;
use super::sled_store::Store;
use super::sums::Sums;
use super::vault::Keys;

/// The tree of records of that version, and the trees by which it found them.
const OLD_TREES: [&str; 3] = ["checked", "words", "records"];
/// How many records are written together.
const AT_ONCE: usize = 1_024;

/// A record of that version.
#[derive(Deserialize)]
enum Kept {
    /// All of it, encrypted.
    Whole(Vec<u8>),
    /// A check whose personal text was removed; not encrypted.
    Thin(Box<Record>),
}

impl Store {
    /// Moves all records into batches, and removes the old trees. After a stop in between, the next
    /// start goes on. A damaged record is skipped and logged.
    pub(super) fn move_old_records(&self) -> Result<(), StoreError> {
        let names = self.db.tree_names();
        if !OLD_TREES
            .iter()
            .any(|old| names.iter().any(|name| name == old.as_bytes()))
        {
            return Ok(());
        }
        let [.., records] = OLD_TREES;
        let records = self
            .db
            .open_tree(records)
            .map_err(failed("read checks of an earlier version"))?;
        if !records.is_empty() {
            tracing::info!("moving the checks of an earlier version; this is done once");
        }
        let mut gathered: BTreeMap<String, Record> = BTreeMap::new();
        for row in records.iter() {
            let (guid, value) = row.map_err(failed("read checks of an earlier version"))?;
            let guid = String::from_utf8_lossy(&guid).into_owned();
            let read = read(&value, &self.vault.keys(), || {
                format!("the record of check {guid}")
            });
            let read = self.unless_wordless(Some(read));
            // It is there already if an earlier start was stopped.
            if let Some(record) = whole(read).transpose()?.flatten()
                && self.record(&guid)?.is_none()
            {
                gathered.insert(guid, record);
            }
            if gathered.len() >= AT_ONCE {
                self.put_records(gathered.values(), &[], &Sums::default())?;
                gathered.clear();
            }
        }
        self.put_records(gathered.values(), &[], &Sums::default())?;
        self.sync()?;
        for name in OLD_TREES {
            self.db
                .drop_tree(name)
                .map_err(failed("remove checks of an earlier version"))?;
        }
        self.sync()
    }
}

fn read(bytes: &[u8], keys: &Keys, what: impl Fn() -> String) -> Result<Record, StoreError> {
    match unseal(bytes, &what)? {
        Kept::Whole(sealed) => match keys.open(&sealed) {
            Some(plain) => unseal(&plain, what),
            None => Err(StoreError::Wordless { what: what() }),
        },
        Kept::Thin(record) => Ok(*record),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::DAY_MILLIS;
    use crate::comment::{Comment, SiteId};
    use crate::filter;
    use crate::model::{Model, layers::Live};
    use crate::store::layout::seal;
    use crate::store::record::Callback;
    use crate::store::vault::DayNumber;
    use std::collections::BTreeSet;
    use std::sync::Arc;

    #[test]
    fn checks_of_an_earlier_version_are_found_after_they_were_moved() {
        let folder = tempfile::tempdir().expect("a folder");
        let record = |n: usize| {
            let comment = Comment::from_text(format!("hay quá {n}"));
            let live = Live {
                shared: &Default::default(),
                site: None,
            };
            Record {
                // The first digits differ, as in real guids.
                guid: format!("{n:08x}{:024x}", 0),
                at: n as i64 * DAY_MILLIS / 1_000,
                site: SiteId::parse("blog.example").expect("a site"),
                assessment: filter::check(&Model::cold(), &comment, live),
                comment,
                key: "ours".to_owned(),
                callback: Callback::None,
                traces: None,
            }
        };
        let records: Vec<Record> = (0..3_000).map(record).collect();
        {
            let store = Store::open(folder.path(), 1 << 20).expect("opens");
            let days: BTreeSet<DayNumber> =
                records.iter().filter_map(Record::day_of_words).collect();
            let keys = store.vault.ready(&days).expect("makes keys");
            let old = store.db.open_tree("records").expect("opens");
            for record in &records {
                let day = record.day_of_words().expect("has words");
                // Of the same form as `Kept`, which only reads.
                let kept = (0_u8, keys.close(day, &seal(record)));
                old.insert(&record.guid, seal(&kept)).expect("writes");
            }
            old.insert("damaged", &[1, 2, 3]).expect("writes");
        }
        for _ in 0..2 {
            let store = Arc::new(Store::open(folder.path(), 1 << 20).expect("opens again"));
            let mut found: Vec<Record> = store.records().map(|r| r.expect("whole")).collect();
            found.sort_by(|one, other| one.guid.cmp(&other.guid));
            assert!(found == records);
            let one = store.record(&records[2_999].guid).expect("reads");
            assert_eq!(one.as_ref(), Some(&records[2_999]));
            let names = store.db.tree_names();
            assert!(names.iter().all(|name| name != b"records"));
            let old = store.old_words(DAY_MILLIS, usize::MAX).expect("reads");
            assert_eq!(old.records.len(), 1_000);
        }
    }
}
