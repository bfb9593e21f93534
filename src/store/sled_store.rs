//! The store on sled 0.34: one folder, one process.
//!
//! sled's `flush` is `sync_file_range` on Linux, which does not wait for the disk's own cache: a strict acknowledgement is flush, the files of large pages
//! (`blobs`), and `sync_data`.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::fs::File;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use sled::transaction::{ConflictableTransactionError, TransactionError, Transactional};

use super::blobs::{Blobs, SEGMENT_BYTES};
use super::journal::{self, Journal, Row, Tree};
use super::layout::{alike_key, alike_prefix, seal, seq_key, unseal, window_key};
use super::panics::guarded;
use super::recovery::{Recovery, recover, unreadable};
use super::sums::{DaySums, Sums};
use super::vault::Vault;
use super::words::{keep, unkeep};
use super::{
    Callback, ChangedOf, FigureOf, Key, LedgerEntry, PortraitOf, Record, Ruling, Seq, StoreError,
    Waiting,
};
use super::{queue, sums, usage_rows, whole};
use crate::comment::{Likeness, SiteId};

/// The embedded store.
#[derive(Debug)]
pub struct Store {
    path: PathBuf,
    pub(super) db: sled::Db,
    /// Whether it was said that there are checks without a key.
    said_wordless: AtomicBool,
    journal: Journal,
    recovery: Recovery,
    /// For `sync_data`.
    log: File,
    blobs: Blobs,
    ledger: sled::Tree,
    rulings: sled::Tree,
    /// Site -> name of the key it was given to.
    owners: sled::Tree,
    pub(super) records: sled::Tree,
    /// Site, likeness, time and guid of every check.
    pub(super) checked: sled::Tree,
    /// Time and guid of every check whose words are kept.
    pub(super) words: sled::Tree,
    pub(super) vault: Vault,
    keys: sled::Tree,
    /// Time and guid of every check that may be corrected.
    pub(super) window: sled::Tree,
    /// Guid -> the last correction of that check.
    pub(super) corrections: sled::Tree,
    pub(super) lists: sled::Tree,
    /// Name -> evidence list.
    pub(super) evidence: sled::Tree,
    pub(super) sites: sled::Tree,
    /// Usage by day, the truth.
    pub(super) days: sled::Tree,
    /// Usage by month: sums of days, kept beside them so that a month is read at a glance.
    pub(super) months: sled::Tree,
    pub(super) site_notes: sled::Tree,
    /// Checks by verdict.
    pub figures: DaySums<FigureOf>,
    /// Checks that wait for a person.
    pub(super) queue: sled::Tree,
    /// What checks looked like to a model.
    pub portraits: DaySums<PortraitOf>,
    /// What labels changed.
    pub changed: DaySums<ChangedOf>,
}

/// Where keys once lay in the clear.
const OLD_KEYS: &[u8] = b"keys";

/// Only its owner may look into a folder: checks and labels are the words of people.
fn shut(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::metadata(folder)?.permissions().mode();
    match mode & 0o077 {
        0 => Ok(()),
        _ => std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700)),
    }
}

/// How much memory sled may use for pages, unless told otherwise; its own default is a gigabyte.
pub(crate) const DEFAULT_CACHE_BYTES: u64 = 64 << 20;

pub(super) fn failed(action: &'static str) -> impl Fn(sled::Error) -> StoreError {
    move |error| StoreError::Failed {
        action,
        why: in_short(&error),
    }
}

impl Store {
    /// Opens a folder, creating it if missing, and holds store and journal against each other (`recovery`).
    ///
    /// # Errors
    ///
    /// Another process holds it, it cannot be used, or it is damaged beyond what the journal can mend.
    pub fn open(path: &Path, cache_bytes: u64) -> Result<Self, StoreError> {
        guarded(path, || Self::open_unguarded(path, cache_bytes))
    }

    fn open_unguarded(path: &Path, cache_bytes: u64) -> Result<Self, StoreError> {
        let cannot = |why: String| StoreError::Open {
            path: path.to_owned(),
            why,
        };
        std::fs::create_dir_all(path).map_err(|e| cannot(e.to_string()))?;
        refuse_without_store(path)?;
        let folder = path.join("store");
        if let Err(error) = shut(path) {
            // Of a folder that is somebody else's the operator decides.
            tracing::warn!(folder = ?path, %error, "others may read the data folder: chmod 700 did not work");
        }
        let db = open_sled(path, &folder, cache_bytes)?;
        refuse_keys_in_the_clear(path, &db)?;
        let (journal, recovery) = recover(path, &db, !db.was_recovered())?;
        let log = File::open(folder.join("db")).map_err(|e| cannot(e.to_string()))?;
        let tree = |name: &str| db.open_tree(name).map_err(|e| cannot(e.to_string()));
        Ok(Self {
            path: path.to_owned(),
            journal,
            recovery,
            ledger: tree(Tree::Ledger.name())?,
            rulings: tree(Tree::Rulings.name())?,
            owners: tree(Tree::Owners.name())?,
            records: tree("records")?,
            checked: tree("checked")?,
            words: tree("words")?,
            vault: Vault::open(path)?,
            keys: tree(Tree::Keys.name())?,
            window: tree("window")?,
            corrections: tree("corrections")?,
            lists: tree("lists")?,
            evidence: tree("evidence")?,
            sites: tree(Tree::Sites.name())?,
            days: tree("usage_days")?,
            months: tree("usage")?,
            site_notes: tree("site_notes")?,
            figures: DaySums::of(tree("figures")?),
            queue: tree("queue")?,
            portraits: DaySums::of(tree("portraits")?),
            changed: DaySums::of(tree("changed")?),
            said_wordless: AtomicBool::new(false),
            log,
            blobs: Blobs::of(folder.join("blobs")),
            db,
        })
    }

    /// The folder it lives in.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Appends entries whose `seq` is set; on disk when it returns, all or none.
    pub fn append(&self, entries: &[LedgerEntry]) -> Result<(), StoreError> {
        let rows: Vec<Row> = entries
            .iter()
            .map(|entry| Row::put(Tree::Ledger, seq_key(entry.seq), seal(entry)))
            .collect();
        self.write_down(&rows)?;
        let mut batch = sled::Batch::default();
        for row in rows {
            batch.insert(row.key, row.value.unwrap_or_default());
        }
        self.ledger
            .apply_batch(batch)
            .map_err(failed("write labels"))?;
        self.sync()
    }

    /// Into the journal, before the store: on disk when it returns.
    pub(super) fn write_down(&self, rows: &[Row]) -> Result<(), StoreError> {
        let written = self.journal.append(rows);
        written.map_err(|error| StoreError::Failed {
            action: "write the journal",
            why: error.to_string(),
        })
    }

    /// What was mended when it was opened.
    pub fn recovery(&self) -> Recovery {
        self.recovery
    }

    /// Brings everything written so far to disk.
    pub fn sync(&self) -> Result<(), StoreError> {
        self.db.flush().map_err(failed("flush to disk"))?;
        let synced = self.blobs.sync().and_then(|_| self.log.sync_data());
        synced.map_err(|e| StoreError::Failed {
            action: "sync to disk",
            why: e.to_string(),
        })
    }

    /// Whether the disk of the data folder takes a file.
    ///
    /// # Errors
    ///
    /// It does not.
    pub fn probe_disk(&self) -> Result<(), StoreError> {
        const BYTES: usize = 1 << 20;
        let write = || {
            let mut file = tempfile::tempfile_in(&self.path)?;
            std::io::Write::write_all(&mut file, &vec![1; BYTES])?;
            file.sync_all()
        };
        write().map_err(|error: std::io::Error| StoreError::Failed {
            action: "write a file to try",
            why: error.to_string(),
        })
    }

    /// Whether the store takes a row.
    ///
    /// # Errors
    ///
    /// It does not; sled stays in error once it was.
    pub fn probe(&self) -> Result<(), StoreError> {
        let place = "probe";
        let written = self
            .db
            .insert(place, place)
            .and_then(|_| self.db.remove(place));
        written.map_err(failed("write a row to try"))?;
        self.sync()
    }

    /// Appends a ruling whose `seq` is set; on disk when it returns.
    pub fn append_ruling(&self, ruling: &Ruling) -> Result<(), StoreError> {
        let value = seal(ruling);
        self.write_down(&[Row::put(Tree::Rulings, seq_key(ruling.seq), value.clone())])?;
        self.rulings
            .insert(seq_key(ruling.seq), value)
            .map_err(failed("write a ruling"))?;
        self.sync()
    }

    /// All rulings, in order.
    pub fn rulings(&self) -> Result<Vec<Ruling>, StoreError> {
        let rows = self.rulings.iter().map(|item| {
            let (_, value) = item.map_err(failed("read the rulings"))?;
            unseal(&value, || "a ruling about labels".to_owned())
        });
        rows.collect()
    }

    /// Writes down whose site a site is; in the store with the next sync.
    pub fn put_owner(&self, site: &SiteId, key_name: &str) -> Result<(), StoreError> {
        let value = seal(&(site, key_name));
        self.write_down(&[Row::put(Tree::Owners, site.as_str(), value.clone())])?;
        self.owners
            .insert(site.as_str(), value)
            .map(|_| ())
            .map_err(failed("write whose site it is"))
    }

    /// Whose sites are whose: site and name of the key.
    pub fn owners(&self) -> impl Iterator<Item = Result<(SiteId, String), StoreError>> + use<> {
        self.owners.iter().map(|item| {
            let (_, value) = item.map_err(failed("read whose sites are whose"))?;
            unseal(&value, || "the owner of a site".to_owned())
        })
    }

    /// Seq of the last label or ruling, 0 for none.
    pub fn last_seq(&self) -> Result<Seq, StoreError> {
        Ok(last(&self.ledger)?.max(self.last_ruling()?))
    }

    /// The place of the last ruling, 0 without one; cheaper than reading them.
    pub fn last_ruling(&self) -> Result<Seq, StoreError> {
        last(&self.rulings)
    }

    /// Labels after a place, in order, struck ones among them.
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

    /// Keeps records, puts those that wait into the queue and adds what was counted with them, all or none; durable with the next sync, at most half a second later.
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
        // Held to the end: what is sealed under a key must be in the store before that key is renewed.
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
                sums::add(figures, &more.figures)?;
                queue::put(queued, waiting)?;
                sums::add(portraits, &more.portraits)?;
                sums::add(changed, &more.changed)?;
                Ok::<(), ConflictableTransactionError<Infallible>>(())
            },
        );
        written.map_err(|error| match error {
            TransactionError::Storage(error) => failed("write checks")(error),
            TransactionError::Abort(never) => match never {},
        })
    }

    /// The record of a check. What lies under a key that is lost is as good as gone: that is said once.
    pub fn record(&self, guid: &str) -> Result<Option<Record>, StoreError> {
        // Before the value is fetched: its key must not be renewed in between.
        let keys = self.vault.keys();
        let value = self.records.get(guid).map_err(failed("read a check"))?;
        let read =
            |value: sled::IVec| unkeep(&value, &keys, || format!("the record of check {guid}"));
        self.unless_wordless(value.map(read))
    }

    /// What was read, if its key is there.
    pub(super) fn unless_wordless<T>(
        &self,
        read: Option<Result<T, StoreError>>,
    ) -> Result<Option<T>, StoreError> {
        match read.transpose() {
            Err(error @ StoreError::Wordless { .. }) => {
                if !self.said_wordless.swap(true, Ordering::Relaxed) {
                    tracing::error!(%error, "it is passed over, and so are all others like it");
                }
                Ok(None)
            }
            read => read,
        }
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
            // The others may be the ones that are meant.
            if let Some(record) = whole(self.record(guid)) {
                records.extend(record?);
            }
        }
        Ok(records)
    }

    /// All records, in no order that means anything.
    pub fn records(self: &Arc<Self>) -> impl Iterator<Item = Result<Record, StoreError>> + use<> {
        let store = Arc::clone(self);
        self.records.iter().keys().filter_map(move |guid| {
            guid.map_err(failed("read checks"))
                .and_then(|guid| store.record(std::str::from_utf8(&guid).unwrap_or("")))
                .transpose()
        })
    }

    /// Writes or overwrites a key; durable when it returns.
    pub fn put_key(&self, key: &Key) -> Result<(), StoreError> {
        let value = seal(key);
        self.write_down(&[Row::put(Tree::Keys, key.id.as_bytes(), value.clone())])?;
        self.keys
            .insert(key.id.as_bytes(), value)
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
        keys.sort_by(|a, b| (a.created_at, &a.id).cmp(&(b.created_at, &b.id)));
        Ok(keys)
    }
}

/// A folder of an earlier version is not half understood. Asked before the journal is, which holds the same.
fn refuse_keys_in_the_clear(data: &Path, db: &sled::Db) -> Result<(), StoreError> {
    let is_old = db.tree_names().iter().any(|name| name == OLD_KEYS);
    if !is_old {
        return Ok(());
    }
    Err(StoreError::Open {
        path: data.to_owned(),
        why: "it is of an earlier version, which kept keys in the clear; with that version say `phin export > everything.jsonl`, then with this one `phin import --data-dir NEW_FOLDER everything.jsonl`, and delete the old folder".to_owned(),
    })
}

/// Opens the folder of sled.
///
/// # Errors
///
/// It is in use, it cannot be used, or it is damaged.
pub(super) fn open_sled(
    data: &Path,
    folder: &Path,
    cache_bytes: u64,
) -> Result<sled::Db, StoreError> {
    let was_there = folder.exists();
    let config = sled::Config::new()
        .path(folder)
        .cache_capacity(cache_bytes)
        .segment_size(SEGMENT_BYTES);
    config.open().map_err(|error| {
        let cannot = |why: String| StoreError::Open {
            path: data.to_owned(),
            why,
        };
        match &error {
            sled::Error::Io(io)
                if io.kind() == ErrorKind::WouldBlock
                    || io.to_string().contains("could not acquire lock") =>
            {
                StoreError::Locked(data.to_owned())
            }
            // Of these the store is not the reason.
            sled::Error::Io(io)
                if matches!(
                    io.kind(),
                    ErrorKind::PermissionDenied
                        | ErrorKind::ReadOnlyFilesystem
                        | ErrorKind::StorageFull
                        | ErrorKind::QuotaExceeded
                ) || io.raw_os_error() == Some(TOO_MANY_FILES) =>
            {
                cannot(io.to_string())
            }
            other if was_there => StoreError::Broken {
                path: data.to_owned(),
                why: in_short(other),
            },
            other => cannot(other.to_string()),
        }
    })
}

/// Without the part for sled's authors.
fn in_short(error: &sled::Error) -> String {
    let said = error.to_string();
    said.split(" backtrace").next().unwrap_or("").to_owned()
}

/// `EMFILE` of Linux: `ErrorKind` has no name for it.
const TOO_MANY_FILES: i32 = 24;

/// A journal without a store is no new data folder. Asked before sled makes one.
///
/// # Errors
///
/// There is one, or it cannot be read.
pub(super) fn refuse_without_store(data: &Path) -> Result<(), StoreError> {
    let log = std::fs::metadata(data.join("store").join("db"));
    let is_there = log.is_ok_and(|file| file.len() > 0);
    let folder = journal::folder_of(data);
    if is_there || !folder.exists() {
        return Ok(());
    }
    let contents = journal::read(&folder, |_| {}).map_err(|e| unreadable(&folder, &e))?;
    if contents.rows == 0 {
        return Ok(());
    }
    Err(StoreError::Gone {
        path: data.to_owned(),
        labels: contents.labels,
    })
}

/// The last place in a tree whose keys are places; 0 if it is empty.
fn last(tree: &sled::Tree) -> Result<Seq, StoreError> {
    let last = tree.last().map_err(failed("read the ledger"))?;
    Ok(last
        .and_then(|(key, _)| key.as_ref().try_into().ok().map(u64::from_be_bytes))
        .unwrap_or(0))
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
            kind: None,
            outline: Default::default(),
            shares: Default::default(),
            sketch: vec![],
            checked: None,
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
