//! Isso's SQLite database in, its comments out, in order of their numbers, read in pages. Isso
//! keeps no spam: what a moderator refused is gone, and of a deleted comment with replies only an
//! empty row stays. Isso itself makes its addresses anonymous. It never writes to the database.

use crate::clock;
use std::collections::VecDeque;

use rusqlite::Connection;

use super::broken::Broken;
use super::database::{Table, broken, is_too_big};
use super::past_comment::{Fate, PastComment, Row, too_long};
use super::wordpress::filled;
use crate::bounded::RECORD;
use crate::comment::{Author, Comment, Page, Request, public_address};

/// Rows fetched at once.
const PAGE: i64 = 500;

/// Bytes of text after which no more rows are fetched at once.
const PAGE_BYTES: usize = RECORD;

pub(super) struct Isso {
    database: Connection,
    fetched: VecDeque<(i64, Row)>,
    last: i64,
    ended: bool,
}

/// Whether a database with these tables is Isso's.
pub(super) fn is_isso(tables: &[Table]) -> bool {
    let has = |name: &str, column: &str| {
        let named = |table: &Table| table.name == name && table.columns.iter().any(|c| c == column);
        tables.iter().any(named)
    };
    has("comments", "tid") && has("threads", "uri")
}

impl Isso {
    pub(super) fn read(database: Connection) -> Self {
        Self {
            database,
            fetched: VecDeque::new(),
            last: 0,
            ended: false,
        }
    }

    /// Some rows more; of one that is longer than a record, that it is.
    fn fetch(&mut self) -> Result<(), rusqlite::Error> {
        let mut query = self.database.prepare_cached(
            "SELECT c.id, t.uri, t.title, c.created, c.mode, c.remote_addr, c.text, c.author, c.email, c.website, c.parent
             FROM comments c LEFT JOIN threads t ON t.id = c.tid WHERE c.id > ?1 ORDER BY c.id LIMIT ?2",
        )?;
        let mut rows = query.query([self.last, PAGE])?;
        let mut bytes = 0;
        while bytes < PAGE_BYTES {
            match rows.next() {
                Ok(Some(row)) => {
                    let (id, row, length) = read(row)?;
                    bytes += length;
                    self.fetched.push_back((id, row));
                }
                Ok(None) => return Ok(()),
                Err(error) if is_too_big(&error) => {
                    let after = self.fetched.back().map_or(self.last, |(id, _)| *id);
                    let id = self.database.query_row(
                        "SELECT min(id) FROM comments WHERE id > ?1",
                        [after],
                        |row| row.get(0),
                    )?;
                    self.fetched.push_back((id, too_long(format!("isso:{id}"))));
                    return Ok(());
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

/// A row, its number, and the bytes of its texts.
fn read(row: &rusqlite::Row<'_>) -> Result<(i64, Row, usize), rusqlite::Error> {
    let id: i64 = row.get(0)?;
    let mut bytes = 0;
    let mut text = |column: usize| {
        let text = row.get::<_, Option<String>>(column)?.and_then(filled);
        bytes += text.as_ref().map_or(0, String::len);
        Ok::<_, rusqlite::Error>(text)
    };
    let fate = match row.get::<_, i64>(4)? {
        1 => Fate::Published,
        2 => Fate::Waiting,
        _ => Fate::Trashed,
    };
    let kind = match row.get::<_, Option<i64>>(10)? {
        Some(_) => "reply",
        None => "comment",
    };
    let comment = Comment {
        text: text(6)?.unwrap_or_default(),
        author: Author {
            name: text(7)?,
            email: text(8)?,
            url: text(9)?,
        },
        request: Request {
            ip: text(5)?.as_deref().and_then(public_address),
            ..Request::default()
        },
        page: Page {
            permalink: text(1)?,
            context: text(2)?.into_iter().collect(),
            kind: Some(kind.into()),
            ..Page::default()
        },
        ..Comment::default()
    };
    if bytes > RECORD {
        return Ok((id, too_long(format!("isso:{id}")), bytes));
    }
    let mut past = PastComment::new(format!("isso:{id}"), comment, fate);
    past.at = clock::parse(&row.get::<_, f64>(3)?.to_string());
    Ok((id, Row::Comment(Box::new(past)), bytes))
}

impl Iterator for Isso {
    type Item = Result<Row, Broken>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.fetched.is_empty() && !self.ended {
            if let Err(error) = self.fetch() {
                self.ended = true;
                return Some(Err(broken(&error, self.last)));
            }
            self.ended = self.fetched.is_empty();
        }
        let (id, row) = self.fetched.pop_front()?;
        self.last = id;
        Some(Ok(row))
    }
}
