//! Comments that other systems kept, and what became of them: bytes in, [`Row`]s out, one file for
//! each format. It opens no file except SQLite's, knows no store and labels nothing: [`trusted`]
//! decides which rows become labels.
//!
//! A history is read at least twice: once to learn who moderated when, and once to judge. Between
//! the two no row is kept, so a file may be large. A row has a limit ([`RECORD`]), so a file may be
//! hostile.

mod blogger;
mod broken;
mod cells;
mod charset;
mod comentario;
mod database;
mod disqus;
mod dump;
mod dump_tables;
mod dump_wordpress;
mod fields;
mod fingerprints;
mod folder;
mod format;
mod html;
mod isso;
mod json;
mod json_scan;
mod judgement;
mod known_systems;
mod mapping;
mod movable_type;
mod objects;
mod opinion;
mod outline;
mod past_comment;
mod php;
mod recognise;
mod side;
mod sql_text;
mod sql_value;
mod sqlite;
mod sqlite_dump;
mod systems;
mod table;
pub mod trusted;
mod walk;
mod wordpress;
mod wxr;
mod xml;
mod yaml;

use std::io::BufRead;
use std::path::PathBuf;

use crate::bounded::RECORD;
use crate::verdict::Label;

use sqlite::Database;

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
    dump: dump_wordpress::SideTables,
    comentario: comentario::Around,
    json: json::Plan,
}

impl History {
    /// Reads what rows will need and may come after them: the meta, posts and options of a
    /// database, the people and pages of Comentario, the place of the comments in JSON. Other
    /// formats are not touched.
    ///
    /// # Errors
    ///
    /// The input cannot be read, or is not of that format. An input that breaks off is an error
    /// only where `damage` says so.
    pub fn survey(
        format: Format,
        mapping: Mapping,
        damage: Damage,
        mut input: impl FnMut() -> Result<Input, Broken>,
    ) -> Result<Self, Broken> {
        let mut history = Self {
            format,
            mapping,
            damage,
            dump: Default::default(),
            comentario: Default::default(),
            json: Default::default(),
        };
        match format {
            Format::Sql => {
                history.dump = dump_wordpress::SideTables::read(bytes(input()?)?, damage)?;
            }
            Format::Sqlite => {
                if let Database::Tables(dump) = opened(input()?, damage)? {
                    history.dump = dump_wordpress::SideTables::read(dump, damage)?;
                }
            }
            Format::Json => {
                let mut open = || bytes(input()?);
                history.json = json::Plan::make(history.mapping.clone(), damage, &mut open)?;
                let system = history.json.system();
                if system.is_some_and(|system| system.name == known_systems::COMENTARIO) {
                    history.format = Format::Comentario;
                }
            }
            _ => {}
        }
        if history.format == Format::Comentario {
            history.comentario = comentario::Around::read(bytes(input()?)?)?;
        }
        Ok(history)
    }

    /// Its format, as its rows show it.
    pub fn format(&self) -> Format {
        self.format
    }

    /// What it is, in words.
    pub fn title(&self) -> String {
        let of = |system: Option<&'static systems::System>, otherwise| {
            system.map_or(otherwise, |system| system.title)
        };
        match self.format {
            Format::Sql => format!("dump of {}'s database", of(self.dump.system(), "WordPress")),
            Format::Sqlite => match self.dump.is_empty() {
                true => "Isso database (SQLite)".to_owned(),
                false => format!("{} database (SQLite)", of(self.dump.system(), "WordPress")),
            },
            Format::Json => match self.json.system() {
                Some(system) => format!("{} (JSON)", system.title),
                None => "JSON".to_owned(),
            },
            format => format.title().to_owned(),
        }
    }

    /// Walks through it once.
    ///
    /// # Errors
    ///
    /// The input cannot be read, or does not begin as that format does.
    pub fn rows(&self, input: Input) -> Result<Rows, Broken> {
        let mapping = || self.mapping.clone();
        let comments = |dump| dump_wordpress::Comments::read(dump, self.dump.clone(), mapping());
        let rows: Rows = match self.format {
            Format::Phin => return Err(Broken::Other("an export of phin is no history".into())),
            Format::WordPressXml => Box::new(wxr::Wxr::read(bytes(input)?)?),
            Format::Sql => Box::new(comments(bytes(input)?)?),
            Format::Sqlite => match opened(input, self.damage)? {
                Database::Isso(isso) => isso,
                Database::Tables(dump) => Box::new(comments(dump)?),
            },
            Format::Disqus => Box::new(disqus::Disqus::read(bytes(input)?)?),
            Format::Comentario => Box::new(comentario::Comentario::read(
                bytes(input)?,
                self.comentario.clone(),
            )?),
            Format::Blogger => Box::new(blogger::Blogger::read(bytes(input)?)?),
            Format::MovableType => Box::new(movable_type::MovableType::read(bytes(input)?)?),
            Format::Folder => Box::new(folder::Folder::read(bytes(input)?, mapping())),
            Format::WordPressList | Format::Csv => {
                table::read(bytes(input)?, self.format, mapping())?
            }
            Format::Json => Box::new(self.json.rows(bytes(input)?)?),
        };
        let decision = self.mapping.decision();
        let rows = Box::new(rows.map(move |row| Ok(cut(decided(row?, decision)))));
        Ok(match self.damage {
            Damage::Refuse => rows,
            Damage::TakeBefore => Box::new(until_broken(rows)),
        })
    }
}

/// A database, by its tables.
fn opened(input: Input, damage: Damage) -> Result<Database, Broken> {
    match input {
        Input::File(path) => Database::open(&path, damage),
        Input::Bytes(_) => Err(Broken::Other("a database is read from a file only".into())),
    }
}

/// What a person said of all rows together outweighs what is in them.
fn decided(mut row: Row, decision: Option<Label>) -> Row {
    if let (Row::Comment(past), Some(_)) = (&mut row, decision) {
        past.person_said = decision;
    }
    row
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
