//! An SQLite database in, the same as a dump in SQL out, row by row, so that one reader reads both.
//! Only tables that may say something about comments have rows in it. It never writes to the
//! database.

use std::fmt::Write as _;
use std::io::{self, BufRead, BufReader, Cursor, Read};

use rusqlite::Connection;
use rusqlite::types::ValueRef;

use super::broken::Broken;
use super::database::{Table, broken, is_too_big};
use super::dump::LONGEST_VALUE;
use super::{dump_tables, known_systems};
use crate::bounded::RECORD;

/// Rows fetched at once, and bytes after which no more are.
const PAGE: i64 = 500;
const PAGE_BYTES: usize = RECORD;

/// Longest row as it is written: a record whose every byte is escaped.
const LONGEST_ROW: usize = 2 * RECORD;

/// Columns that hold whole pages, which no comment needs.
const OF_PAGES: [&str; 4] = [
    "post_content",
    "post_content_filtered",
    "post_excerpt",
    "text",
];

/// The tables of a database as a dump.
pub(super) fn dump(database: Connection, tables: Vec<Table>) -> Box<dyn BufRead> {
    let mut begin = String::new();
    let mut wanted = Vec::new();
    for mut table in tables {
        let is_plain = |name: &String| !name.contains(['`', '\\', '"', '\'']) && !name.is_empty();
        if table.columns.is_empty() || !is_plain(&table.name) || !table.columns.iter().all(is_plain)
        {
            continue;
        }
        let names = quoted(&table.columns).replace(',', " text,");
        let _ = writeln!(begin, "CREATE TABLE `{}` ({names} text);", table.name);
        let is_system = known_systems::of(&|name| table.columns.iter().any(|c| c == name));
        let kind = dump_tables::split_name(&table.name).map(|(_, kind)| kind);
        if is_system.is_none() && kind != Some("comments") {
            table
                .columns
                .retain(|column| !OF_PAGES.contains(&column.as_str()));
        }
        if is_system.is_some() || kind.is_some() {
            wanted.push(table);
        }
    }
    // The last one is read first.
    wanted.reverse();
    Box::new(BufReader::new(Rows {
        database,
        tables: wanted,
        last: i64::MIN,
        text: Cursor::new(begin.into_bytes()),
    }))
}

fn quoted(columns: &[String]) -> String {
    let quoted: Vec<String> = columns.iter().map(|column| format!("`{column}`")).collect();
    quoted.join(",")
}

struct Rows {
    database: Connection,
    tables: Vec<Table>,
    /// Number of the last row of the last table.
    last: i64,
    /// What was written of it and not read.
    text: Cursor<Vec<u8>>,
}

impl Rows {
    /// Writes the next rows; nothing at the end.
    fn refill(&mut self) -> Result<(), Broken> {
        let mut written = Vec::new();
        while let Some(table) = self.tables.last() {
            match fetch(&self.database, table, &mut self.last, &mut written) {
                Err(error) if is_without_numbers(&error) => {}
                Err(error) => return Err(broken(&error, self.last)),
                Ok(()) if !written.is_empty() => break,
                Ok(()) => {}
            }
            self.tables.pop();
            self.last = i64::MIN;
        }
        self.text = Cursor::new(written);
        Ok(())
    }
}

/// A table WITHOUT ROWID. No program that is read here makes one.
fn is_without_numbers(error: &rusqlite::Error) -> bool {
    error.to_string().contains("no such column: rowid")
}

fn fetch(
    database: &Connection,
    table: &Table,
    last: &mut i64,
    into: &mut Vec<u8>,
) -> Result<(), rusqlite::Error> {
    let columns = quoted(&table.columns);
    let name = &table.name;
    let mut query = database.prepare_cached(&format!(
        "SELECT rowid, {columns} FROM `{name}` WHERE rowid > ?1 ORDER BY rowid LIMIT ?2"
    ))?;
    let mut rows = query.query([*last, PAGE])?;
    while into.len() < PAGE_BYTES {
        match rows.next() {
            Ok(Some(row)) => {
                *last = row.get(0)?;
                let start = into.len();
                begin_row(name, &columns, into);
                for at in 1..=table.columns.len() {
                    if at > 1 {
                        into.push(b',');
                    }
                    write_value(row.get_ref(at)?, into);
                    if into.len() - start > LONGEST_ROW {
                        break;
                    }
                }
                into.extend_from_slice(b");\n");
                if into.len() - start > LONGEST_ROW {
                    into.truncate(start);
                    write_too_long(table, &columns, *last, into);
                }
            }
            Ok(None) => return Ok(()),
            Err(error) if is_too_big(&error) => {
                let next = format!("SELECT min(rowid) FROM `{name}` WHERE rowid > ?1");
                *last = database.query_row(&next, [*last], |row| row.get(0))?;
                write_too_long(table, &columns, *last, into);
                return Ok(());
            }
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// A row that is reported by its number: one of its values is as long as none may be.
fn write_too_long(table: &Table, columns: &str, number: i64, into: &mut Vec<u8>) {
    begin_row(&table.name, columns, into);
    into.extend_from_slice(number.to_string().as_bytes());
    for at in 1..table.columns.len() {
        into.push(b',');
        match at {
            1 => into.extend(std::iter::repeat_n(b'1', LONGEST_VALUE + 1)),
            _ => into.extend_from_slice(b"NULL"),
        }
    }
    into.extend_from_slice(b");\n");
}

fn begin_row(table: &str, columns: &str, into: &mut Vec<u8>) {
    into.extend_from_slice(format!("INSERT INTO `{table}` ({columns}) VALUES (").as_bytes());
}

fn write_value(value: ValueRef<'_>, into: &mut Vec<u8>) {
    match value {
        ValueRef::Null => into.extend_from_slice(b"NULL"),
        ValueRef::Integer(number) => into.extend_from_slice(number.to_string().as_bytes()),
        ValueRef::Real(number) => into.extend_from_slice(number.to_string().as_bytes()),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => {
            into.push(b'\'');
            for &byte in bytes {
                match byte {
                    b'\'' | b'\\' => into.extend_from_slice(&[b'\\', byte]),
                    0 => into.extend_from_slice(b"\\0"),
                    byte => into.push(byte),
                }
            }
            into.push(b'\'');
        }
    }
}

impl Read for Rows {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.text.read(into)?;
        if read > 0 || into.is_empty() {
            return Ok(read);
        }
        self.refill().map_err(io::Error::other)?;
        self.text.read(into)
    }
}
