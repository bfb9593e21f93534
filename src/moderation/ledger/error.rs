//! Why the ledger refused a label or an undo. Types only; decides nothing.

use std::time::Duration;

use crate::blocking::WorkFailed;
use crate::comment::SiteId;
use crate::lists::BadEntry;
use crate::moderation::checks::SHORTEST_BEGINNING;
use crate::store::{Seq, StoreError};

/// How long a sender waits until a label is on disk. Clients give up after 10 to 30 seconds.
pub(crate) const LABEL_PATIENCE: Duration = Duration::from_secs(15);

/// Why a label is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LabelError {
    /// It could not be written to disk.
    #[error("the label is not stored, please send it again later: {0}")]
    NotStored(String),
    /// The disk took longer than a sender waits.
    #[error(
        "the store has not answered for {} s: it is not known whether the label is stored, please send it again (said twice, it counts once)",
        LABEL_PATIENCE.as_secs()
    )]
    Slow,
    /// The server is stopping.
    #[error("the label is not stored, the server is shutting down; please send it again")]
    ShuttingDown,
    /// It has a guid that no check has, and no comment.
    #[error("there is no check {0} here")]
    UnknownCheck(String),
    /// Too little of an id.
    #[error(
        "{0:?} is too little of a check's id: at least {SHORTEST_BEGINNING} of its digits are needed"
    )]
    ShortGuid(String),
    /// More than one check has an id that begins like this.
    #[error("more than one check begins with {0}; give more of its id")]
    ManyChecks(String),
    /// No key that is known sent the check.
    #[error(
        "no key that is known here sent check {0}, so it is not known for whom a label would count"
    )]
    NoSender(String),
    /// It answers no check, and its comment is empty.
    #[error(
        "the report says nothing of a comment: it has neither text nor author, and answers no check of this site"
    )]
    Empty,
    /// The site belongs to another key.
    #[error(
        "the site {0} belongs to another key; its labels are not yours to say (the operator can hand it over: phin sites give)"
    )]
    NotYours(SiteId),
    /// The key names more sites than it may.
    #[error(
        "the report is not applied: this key names more sites than its operator allows, and {0} is beyond them (max_sites_per_key, or phin sites give)"
    )]
    TooManySites(SiteId),
}

/// Why an undo is refused.
#[derive(Debug, thiserror::Error)]
pub enum UndoError {
    /// No condition was given.
    #[error(
        "say which labels shall be undone: of a reporter, a key, a site, a time, a check, a domain or a text, or by their numbers (phin labels)"
    )]
    Everything,
    /// The end of the time span is not after its beginning.
    #[error("the time ends before it begins: --until must lie after --since")]
    Backwards,
    /// No label fits the choice.
    #[error("no label that still counts fits; nothing was undone")]
    Nothing,
    /// What is looked for in comments cannot be looked for.
    #[error("comments cannot be searched for that: {0}")]
    Search(BadEntry),
    /// Too little of a check's id.
    #[error(
        "{0:?} is too little of a check's id: at least {SHORTEST_BEGINNING} of its digits are needed"
    )]
    ShortGuid(String),
    /// A chosen place is empty.
    #[error("there is nothing at place {0} of the ledger; nothing was undone")]
    NoSuchPlace(Seq),
    /// There is no key of that name.
    #[error("there is no key named {0:?}")]
    NoSuchKey(String),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// It could not be written to disk.
    #[error(transparent)]
    Label(#[from] LabelError),
}

impl From<WorkFailed> for LabelError {
    fn from(failed: WorkFailed) -> Self {
        Self::NotStored(failed.to_string())
    }
}

impl From<WorkFailed> for UndoError {
    fn from(failed: WorkFailed) -> Self {
        StoreError::from(failed).into()
    }
}
