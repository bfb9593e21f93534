//! A folder in, an open store on sled 0.34 out. Only one process may have it open; never two.
//!
//! On Linux sled's `flush` is `sync_file_range`, which does not wait for the disk's own cache. So a
//! sync is `flush`, a sync of the files of large pages (`blobs`), and `sync_data` of the log. A
//! label is acknowledged when the journal has it on disk and the store has it in its files, which a
//! killed process does not take back. The store's disk is synced at most once a second for labels:
//! the journal's is synced for each.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::blobs::Blobs;
use super::changed::ChangedOf;
use super::database::open_sled;
use super::day_sums::DaySums;
use super::error::{StoreError, failed};
use super::figures::FigureOf;
use super::journal::{Journal, Row, Tree};
use super::layout::batch_number;
use super::panics::guarded;
use super::places::{PLACES, Places};
use super::recovery::{Recovery, recover, refuse_without_store};
use super::score_profiles::ScoreProfileOf;
use super::vault::Vault;

/// The embedded store.
#[derive(Debug)]
pub struct Store {
    path: PathBuf,
    pub(super) db: sled::Db,
    /// Whether the log has already told of checks whose key is lost.
    said_wordless: AtomicBool,
    journal: Journal,
    recovery: Recovery,
    /// Open file of sled's log, for `sync_data`.
    log: File,
    blobs: Blobs,
    /// When the store was last synced; `None` if never.
    synced: Mutex<Option<Instant>>,
    pub(super) ledger: sled::Tree,
    pub(super) rulings: sled::Tree,
    /// Site -> name of the key that owns it.
    pub(super) owners: sled::Tree,
    /// Number -> records of checks that were written together.
    pub(super) batches: sled::Tree,
    /// Number of the next batch.
    pub(super) next_batch: AtomicU64,
    /// Held by whoever changes a batch that is there already.
    pub(super) rewriting: Mutex<()>,
    /// The batch of every check.
    pub(super) places: Places,
    /// Time and number of every batch in which personal text is kept.
    pub(super) words: sled::Tree,
    pub(super) vault: Vault,
    pub(super) keys: sled::Tree,
    /// Time and guid of every check that may be corrected.
    pub(super) window: sled::Tree,
    /// Guid -> the last correction of that check.
    pub(super) corrections: sled::Tree,
    pub(super) lists: sled::Tree,
    /// Name -> evidence list.
    pub(super) evidence: sled::Tree,
    pub(super) sites: sled::Tree,
    /// Usage by day: the truth.
    pub(super) days: sled::Tree,
    /// Usage by month: sums of days, so that a month needs few rows.
    pub(super) months: sled::Tree,
    pub(super) site_notes: sled::Tree,
    /// Counts of checks by verdict.
    pub figures: DaySums<FigureOf>,
    /// Checks that wait for a person.
    pub(super) queue: sled::Tree,
    /// Score profiles of checks.
    pub portraits: DaySums<ScoreProfileOf>,
    /// Counts of verdicts that labels changed.
    pub changed: DaySums<ChangedOf>,
}

/// How long labels in a row may rely on the journal's disk alone.
const BETWEEN_SYNCS: Duration = Duration::from_secs(1);

/// The tree in which an earlier version kept keys in the clear.
const OLD_KEYS: &[u8] = b"keys";

/// Closes a folder to all but its owner: checks and labels are personal text.
fn shut(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::metadata(folder)?.permissions().mode();
    match mode & 0o077 {
        0 => Ok(()),
        _ => std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700)),
    }
}

impl Store {
    /// Opens a folder, creates it if missing, and compares store and journal (`recovery`).
    ///
    /// # Errors
    ///
    /// Another process has it open, it cannot be used, or it is damaged more than the journal can
    /// repair.
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
            // The folder may belong to another user. Then it is the operator's decision.
            tracing::warn!(folder = ?path, %error, "others may read the data folder: chmod 700 did not work");
        }
        let db = open_sled(path, &folder, cache_bytes)?;
        refuse_keys_in_the_clear(path, &db)?;
        let (journal, recovery) = recover(path, &db, !db.was_recovered())?;
        let log = File::open(folder.join("db")).map_err(|e| cannot(e.to_string()))?;
        let tree = |name: &str| db.open_tree(name).map_err(|e| cannot(e.to_string()));
        let batches = tree("batches")?;
        let places = Places::open(tree(PLACES)?)?;
        let last = batches.last().map_err(failed("read checks"))?;
        let last = last.map(|(key, _)| batch_number(&key));
        let next_batch = last.max(places.last_fresh()).map_or(0, |last| last + 1);
        let store = Self {
            path: path.to_owned(),
            journal,
            recovery,
            ledger: tree(Tree::Ledger.name())?,
            rulings: tree(Tree::Rulings.name())?,
            owners: tree(Tree::Owners.name())?,
            next_batch: AtomicU64::new(next_batch),
            rewriting: Mutex::default(),
            batches,
            places,
            words: tree("batches_with_words")?,
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
            synced: Mutex::default(),
            blobs: Blobs::of(folder.join("blobs")),
            db,
        };
        store.move_old_records()?;
        store.find_all_places()?;
        Ok(store)
    }

    /// The data folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Appends rows to the journal, which comes before the store; on disk when it returns.
    pub(super) fn write_down(&self, rows: &[Row]) -> Result<(), StoreError> {
        let written = self.journal.append(rows);
        written.map_err(|error| StoreError::Failed {
            action: "write the journal",
            why: error.to_string(),
        })
    }

    /// What was repaired when the store was opened.
    pub fn recovery(&self) -> Recovery {
        self.recovery
    }

    /// Brings to disk all that was written so far.
    ///
    /// # Errors
    ///
    /// The disk refuses.
    pub fn sync(&self) -> Result<(), StoreError> {
        // Before the sync: what is written meanwhile may not be on disk with it.
        *self.synced.lock() = Some(Instant::now());
        // The order matters: the log on disk must never name a file that is not on disk.
        self.db.flush().map_err(failed("flush to disk"))?;
        let synced = self.blobs.sync().and_then(|_| self.log.sync_data());
        synced.map_err(|e| StoreError::Failed {
            action: "sync to disk",
            why: e.to_string(),
        })
    }

    /// The same, but without the wait for the disk if that was done within the last second. For
    /// rows that are on disk in the journal.
    pub(super) fn sync_unless_recent(&self) -> Result<(), StoreError> {
        let last = *self.synced.lock();
        match last {
            Some(last) if last.elapsed() < BETWEEN_SYNCS => {
                let flushed = self.db.flush().map_err(failed("flush to disk"));
                flushed.map(|_| ())
            }
            _ => self.sync(),
        }
    }

    /// Tries whether the disk of the data folder accepts a file.
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

    /// Tries whether the store accepts a row.
    ///
    /// # Errors
    ///
    /// It does not. sled stays in error after its first failed write.
    pub fn probe(&self) -> Result<(), StoreError> {
        let place = "probe";
        let written = self
            .db
            .insert(place, place)
            .and_then(|_| self.db.remove(place));
        written.map_err(failed("write a row to try"))?;
        self.sync()
    }

    /// Turns a row whose key is lost into `None`.
    pub(super) fn unless_wordless<T>(
        &self,
        read: Option<Result<T, StoreError>>,
    ) -> Result<Option<T>, StoreError> {
        match read.transpose() {
            Err(error @ StoreError::Wordless { .. }) => {
                self.say_wordless(&error);
                Ok(None)
            }
            read => read,
        }
    }

    /// Logs once that personal text is passed over, because its key is lost.
    pub(super) fn say_wordless(&self, error: &StoreError) {
        if !self.said_wordless.swap(true, Ordering::Relaxed) {
            tracing::error!(%error, "it is passed over, and so are all others like it");
        }
    }
}

/// Refuses the folder of an earlier version. Called before the journal is read, because the journal
/// of that version holds keys in the clear too.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::DEFAULT_CACHE_BYTES;

    #[test]
    fn a_second_process_is_refused_in_a_sentence() {
        let dir = tempfile::tempdir().expect("a folder");
        let _first = Store::open(dir.path(), DEFAULT_CACHE_BYTES).expect("opens");
        let second = Store::open(dir.path(), DEFAULT_CACHE_BYTES).expect_err("must be refused");
        assert!(matches!(second, StoreError::Locked(_)), "{second}");
    }
}
