//! An SQLite database in, its reader out: Isso's own, or its tables as a dump. It reads no comment.

use std::io::BufRead;
use std::path::Path;

use super::broken::Broken;
use super::isso::{self, Isso};
use super::past_comment::{Damage, Row};
use super::{database, sqlite_dump};

/// A database, by its tables.
pub(super) enum Database {
    /// Isso's: its comments.
    Isso(Box<dyn Iterator<Item = Result<Row, Broken>>>),
    /// Any other, as a dump in SQL.
    Tables(Box<dyn BufRead>),
}

impl Database {
    pub(super) fn open(path: &Path, damage: Damage) -> Result<Self, Broken> {
        let database = database::open(path, damage)?;
        let tables = database::tables(&database)?;
        Ok(match isso::is_isso(&tables) {
            true => Self::Isso(Box::new(Isso::read(database))),
            false => Self::Tables(sqlite_dump::dump(database, tables)),
        })
    }
}
