//! Store and journal held against each other at every start. What the store lacks is put back from
//! the journal; what the journal lacks is written anew from the store; where both lack something,
//! or the store is gone, the start is refused and nothing is changed.

use std::collections::HashMap;
use std::path::Path;

use super::database::{DEFAULT_CACHE_BYTES, open_sled};
use super::error::{StoreError, failed};
use super::journal::{self, Contents, Journal, Row, Tree};
use super::panics::guarded;

/// The store may lack the labels of one write, for they go into the journal first. More than that
/// is damage.
const MOST_UNWRITTEN: usize = 512;

/// What a comparison found.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Recovery {
    /// Labels that the store had lost, and has again.
    pub labels: usize,
    /// Rulings, keys and settings of sites that it had lost, and has again.
    pub others: usize,
    /// The last labels, if the store lacked them: a hard stop came between journal and store.
    pub unwritten: usize,
    /// Rows that the journal had lost, and has again.
    pub in_journal: usize,
}

impl Recovery {
    /// Whether something was lost that had been written.
    pub fn found_damage(&self) -> bool {
        self.labels + self.others + self.in_journal > 0
    }
}

/// Compares, mends, and opens the journal. `is_new`: the store was made just now.
///
/// # Errors
///
/// The store is gone, or both are damaged, or the disk refused.
pub(super) fn recover(
    data: &Path,
    db: &sled::Db,
    is_new: bool,
) -> Result<(Journal, Recovery), StoreError> {
    let folder = journal::folder_of(data);
    let is_first = !folder.exists();
    let (contents, differences) = compare(&folder, db)?;
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

/// For a journal that cannot be read at all.
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

/// What a start would find in a data folder, with nothing mended.
///
/// # Errors
///
/// The store is gone or in use, or one of the two cannot be read.
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

/// Store and journal beside each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Examined {
    /// Labels in the journal.
    pub labels: usize,
    /// Whether no byte of the journal is damaged or missing.
    pub journal_is_whole: bool,
    /// Rows of the journal that the store lacks or has otherwise.
    pub not_in_store: usize,
    /// The last labels, if the store lacks them: as after a hard stop.
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

/// The labels of the store, as they pass by.
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

    /// Takes the one that stands in front.
    fn pass(&mut self) -> Result<Option<(sled::IVec, sled::IVec)>, StoreError> {
        let next = self.rows.next().transpose();
        let next = next.map_err(failed("read the ledger"))?;
        Ok(std::mem::replace(&mut self.next, next))
    }
}

/// A comparison under way. Labels lie in the same order in both and are compared as they pass by;
/// of the few other rows the journal's last word counts.
struct Comparison {
    labels: Labels,
    /// Place of the last label of the store.
    last: Option<sled::IVec>,
    found: Differences,
    others: HashMap<(Tree, Vec<u8>), Option<Vec<u8>>>,
}

/// What differs.
#[derive(Default)]
struct Differences {
    /// Labels the store had and lost.
    lost: Vec<Row>,
    /// Labels behind its last.
    unwritten: Vec<Row>,
    /// Other rows in which they differ, as the journal has them.
    others: Vec<Row>,
    /// Rows that the journal does not know.
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

    /// The next row of the journal.
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

    /// The rest of the store, and what the journal said last of everything but labels.
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
        // What is left, the store does not have.
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
