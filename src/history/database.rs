//! An SQLite database in, its tables out: opened for reading only, with limits, and looked through
//! for damage first. It never writes.

use std::path::Path;

use rusqlite::limits::Limit;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::broken::Broken;
use super::past_comment::Damage;
use crate::bounded::RECORD;

/// Tables, and columns of a table, that are looked at.
const MOST_TABLES: usize = 2_000;
const MOST_COLUMNS: usize = 200;

/// A table and its columns.
#[derive(Debug, Clone)]
pub(super) struct Table {
    pub(super) name: String,
    pub(super) columns: Vec<String>,
}

/// Opens it for reading only, and has SQLite look whether it is whole.
pub(super) fn open(path: &Path, damage: Damage) -> Result<Connection, Broken> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let database = Connection::open_with_flags(path, flags).map_err(|e| broken(&e, 0))?;
    // A value may be computed, and then be of any length: SQLite refuses those that are longer
    // than a record before it makes them.
    database
        .set_limit(Limit::SQLITE_LIMIT_LENGTH, RECORD as i32)
        .and_then(|_| database.pragma_update(None, "trusted_schema", false))
        .map_err(|e| broken(&e, 0))?;
    if damage == Damage::Refuse {
        let verdict = database.query_row("PRAGMA quick_check(1)", [], |row| row.get(0));
        let verdict: String = match verdict {
            // SQLite checks its pages before rows are read. A row that is too long is reported
            // when it is read.
            Err(error) if is_too_big(&error) => "ok".to_owned(),
            verdict => verdict.map_err(|e| broken(&e, 0))?,
        };
        if verdict != "ok" {
            return Err(Broken::Malformed {
                place: "some page of the database".into(),
                why: format!("SQLite says: {verdict}"),
            });
        }
    }
    Ok(database)
}

/// Its tables by name. Views are none: they may compute anything.
pub(super) fn tables(database: &Connection) -> Result<Vec<Table>, Broken> {
    let read = || {
        let mut query = database.prepare(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
             AND sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY name LIMIT ?1",
        )?;
        let names = query.query_map([MOST_TABLES as i64], |row| row.get::<_, String>(0))?;
        let mut tables = Vec::new();
        for name in names {
            let name = name?;
            let mut query = database.prepare("SELECT name FROM pragma_table_info(?1) LIMIT ?2")?;
            let columns = query
                .query_map((&name, MOST_COLUMNS as i64), |row| row.get(0))?
                .collect::<Result<_, _>>()?;
            tables.push(Table { name, columns });
        }
        Ok(tables)
    };
    read().map_err(|error| broken(&error, 0))
}

/// Whether a value was longer than a record.
pub(super) fn is_too_big(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(ErrorCode::TooBig)
}

/// What SQLite says, behind the comment with this number.
pub(super) fn broken(error: &rusqlite::Error, last: i64) -> Broken {
    Broken::Malformed {
        place: format!("comment {}", last + 1),
        why: format!("SQLite says: {error}"),
    }
}
