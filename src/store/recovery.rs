//! Store and journal in at every start, both complete or a refusal out. What the store lacks is put
//! back from the journal; what the journal lacks is written from the store. Where both lack
//! something, or the store is missing, the start is refused. Never changes anything when it
//! refuses.

use std::collections::HashMap;
use std::path::Path;

use super::database::{DEFAULT_CACHE_BYTES, open_sled};
use super::error::{StoreError, failed};
use super::journal::{self, Contents, Journal, Row, Tree};
use super::panics::guarded;

/// How many labels the store may lack at its end without being called damaged. The disk has a label
/// in the journal first and in the store up to a second later, so a loss of power may keep the last
/// ones from the store: some 11,000 at the highest rate that was measured.
const MOST_UNWRITTEN: usize = 65_536;

/// What a comparison found.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Recovery {
    /// Labels that were missing in the store and are restored.
    pub labels: usize,
    /// Operator events, keys, owners and settings of sites that were missing and are restored.
    pub others: usize,
    /// The last labels, if the store lacked them: the process stopped between journal and store.
    pub unwritten: usize,
    /// Rows that were missing in the journal and are restored.
    pub in_journal: usize,
}

impl Recovery {
    /// Whether something was lost that had been written to disk.
    pub fn found_damage(&self) -> bool {
        self.labels + self.others + self.in_journal > 0
    }
}

/// Compares store and journal, mends what it can, and opens the journal. `is_new`: the store was
/// made just now.
///
/// # Errors
///
/// The store is missing, or both are damaged, or the disk refused.
pub(super) fn recover(
    data: &Path,
    db: &sled::Db,
    is_new: bool,
) -> Result<(Journal, Recovery), StoreError> {
    let folder = journal::folder_of(data);
    let is_first = !folder.exists();
    let (contents, differences) = compare(&folder, db)?;
    // A new store beside an old journal is a lost store, not a new data folder.
    if is_new && contents.rows > 0 {
        return Err(StoreError::Gone {
            path: data.to_owned(),
            labels: contents.labels,
        });
    }
    let mut found = Recovery {
        labels: differences.lost.len(),
        others: differences.others.len(),
        unwritten: differences.unwritten.len(),
        in_journal: 0,
    };
    if !contents.is_whole() && found.labels + found.others > 0 {
        return Err(StoreError::BothDamaged {
            path: data.to_owned(),
            labels: found.labels,
        });
    }
    // Before the journal may be written anew, because that copies what the store holds.
    put_back(db, &differences)?;
    let contents = if contents.is_whole() && differences.unknown == 0 {
        contents
    } else {
        if !is_first {
            found.in_journal = differences.unknown.max(1);
        }
        journal::write_anew(&folder, all_rows(db)).map_err(|error| match error {
            Unwritten::Journal(error) => failed_io("write the journal anew")(error),
            Unwritten::Store(error) => error,
        })?;
        journal::read(&folder, |_| {}).map_err(failed_io("read the journal"))?
    };
    found.tell(&contents);
    let journal = Journal::open(&folder, &contents).map_err(failed_io("open the journal"))?;
    Ok((journal, found))
}

/// The error for a journal that cannot be read at all.
pub(super) fn unreadable(folder: &Path, error: &std::io::Error) -> StoreError {
    StoreError::NoJournal {
        folder: folder.to_owned(),
        why: error.to_string(),
    }
}

fn failed_io(action: &'static str) -> impl Fn(std::io::Error) -> StoreError {
    move |error| StoreError::Failed {
        action,
        why: error.to_string(),
    }
}

fn compare(folder: &Path, db: &sled::Db) -> Result<(Contents, Differences), StoreError> {
    let mut compared = Comparison::of(db)?;
    let mut trouble = None;
    let contents = journal::read(folder, |row| {
        if trouble.is_none() {
            trouble = compared.hear(row).err();
        }
    });
    let contents = contents.map_err(|error| unreadable(folder, &error))?;
    match trouble {
        Some(error) => Err(error),
        None => Ok((contents, compared.finish(db)?)),
    }
}

/// Compares store and journal of a data folder and mends nothing.
///
/// # Errors
///
/// The store is missing or in use, or one of the two cannot be read.
pub fn examine(data: &Path) -> Result<Examined, StoreError> {
    refuse_without_store(data)?;
    guarded(data, || {
        let db = open_sled(data, &data.join("store"), DEFAULT_CACHE_BYTES)?;
        let (contents, differences) = compare(&journal::folder_of(data), &db)?;
        Ok(Examined {
            labels: contents.labels,
            journal_is_whole: contents.is_whole(),
            not_in_store: differences.lost.len() + differences.others.len(),
            unwritten: differences.unwritten.len(),
            not_in_journal: differences.unknown,
        })
    })
}

/// How store and journal differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Examined {
    /// Labels in the journal.
    pub labels: usize,
    /// Whether no byte of the journal is damaged or missing.
    pub journal_is_whole: bool,
    /// Rows of the journal that the store lacks or holds with other bytes.
    pub not_in_store: usize,
    /// The last labels, if the store lacks them, as after a hard stop.
    pub unwritten: usize,
    /// Rows of the store that the journal lacks.
    pub not_in_journal: usize,
}

impl Recovery {
    fn tell(&self, contents: &Contents) {
        if self.unwritten > 0 {
            tracing::warn!(
                labels = self.unwritten,
                "the store lacked the last labels; they are there now, from the journal. After a hard stop that is as it should be; after any other, look at the disk"
            );
        }
        tracing::debug!(rows = contents.rows, "the store agrees with its journal");
    }
}

/// The labels of the store, read one after the other.
struct Labels {
    rows: sled::Iter,
    next: Option<(sled::IVec, sled::IVec)>,
}

impl Labels {
    fn of(tree: &sled::Tree) -> Result<Self, StoreError> {
        let mut labels = Self {
            rows: tree.iter(),
            next: None,
        };
        labels.pass()?;
        Ok(labels)
    }

    /// Takes the label in front and reads the next.
    fn pass(&mut self) -> Result<Option<(sled::IVec, sled::IVec)>, StoreError> {
        let next = self.rows.next().transpose();
        let next = next.map_err(failed("read the ledger"))?;
        Ok(std::mem::replace(&mut self.next, next))
    }
}

/// A comparison in progress. Labels lie in the same order in both and are compared side by side, so
/// memory does not grow with them. Other rows are few; for each, the last one in the journal
/// counts.
struct Comparison {
    labels: Labels,
    /// Place of the last label of the store.
    last: Option<sled::IVec>,
    found: Differences,
    others: HashMap<(Tree, Vec<u8>), Option<Vec<u8>>>,
}

/// How store and journal differ.
#[derive(Default)]
struct Differences {
    /// Labels that the store must have had: they lie before its last one.
    lost: Vec<Row>,
    /// Labels behind the store's last one.
    unwritten: Vec<Row>,
    /// Other rows that differ, as the journal has them.
    others: Vec<Row>,
    /// How many rows of the store are not in the journal.
    unknown: usize,
}

fn open(db: &sled::Db, tree: Tree) -> Result<sled::Tree, StoreError> {
    db.open_tree(tree.name()).map_err(failed("open the store"))
}

impl Comparison {
    fn of(db: &sled::Db) -> Result<Self, StoreError> {
        let ledger = open(db, Tree::Ledger)?;
        let last = ledger.last().map_err(failed("read the ledger"))?;
        Ok(Self {
            labels: Labels::of(&ledger)?,
            last: last.map(|(key, _)| key),
            found: Differences::default(),
            others: HashMap::new(),
        })
    }

    /// Takes the next row of the journal.
    fn hear(&mut self, row: Row) -> Result<(), StoreError> {
        if row.tree != Tree::Ledger {
            self.others.insert((row.tree, row.key), row.value);
            return Ok(());
        }
        let is_before = |key: &sled::IVec| key.as_ref() < row.key.as_slice();
        while self
            .labels
            .next
            .as_ref()
            .is_some_and(|(key, _)| is_before(key))
        {
            self.labels.pass()?;
            self.found.unknown += 1;
        }
        let is_it = |key: &sled::IVec| key.as_ref() == row.key.as_slice();
        if self.labels.next.as_ref().is_some_and(|(key, _)| is_it(key)) {
            let value = self.labels.pass()?.map(|(_, value)| value);
            if value.as_deref() != row.value.as_deref() {
                self.found.lost.push(row);
            }
        } else if self.last.as_ref().is_none_or(is_before) {
            self.found.unwritten.push(row);
        } else {
            self.found.lost.push(row);
        }
        Ok(())
    }

    /// Compares the rest of the store, and all rows that are not labels.
    fn finish(mut self, db: &sled::Db) -> Result<Differences, StoreError> {
        let mut found = self.found;
        while self.labels.pass()?.is_some() {
            found.unknown += 1;
        }
        for tree in Tree::ALL.into_iter().filter(|tree| *tree != Tree::Ledger) {
            for row in &open(db, tree)? {
                let (key, value) = row.map_err(failed("read the store"))?;
                let key = key.to_vec();
                match self.others.remove(&(tree, key.clone())) {
                    Some(said) if said.as_deref() == Some(value.as_ref()) => {}
                    Some(value) => found.others.push(Row { tree, key, value }),
                    None => found.unknown += 1,
                }
            }
        }
        // Rows of the journal that the store does not have at all.
        let left = self.others.into_iter().filter(|(_, value)| value.is_some());
        let left = left.map(|((tree, key), value)| Row { tree, key, value });
        found.others.extend(left);
        if found.unwritten.len() > MOST_UNWRITTEN {
            found.lost.append(&mut found.unwritten);
        }
        Ok(found)
    }
}

fn put_back(db: &sled::Db, differences: &Differences) -> Result<(), StoreError> {
    let Differences {
        lost,
        unwritten,
        others,
        ..
    } = differences;
    let rows: Vec<&Row> = lost.iter().chain(unwritten).chain(others).collect();
    if rows.is_empty() {
        return Ok(());
    }
    for row in rows {
        let tree = open(db, row.tree)?;
        let written = match &row.value {
            Some(value) => tree.insert(&row.key, value.as_slice()),
            None => tree.remove(&row.key),
        };
        written.map_err(failed("put back what the store had lost"))?;
    }
    db.flush().map_err(failed("flush to disk"))?;
    Ok(())
}

enum Unwritten {
    Journal(std::io::Error),
    Store(StoreError),
}

impl From<std::io::Error> for Unwritten {
    fn from(error: std::io::Error) -> Self {
        Self::Journal(error)
    }
}

fn all_rows(db: &sled::Db) -> impl Iterator<Item = Result<Row, Unwritten>> + '_ {
    Tree::ALL.into_iter().flat_map(|tree| {
        let rows: Box<dyn Iterator<Item = Result<Row, Unwritten>>> = match open(db, tree) {
            Ok(opened) => Box::new(opened.iter().map(move |row| {
                let (key, value) =
                    row.map_err(|e| Unwritten::Store(failed("read the store")(e)))?;
                Ok(Row::put(tree, key.to_vec(), value.to_vec()))
            })),
            Err(error) => Box::new(std::iter::once(Err(Unwritten::Store(error)))),
        };
        rows
    })
}

/// Refuses a journal without a store: that is a lost store, not a new data folder. Called before
/// sled would create the store.
///
/// # Errors
///
/// There is such a journal, or it cannot be read.
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
