//! Comments that other systems kept, and what became of them: bytes in, [`Row`]s out, one file for
//! each format. It opens no file except SQLite's, knows no store and labels nothing: [`trusted`]
//! decides which rows become labels.
//!
//! A history is read at least twice: once to learn who moderated when, and once to judge. Between
//! the two no row is kept, so a file may be large. A row has a limit ([`RECORD`]), so a file may be
//! hostile.

mod broken;
mod charset;
mod comentario;
mod disqus;
mod dump;
mod dump_wordpress;
mod fingerprints;
mod format;
mod html;
mod isso;
mod judgement;
mod mapping;
mod objects;
mod past_comment;
mod php;
mod recognise;
mod side;
mod sql_text;
mod sql_value;
mod table;
pub mod trusted;
mod wordpress;
mod wxr;
mod xml;

use std::io::BufRead;
use std::path::PathBuf;

use crate::bounded::RECORD;

pub use broken::Broken;
pub use format::Format;
pub use mapping::{BadMapping, Mapping};
pub use past_comment::{Damage, Fate, PastComment, Row, Rows, Writer};
pub use recognise::{Foreign, Recognised, recognise};

/// Where a history is read from.
pub enum Input {
    /// Its bytes, unpacked.
    Bytes(Box<dyn BufRead>),
    /// A file that only a library can open.
    File(PathBuf),
}

/// A history whose format is known and whose side tables, if it has any, are read.
#[derive(Debug)]
pub struct History {
    format: Format,
    mapping: Mapping,
    damage: Damage,
    wordpress: dump_wordpress::SideTables,
    comentario: comentario::Around,
}

impl History {
    /// Reads what rows will need and may come after them: the meta, posts and options of a
    /// WordPress dump, the people and pages of Comentario. Other formats are not touched.
    ///
    /// # Errors
    ///
    /// The input cannot be read, or is not of that format. A dump that breaks off is an error only
    /// where `damage` says so.
    pub fn survey(
        format: Format,
        mapping: Mapping,
        damage: Damage,
        input: impl FnOnce() -> Result<Input, Broken>,
    ) -> Result<Self, Broken> {
        let mut history = Self {
            format,
            mapping,
            damage,
            wordpress: Default::default(),
            comentario: Default::default(),
        };
        match format {
            Format::WordPressSql => {
                history.wordpress = dump_wordpress::SideTables::read(bytes(input()?)?, damage)?;
            }
            Format::Comentario => {
                history.comentario = comentario::Around::read(bytes(input()?)?)?;
            }
            _ => {}
        }
        Ok(history)
    }

    /// Walks through it once.
    ///
    /// # Errors
    ///
    /// The input cannot be read, or does not begin as that format does.
    pub fn rows(&self, input: Input) -> Result<Rows, Broken> {
        let rows: Rows = match self.format {
            Format::Phin => return Err(Broken::Other("an export of phin is no history".into())),
            Format::WordPressXml => Box::new(wxr::Wxr::read(bytes(input)?)?),
            Format::WordPressSql => Box::new(dump_wordpress::Comments::read(
                bytes(input)?,
                self.wordpress.clone(),
            )?),
            Format::Disqus => Box::new(disqus::Disqus::read(bytes(input)?)?),
            Format::Isso => match input {
                Input::File(path) => Box::new(isso::Isso::open(&path, self.damage)?),
                Input::Bytes(_) => {
                    return Err(Broken::Other("a database is read from a file only".into()));
                }
            },
            Format::Comentario => Box::new(comentario::Comentario::read(
                bytes(input)?,
                self.comentario.clone(),
            )?),
            Format::WordPressList | Format::Csv | Format::Json => {
                table::read(bytes(input)?, self.format, self.mapping.clone())?
            }
        };
        let rows = Box::new(rows.map(|row| row.map(cut)));
        Ok(match self.damage {
            Damage::Refuse => rows,
            Damage::TakeBefore => Box::new(until_broken(rows)),
        })
    }
}

/// Cuts fields to the lengths that a check has, so that the memory of rows that are kept together
/// has a limit.
fn cut(row: Row) -> Row {
    match row {
        Row::Comment(mut past) => {
            past.comment.cut(RECORD);
            past.id = side::cut(past.id);
            past.place = side::cut(past.place);
            past.site = past.site.map(side::cut);
            Row::Comment(past)
        }
        Row::Unreadable { place, why } => Row::Unreadable {
            place: side::cut(place),
            why: side::cut(why),
        },
    }
}

fn bytes(input: Input) -> Result<Box<dyn BufRead>, Broken> {
    match input {
        Input::Bytes(bytes) => Ok(bytes),
        Input::File(path) => Err(Broken::Other(format!(
            "{} was to be read as a stream",
            path.display()
        ))),
    }
}

/// The break becomes the last row, so that it is reported and not taken for the end.
fn until_broken(rows: Rows) -> impl Iterator<Item = Result<Row, Broken>> {
    rows.map(|row| match row {
        Err(broken @ (Broken::CutShort { .. } | Broken::Malformed { .. })) => Ok(Row::Unreadable {
            place: "the end".into(),
            why: format!("nothing after the break was read ({broken})"),
        }),
        other => other,
    })
}
