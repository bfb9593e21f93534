//! Why an import stopped. A noun alone.

use crate::comment::SiteId;
use crate::moderation::accounts::owners::GiveError;
use crate::moderation::judging::evidence::EvidenceError;
use crate::moderation::judging::lists::ListError;
use crate::moderation::ledger::error::LabelError;
use crate::store::StoreError;

/// Why an import stopped.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// A line is not of an export.
    #[error("line {line} is not a line of an export: {why}; nothing was imported")]
    Line {
        /// Counted from 1.
        line: usize,
        /// What is wrong.
        why: String,
    },
    /// It lacks its last line.
    #[error(
        "the export was cut off: its last line is not {{\"what\":\"end\"}}; nothing was imported"
    )]
    CutOff,
    /// A label that cannot be one of a phin's, or not the one it says it is.
    #[error("label {at}, on {site}, is of a foreign ledger: {why}; nothing was imported")]
    Foreign {
        /// Its place in the ledger it came from.
        at: u64,
        /// Its site.
        site: SiteId,
        /// What is wrong.
        why: &'static str,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Labels could not be stored.
    #[error(transparent)]
    Label(#[from] LabelError),
    /// Sites have owners that could not be heeded.
    #[error(transparent)]
    Owner(#[from] GiveError),
    /// A list cannot take an entry.
    #[error(transparent)]
    List(#[from] ListError),
    /// An evidence list cannot be taken in.
    #[error(transparent)]
    Evidence(#[from] EvidenceError),
}
