//! A comment of a history, and one step through a history: the types that every reader of a format
//! gives. Nothing is read here.

use super::broken::Broken;
use super::side;
use crate::bounded::{RECORD, in_words};
use crate::comment::Comment;
use crate::verdict::Label;

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
    /// The label that a spam filter gave.
    pub filter_said: Option<Label>,
    /// The label that a person gave.
    pub person_said: Option<Label>,
    /// When people decided something about it, in milliseconds since 1970.
    pub decided_at: Vec<i64>,
    /// Whether it had been garbled (UTF-8 taken for Latin-1) and was put right.
    pub repaired: bool,
}

impl PastComment {
    pub(super) fn new(id: String, comment: Comment, fate: Fate) -> Self {
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
pub(super) fn too_long(place: String) -> Row {
    Row::Unreadable {
        place: side::cut(place),
        why: format!("it is longer than {}", in_words(RECORD)),
    }
}

/// Rows of a history, one by one; after an error there are no more.
pub type Rows = Box<dyn Iterator<Item = Result<Row, Broken>>>;

/// What to do with a history that breaks off.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Damage {
    /// Take nothing.
    #[default]
    Refuse,
    /// Take what came before.
    TakeBefore,
}
