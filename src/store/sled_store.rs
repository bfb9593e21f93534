//! The store on sled 0.34: one folder, one process.
//!
//! sled's `flush` is `sync_file_range` on Linux, which does not wait for the disk's own cache: a strict acknowledgement is flush and `sync_data`.

use std::collections::{BTreeSet, HashMap};
use std::convert::Infallible;
use std::fs::File;
use std::path::{Path, PathBuf};

use sled::transaction::{ConflictableTransactionError, TransactionError, Transactional};

use super::layout::{
    alike_key, alike_prefix, key_prefix, seal, seq_key, unseal, usage_key, usage_prefix, window_key,
};
use super::usage::{Month, Usage, UsageOf};
use super::{Callback, Key, LedgerEntry, Record, Seq, StoreError};
use crate::comment::{Likeness, SiteId};

/// The embedded store.
#[derive(Debug)]
pub struct Store {
    path: PathBuf,
    db: sled::Db,
    /// For `sync_data`.
    log: File,
    ledger: sled::Tree,
    records: sled::Tree,
    /// Site, likeness, time and guid of every check.
    checked: sled::Tree,
    keys: sled::Tree,
    usage: sled::Tree,
    /// Time and guid of every check that may be corrected.
    pub(super) window: sled::Tree,
    /// Guid -> the last correction of that check.
    pub(super) corrections: sled::Tree,
    pub(super) lists: sled::Tree,
    pub(super) sites: sled::Tree,
}

/// How much memory sled may use for pages, unless told otherwise; its own default is a gigabyte.
pub(crate) const DEFAULT_CACHE_BYTES: u64 = 64 << 20;

pub(super) fn failed(action: &'static str) -> impl Fn(sled::Error) -> StoreError {
    move |error| StoreError::Failed {
        action,
        why: error.to_string(),
    }
}

impl Store {
    /// Opens a folder, creating it if missing; refuses one that another process holds.
    pub fn open(path: &Path, cache_bytes: u64) -> Result<Self, StoreError> {
        let cannot = |why: String| StoreError::Open {
            path: path.to_owned(),
            why,
        };
        std::fs::create_dir_all(path).map_err(|e| cannot(e.to_string()))?;
        let folder = path.join("store");
        let db = sled::Config::new()
            .path(&folder)
            .cache_capacity(cache_bytes)
            .open()
            .map_err(|error| match &error {
                sled::Error::Io(io)
                    if io.kind() == std::io::ErrorKind::WouldBlock
                        || io.to_string().contains("could not acquire lock") =>
                {
                    StoreError::Locked(path.to_owned())
                }
                other => cannot(other.to_string()),
            })?;
        let log = File::open(folder.join("db")).map_err(|e| cannot(e.to_string()))?;
        let tree = |name: &str| db.open_tree(name).map_err(|e| cannot(e.to_string()));
        Ok(Self {
            path: path.to_owned(),
            ledger: tree("ledger")?,
            records: tree("records")?,
            checked: tree("checked")?,
            keys: tree("keys")?,
            usage: tree("usage")?,
            window: tree("window")?,
            corrections: tree("corrections")?,
            lists: tree("lists")?,
            sites: tree("sites")?,
            log,
            db,
        })
    }

    /// The folder it lives in.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Appends entries whose `seq` is set; on disk when it returns, all or none.
    pub fn append(&self, entries: &[LedgerEntry]) -> Result<(), StoreError> {
        let mut batch = sled::Batch::default();
        for entry in entries {
            batch.insert(&seq_key(entry.seq), seal(entry));
        }
        self.ledger
            .apply_batch(batch)
            .map_err(failed("write labels"))?;
        self.sync()
    }

    /// Brings everything written so far to disk.
    pub fn sync(&self) -> Result<(), StoreError> {
        self.db.flush().map_err(failed("flush to disk"))?;
        self.log.sync_data().map_err(|e| StoreError::Failed {
            action: "sync to disk",
            why: e.to_string(),
        })
    }

    /// Seq of the last entry, 0 for none.
    pub fn last_seq(&self) -> Result<Seq, StoreError> {
        let last = self.ledger.last().map_err(failed("read the ledger"))?;
        Ok(last
            .and_then(|(key, _)| key.as_ref().try_into().ok().map(u64::from_be_bytes))
            .unwrap_or(0))
    }

    /// Entries after a place, in order.
    pub fn ledger(
        &self,
        after: Seq,
    ) -> impl Iterator<Item = Result<LedgerEntry, StoreError>> + use<> {
        self.ledger.range(seq_key(after + 1)..).map(|item| {
            let (key, value) = item.map_err(failed("read the ledger"))?;
            unseal(&value, || {
                format!(
                    "ledger entry {}",
                    key.as_ref().try_into().map(u64::from_be_bytes).unwrap_or(0)
                )
            })
        })
    }

    /// One entry.
    pub fn entry(&self, seq: Seq) -> Result<Option<LedgerEntry>, StoreError> {
        let value = self
            .ledger
            .get(seq_key(seq))
            .map_err(failed("read the ledger"))?;
        value
            .map(|value| unseal(&value, || format!("ledger entry {seq}")))
            .transpose()
    }

    /// Keeps records and adds what was used with them, all or none; durable with the next sync, at most half a second later.
    pub fn put_records<'a>(
        &self,
        records: impl IntoIterator<Item = &'a Record>,
        used: &HashMap<UsageOf, Usage>,
    ) -> Result<(), StoreError> {
        let mut batch = sled::Batch::default();
        let mut checked = sled::Batch::default();
        let mut in_window = sled::Batch::default();
        for record in records {
            batch.insert(record.guid.as_bytes(), seal(record));
            let likeness = Likeness::of(&record.site, &record.comment);
            checked.insert(
                alike_key(&record.site, likeness, record.at, &record.guid),
                &[],
            );
            if let Callback::At(_) = record.callback {
                in_window.insert(window_key(record.at, &record.guid), &[]);
            }
        }
        let written = (&self.records, &self.checked, &self.window, &self.usage).transaction(
            |(records, places, window, usage)| {
                records.apply_batch(&batch)?;
                places.apply_batch(&checked)?;
                window.apply_batch(&in_window)?;
                for (of, more) in used {
                    let place = usage_key(of);
                    let mut sum = match usage.get(&place)? {
                        Some(value) => read_usage(&value).map_or_else(
                            |error| {
                                // Counting from nothing again beats refusing every record that comes with it.
                                tracing::error!(%error, "counting begins anew");
                                Usage::default()
                            },
                            |(_, usage)| usage,
                        ),
                        None => Usage::default(),
                    };
                    sum += *more;
                    usage.insert(place, seal(&(of, sum)))?;
                }
                Ok::<(), ConflictableTransactionError<Infallible>>(())
            },
        );
        written.map_err(|error| match error {
            TransactionError::Storage(error) => failed("write checks")(error),
            TransactionError::Abort(never) => match never {},
        })
    }

    /// What a key was used for in a month, by site.
    pub fn usage(&self, key: &str, month: Month) -> Result<Vec<(SiteId, Usage)>, StoreError> {
        let rows = self.usage.scan_prefix(usage_prefix(key, month));
        let rows = rows.map(|item| read_usage(&item.map_err(failed("read the usage"))?.1));
        rows.filter(|row| !matches!(row, Ok((of, _)) if of.key != key))
            .map(|row| row.map(|(of, usage)| (of.site, usage)))
            .collect()
    }

    /// Sites a key was ever used for, each once.
    pub fn sites_of(&self, key: &str) -> Result<BTreeSet<SiteId>, StoreError> {
        let rows = self.usage.scan_prefix(key_prefix(key));
        let rows = rows.map(|item| read_usage(&item.map_err(failed("read the usage"))?.1));
        rows.filter(|row| !matches!(row, Ok((of, _)) if of.key != key))
            .map(|row| row.map(|(of, _)| of.site))
            .collect()
    }

    /// The usage of all keys in all months.
    pub fn all_usage(&self) -> impl Iterator<Item = Result<(UsageOf, Usage), StoreError>> + use<> {
        self.usage
            .iter()
            .map(|item| read_usage(&item.map_err(failed("read the usage"))?.1))
    }

    /// Takes usage in that was counted elsewhere, unless there is some already; says whether it did.
    pub fn put_new_usage(&self, of: &UsageOf, usage: Usage) -> Result<bool, StoreError> {
        self.usage
            .compare_and_swap(usage_key(of), None::<&[u8]>, Some(seal(&(of, usage))))
            .map(|swapped| swapped.is_ok())
            .map_err(failed("write the usage"))
    }

    /// The record of a check.
    pub fn record(&self, guid: &str) -> Result<Option<Record>, StoreError> {
        let value = self.records.get(guid).map_err(failed("read a check"))?;
        value
            .map(|value| unseal(&value, || format!("the record of check {guid}")))
            .transpose()
    }

    /// The last checks of comments alike, newest first, at most so many.
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
            records.extend(self.record(guid)?);
        }
        Ok(records)
    }

    /// All records, in no order that means anything.
    pub fn records(&self) -> impl Iterator<Item = Result<Record, StoreError>> + use<> {
        self.records.iter().map(|item| {
            let (guid, value) = item.map_err(failed("read checks"))?;
            unseal(&value, || {
                format!("the record of check {}", String::from_utf8_lossy(&guid))
            })
        })
    }

    /// Writes or overwrites a key; durable when it returns.
    pub fn put_key(&self, key: &Key) -> Result<(), StoreError> {
        self.keys
            .insert(key.secret.as_bytes(), seal(key))
            .map_err(failed("write a key"))?;
        self.sync()
    }

    /// All keys, revoked ones among them, oldest first.
    pub fn keys(&self) -> Result<Vec<Key>, StoreError> {
        let mut keys = self
            .keys
            .iter()
            .map(|item| {
                let (_, value) = item.map_err(failed("read keys"))?;
                unseal(&value, || "a key".to_owned())
            })
            .collect::<Result<Vec<Key>, StoreError>>()?;
        keys.sort_by(|a, b| (a.created_at, &a.secret).cmp(&(b.created_at, &b.secret)));
        Ok(keys)
    }
}

fn read_usage(value: &[u8]) -> Result<(UsageOf, Usage), StoreError> {
    unseal(value, || "a count of usage".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::comment::{Comment, CommentId};
    use crate::verdict::Label;

    fn entry(seq: Seq) -> LedgerEntry {
        LedgerEntry {
            seq,
            event: seq * 31,
            at: 1_700_000_000_000,
            site: SiteId::parse("blog.example").expect("a site"),
            comment: CommentId(seq),
            label: Label::Spam,
            machine: None,
            reporter: Some("an".into()),
            key_name: "first".into(),
            features: vec![1, 5, 9],
            features_version: 1,
        }
    }

    #[test]
    fn what_is_appended_is_there_after_a_restart_in_order() {
        let dir = tempfile::tempdir().expect("a folder");
        {
            let store = Store::open(dir.path(), DEFAULT_CACHE_BYTES).expect("opens");
            store.append(&[entry(1), entry(2)]).expect("appends");
            store.append(&[entry(300)]).expect("appends");
        }
        let store = Store::open(dir.path(), DEFAULT_CACHE_BYTES).expect("opens again");
        let seqs: Vec<Seq> = store.ledger(1).map(|e| e.expect("whole").seq).collect();
        assert_eq!(
            (seqs, store.last_seq().expect("reads")),
            (vec![2, 300], 300)
        );
        assert_eq!(store.entry(2).expect("reads"), Some(entry(2)));
    }

    #[test]
    fn a_second_process_is_refused_in_a_sentence() {
        let dir = tempfile::tempdir().expect("a folder");
        let _first = Store::open(dir.path(), DEFAULT_CACHE_BYTES).expect("opens");
        let second = Store::open(dir.path(), DEFAULT_CACHE_BYTES).expect_err("must be refused");
        assert!(matches!(second, StoreError::Locked(_)), "{second}");
    }

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
        };
        let called = Callback::At("http://blog.example/hook".into());
        let records = [
            record("two", 1_000, called.clone()),
            record("one", 999, called),
            record("three", 70_000, Callback::None),
        ];
        store
            .put_records(&records, &HashMap::new())
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

    #[test]
    fn usage_adds_up_and_no_key_sees_anothers() {
        let dir = tempfile::tempdir().expect("a folder");
        let of = |key: &str, month: &str, site: &str| UsageOf {
            key: key.into(),
            month: month.parse().expect("a month"),
            site: SiteId::parse(site).expect("a site"),
        };
        let spam = Usage {
            spam: 1,
            ..Usage::default()
        };
        let add = |store: &Store, of: UsageOf| {
            store
                .put_records([], &HashMap::from([(of, spam)]))
                .expect("writes")
        };
        {
            let store = Store::open(dir.path(), DEFAULT_CACHE_BYTES).expect("opens");
            add(&store, of("a", "2026-11", "blog.example"));
            add(&store, of("a", "2026-12", "blog.example"));
            add(&store, of("ab", "2026-11", "blog.example"));
            add(&store, of("a", "2026-11", "other.example"));
            store.sync().expect("syncs");
        }
        let store = Store::open(dir.path(), DEFAULT_CACHE_BYTES).expect("opens again");
        add(&store, of("a", "2026-11", "blog.example"));
        let seen = store
            .usage("a", "2026-11".parse().expect("a month"))
            .expect("reads");
        let seen: Vec<(&str, u64)> = seen.iter().map(|(s, u)| (s.as_str(), u.spam)).collect();
        assert_eq!(seen, [("blog.example", 2), ("other.example", 1)]);
        let sites = store.sites_of("a").expect("reads");
        let sites: Vec<&str> = sites.iter().map(SiteId::as_str).collect();
        assert_eq!(sites, ["blog.example", "other.example"]);
        let known = of("a", "2026-11", "blog.example");
        assert!(!store.put_new_usage(&known, spam).expect("reads"));
        assert_eq!(store.all_usage().count(), 4);
    }
}
