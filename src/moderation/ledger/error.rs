//! Why the ledger did not take what was asked. Nouns alone.

use std::time::Duration;

use crate::blocking::WorkFailed;
use crate::comment::SiteId;
use crate::store::{Seq, StoreError};

/// How long a sender waits for a label to be on disk; clients give up after 10 to 30 seconds.
pub(crate) const LABEL_PATIENCE: Duration = Duration::from_secs(15);

/// Why a label was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LabelError {
    /// It could not be made durable.
    #[error("the label is not stored, please send it again later: {0}")]
    NotStored(String),
    /// The disk is slower than a sender waits.
    #[error(
        "the store has not answered for {} s: it is not known whether the label is stored, please send it again (said twice, it counts once)",
        LABEL_PATIENCE.as_secs()
    )]
    Slow,
    /// The server is going down.
    #[error("the label is not stored, the server is shutting down; please send it again")]
    ShuttingDown,
    /// A guid without a comment that nobody knows.
    #[error("there is no check {0} here")]
    UnknownCheck(String),
    /// It answers no check and says nothing of a comment.
    #[error(
        "the report says nothing of a comment: it has neither text nor author, and answers no check of this site"
    )]
    Empty,
    /// The operator gave it to another key.
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

/// Why nothing was undone.
#[derive(Debug, thiserror::Error)]
pub enum UndoError {
    /// No condition was given.
    #[error(
        "say whose labels shall be undone: a reporter, a key, a site, a time or places in the ledger"
    )]
    Everything,
    /// The time ends before it begins.
    #[error("the time ends before it begins: --until must lie after --since")]
    Backwards,
    /// Nothing fits.
    #[error("no label that still counts fits; nothing was undone")]
    Nothing,
    /// There is no such place.
    #[error("there is nothing at place {0} of the ledger; nothing was undone")]
    NoSuchPlace(Seq),
    /// Nobody has such a key.
    #[error("there is no key named {0:?}")]
    NoSuchKey(String),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// It could not be made durable.
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
