//! Comments other systems kept, and what became of them: bytes in, [`Row`]s out, one file a format. Opens no file but SQLite's, knows no store,
//! labels nothing: [`trusted`] says which of these fates a person stands behind.
//!
//! A history is read at least twice: once to learn who moderated when, once to judge. Nothing of a row is kept between, so a file may be large, and a row
//! has an end ([`RECORD`]), so it may be hostile.

mod broken;
mod charset;
mod comentario;
mod dates;
mod disqus;
mod dump;
mod dump_wordpress;
mod html;
mod isso;
mod judgement;
mod mapping;
mod objects;
mod php;
mod recognise;
mod side;
mod table;
pub mod trusted;
mod wordpress;
mod wxr;
mod xml;

use std::io::BufRead;
use std::path::PathBuf;

use crate::bounded::{RECORD, in_words};
use crate::comment::Comment;
use crate::verdict::Label;
use side::Side;

pub use broken::Broken;
pub use dates::show as show_date;
pub use mapping::{BadMapping, Mapping};
pub use recognise::{Foreign, Recognised, recognise};

/// A format that is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// What `phin export` wrote; read by `moderation`, not here.
    Phin,
    /// WordPress, Tools > Export (WXR).
    WordPressXml,
    /// A dump of WordPress's MySQL or MariaDB tables.
    WordPressSql,
    /// `wp comment list --format=json` or `csv`.
    WordPressList,
    /// Disqus's XML export.
    Disqus,
    /// Isso's SQLite database.
    Isso,
    /// The JSON export of Comentario or Commento.
    Comentario,
    /// A table with a heading: CSV, TSV, semicolons.
    Csv,
    /// JSON objects, one a line or in one array.
    Json,
}

impl Format {
    /// All, in the order they are listed to a reader.
    pub const ALL: [Self; 9] = [
        Self::Phin,
        Self::WordPressXml,
        Self::WordPressSql,
        Self::WordPressList,
        Self::Disqus,
        Self::Isso,
        Self::Comentario,
        Self::Csv,
        Self::Json,
    ];

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Phin => "phin",
            Self::WordPressXml => "wordpress-xml",
            Self::WordPressSql => "wordpress-sql",
            Self::WordPressList => "wordpress-list",
            Self::Disqus => "disqus",
            Self::Isso => "isso",
            Self::Comentario => "comentario",
            Self::Csv => "csv",
            Self::Json => "json",
        }
    }

    /// What it is, in words.
    pub fn title(self) -> &'static str {
        match self {
            Self::Phin => "phin's own export",
            Self::WordPressXml => "WordPress export (WXR)",
            Self::WordPressSql => "dump of WordPress's database",
            Self::WordPressList => "list of wp-cli",
            Self::Disqus => "Disqus export (XML)",
            Self::Isso => "Isso database (SQLite)",
            Self::Comentario => "Comentario or Commento export (JSON)",
            Self::Csv => "table (CSV, TSV)",
            Self::Json => "JSON Lines or array",
        }
    }
}

/// What became of a comment where it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fate {
    /// Shown to readers; nobody need have decided so.
    Published,
    /// Held back, undecided.
    Waiting,
    /// In the spam folder.
    Spam,
    /// Thrown away by somebody, for whatever reason.
    Trashed,
    /// The export does not say.
    Unsaid,
}

/// Who wrote it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Writer {
    /// Anybody.
    #[default]
    Visitor,
    /// The site's own people.
    Staff,
}

/// A comment of a history.
#[derive(Debug, Clone, PartialEq)]
pub struct PastComment {
    /// Its name in its system, the same in every export of it: `wordpress:42`.
    pub id: String,
    /// Where to find it in its file, for a report: its id, or its line.
    pub place: String,
    /// Front page of its site as the export spells it.
    pub site: Option<String>,
    /// Milliseconds since 1970, UTC.
    pub at: Option<i64>,
    /// The comment itself, its text as it was typed.
    pub comment: Comment,
    /// What became of it.
    pub fate: Fate,
    /// Who wrote it.
    pub writer: Writer,
    /// What a spam filter said of it.
    pub filter_said: Option<Label>,
    /// What a person expressly said of it.
    pub person_said: Option<Label>,
    /// When people decided something about it, in milliseconds since 1970.
    pub decided_at: Vec<i64>,
    /// Whether it had been garbled (UTF-8 taken for Latin-1) and was put right.
    pub repaired: bool,
}

impl PastComment {
    fn new(id: String, comment: Comment, fate: Fate) -> Self {
        Self {
            place: id.clone(),
            id,
            site: None,
            at: None,
            comment,
            fate,
            writer: Writer::Visitor,
            filter_said: None,
            person_said: None,
            decided_at: Vec::new(),
            repaired: false,
        }
    }
}

/// One step through a history.
#[derive(Debug, Clone, PartialEq)]
pub enum Row {
    /// A comment.
    Comment(Box<PastComment>),
    /// Something that is no comment or cannot be read as one.
    Unreadable {
        /// Its line or id.
        place: String,
        /// What is wrong, as a reason that many rows may share.
        why: String,
    },
}

/// A comment that is longer than any that a person wrote.
fn too_long(place: String) -> Row {
    Row::Unreadable {
        place: side::cut(place),
        why: format!("it is longer than {}", in_words(RECORD)),
    }
}

/// Rows of a history, one by one; after an error there are no more.
pub type Rows = Box<dyn Iterator<Item = Result<Row, Broken>>>;

/// Where a history is read from.
pub enum Input {
    /// Its bytes, unpacked.
    Bytes(Box<dyn BufRead>),
    /// A file that only a library can open.
    File(PathBuf),
}

/// What to do with a history that breaks off.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Damage {
    /// Take nothing.
    #[default]
    Refuse,
    /// Take what came before.
    TakeBefore,
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
    /// Reads what rows will need and may come after them: the meta, posts and options of a WordPress dump, the people and pages of Comentario. Other formats
    /// are not touched.
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

/// Fields as long as a check has them: whoever keeps rows together knows what they take.
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

/// The break becomes the last row, so that it is told and not taken for the end.
fn until_broken(rows: Rows) -> impl Iterator<Item = Result<Row, Broken>> {
    rows.map(|row| match row {
        Err(broken @ (Broken::CutShort { .. } | Broken::Malformed { .. })) => Ok(Row::Unreadable {
            place: "the end".into(),
            why: format!("nothing after the break was read ({broken})"),
        }),
        other => other,
    })
}
