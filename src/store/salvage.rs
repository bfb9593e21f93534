//! A damaged data folder in, a new folder of all that can be read out: rows of a copy of the store,
//! and rows of the journal. Never changes the damaged folder.

use std::collections::{BTreeMap, HashSet};
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::database::{DEFAULT_CACHE_BYTES, open_sled};
use super::error::{StoreError, failed};
use super::journal::{self, Tree};
use super::layout::is_whole;
use super::panics::guarded;
use super::places::PLACES;
use super::sled_store::Store;

/// What was read, and what was not.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Salvaged {
    /// Rows read from the store, by tree.
    pub rows: BTreeMap<String, usize>,
    /// Rows that only the journal had, by tree.
    pub from_journal: BTreeMap<String, usize>,
    /// Rows of labels, operator events, keys, owners and settings whose checksum does not match;
    /// left out.
    pub damaged: usize,
    /// What sled could not read, one sentence for each.
    pub troubles: Vec<String>,
    /// Whether the journal is complete: then no label, operator event, key, owner or setting is
    /// missing.
    pub journal_is_whole: bool,
}

/// Reads what can be read of a data folder into a new one.
///
/// # Errors
///
/// The new folder is not empty, the old one is in use or missing, or the disk refuses.
pub fn salvage(from: &Path, into: &Path) -> Result<Salvaged, StoreError> {
    prepare(from, into)?;
    let mut found = Salvaged::default();
    let copy = into.join("store.copy");
    let source = from.join("store");
    if source.is_dir() {
        copy_folder(&source, &copy).map_err(refused(into, "copy the store"))?;
    } else {
        found.troubles.push("there is no store".to_owned());
    }
    // The new folder gets no journal here. The next start writes it from the new store.
    let target = open_sled(into, &into.join("store"), DEFAULT_CACHE_BYTES)?;
    if copy.is_dir() {
        match open_copy(from, &copy, &into.join("store")) {
            Ok(db) => read_all(from, &db, &target, &mut found)?,
            Err(error) => found.troubles.push(why(&error)),
        }
    }
    let contents = read_journal(from, &target, &mut found)?;
    found.journal_is_whole = contents.is_whole() && contents.rows > 0;
    target.flush().map_err(failed("flush to disk"))?;
    drop(target);
    let keys = "words.keys";
    copy_file(&from.join(keys), &into.join(keys)).map_err(refused(into, "copy words.keys"))?;
    let models = from.join("models");
    if models.is_dir() {
        copy_folder(&models, &into.join("models")).map_err(refused(into, "copy the models"))?;
    }
    // The copy was made only for sled, which writes to whatever it opens.
    if copy.is_dir() {
        std::fs::remove_dir_all(&copy).map_err(refused(into, "remove the copy"))?;
    }
    open_patiently(into)?.sync()?;
    Ok(found)
}

/// Opens the copy of the store. If that fails, tries again with the settings file of a new store:
/// sled's settings are the same in all our stores.
fn open_copy(from: &Path, copy: &Path, fresh: &Path) -> Result<sled::Db, StoreError> {
    guarded(from, || open_sled(from, copy, DEFAULT_CACHE_BYTES)).or_else(|error| {
        let settings = "conf";
        match std::fs::copy(fresh.join(settings), copy.join(settings)) {
            Ok(_) => guarded(from, || open_sled(from, copy, DEFAULT_CACHE_BYTES)),
            Err(_) => Err(error),
        }
    })
}

/// Opens the new folder, with retries: sled unlocks a folder some moments after the last handle was
/// dropped.
fn open_patiently(into: &Path) -> Result<Store, StoreError> {
    const TRIES: usize = 50;
    for _ in 0..TRIES {
        match Store::open(into, DEFAULT_CACHE_BYTES) {
            Err(StoreError::Locked(_)) => std::thread::sleep(Duration::from_millis(100)),
            opened => return opened,
        }
    }
    Store::open(into, DEFAULT_CACHE_BYTES)
}

fn refused(folder: &Path, action: &'static str) -> impl Fn(io::Error) -> StoreError {
    let folder = folder.to_owned();
    move |error| StoreError::Open {
        path: folder.clone(),
        why: format!("could not {action}: {error}"),
    }
}

fn prepare(from: &Path, into: &Path) -> Result<(), StoreError> {
    let refuse = |path: &Path, why: &str| StoreError::Open {
        path: path.to_owned(),
        why: why.to_owned(),
    };
    if !from.join("store").exists() && !journal::folder_of(from).exists() {
        return Err(refuse(from, "there is neither a store nor a journal in it"));
    }
    if let Ok(log) = File::open(from.join("store").join("db"))
        && let Err(std::fs::TryLockError::WouldBlock) = log.try_lock()
    {
        return Err(StoreError::Locked(from.to_owned()));
    }
    let is_empty = match std::fs::read_dir(into) {
        Ok(mut entries) => entries.next().is_none(),
        Err(error) => error.kind() == io::ErrorKind::NotFound,
    };
    if !is_empty {
        return Err(refuse(
            into,
            "it is not empty; give a folder that is not there yet",
        ));
    }
    std::fs::create_dir_all(into).map_err(refused(into, "make the folder"))
}

fn why(error: &StoreError) -> String {
    match error {
        StoreError::Broken { why, .. } => why.clone(),
        other => other.to_string(),
    }
}

/// Reads all rows of all trees that sled gives: from the front, and where that fails, from the
/// back.
fn read_all(
    from: &Path,
    db: &sled::Db,
    target: &sled::Db,
    found: &mut Salvaged,
) -> Result<(), StoreError> {
    let names = guarded(from, || Ok::<_, StoreError>(db.tree_names()));
    let names = names.unwrap_or_else(|error| {
        found.troubles.push(why(&error));
        Vec::new()
    });
    for name in names {
        let text = String::from_utf8_lossy(&name).into_owned();
        // Trees of sled itself hold nothing of ours, and a start finds all places of checks anew.
        if text.starts_with("__sled") || text == PLACES {
            continue;
        }
        let to = target.open_tree(&name).map_err(failed("write a tree"))?;
        let is_sealed = Tree::ALL.iter().any(|tree| tree.name() == text);
        let mut seen = HashSet::new();
        let mut give = |key: &[u8], value: &[u8]| -> Result<(), StoreError> {
            if is_sealed && !is_whole(value) {
                found.damaged += 1;
                return Ok(());
            }
            // The walk from the back may meet rows that the walk from the front has read.
            if seen.insert(key.to_vec()) {
                to.insert(key, value).map_err(failed("write a row"))?;
            }
            Ok(())
        };
        for way in [Way::Forwards, Way::Backwards] {
            let walked = guarded(from, || walk(db, &name, way, &mut give));
            match walked {
                Ok(()) => break,
                Err(error) if way == Way::Backwards => {
                    found.troubles.push(format!("{text}: {}", why(&error)));
                }
                Err(_) => {}
            }
        }
        found.rows.insert(text, seen.len());
    }
    Ok(())
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Forwards,
    Backwards,
}

fn walk(
    db: &sled::Db,
    name: &[u8],
    way: Way,
    give: &mut impl FnMut(&[u8], &[u8]) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let tree = db.open_tree(name).map_err(failed("open a tree"))?;
    let mut rows = tree.iter();
    loop {
        let row = match way {
            Way::Forwards => rows.next(),
            Way::Backwards => rows.next_back(),
        };
        let Some(row) = row else { return Ok(()) };
        let (key, value) = row.map_err(failed("read a row"))?;
        give(&key, &value)?;
    }
}

/// Puts the journal's last version of each row into the new store.
fn read_journal(
    from: &Path,
    target: &sled::Db,
    found: &mut Salvaged,
) -> Result<journal::Contents, StoreError> {
    let mut trouble = None;
    let folder = journal::folder_of(from);
    let contents = journal::read(&folder, |row| {
        let name = row.tree.name();
        let written = target.open_tree(name).and_then(|tree| match &row.value {
            Some(value) => tree.insert(&row.key, value.as_slice()),
            None => tree.remove(&row.key),
        });
        match written {
            Ok(None) if row.value.is_some() => {
                *found.from_journal.entry(name.to_owned()).or_default() += 1;
            }
            Ok(_) => {}
            Err(error) => trouble = Some(failed("write a row of the journal")(error)),
        }
    });
    let contents = contents.map_err(refused(&folder, "read the journal"))?;
    trouble.map_or(Ok(contents), Err)
}

fn copy_file(from: &Path, to: &Path) -> io::Result<()> {
    match std::fs::copy(from, to) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Copies files and folders. Leaves out what is neither.
fn copy_folder(from: &Path, to: &Path) -> io::Result<()> {
    std::fs::create_dir_all(to)?;
    let entries: Vec<PathBuf> = std::fs::read_dir(from)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<io::Result<_>>()?;
    for path in entries {
        let Some(name) = path.file_name() else {
            continue;
        };
        if path.is_dir() {
            copy_folder(&path, &to.join(name))?;
        } else if path.is_file() {
            std::fs::copy(&path, to.join(name))?;
        }
    }
    Ok(())
}
