//! Why an import stopped. A type only; decides nothing.

use crate::comment::SiteId;
use crate::moderation::accounts::owners::GiveError;
use crate::moderation::judging::evidence::EvidenceError;
use crate::moderation::judging::lists::ListError;
use crate::moderation::ledger::error::LabelError;
use crate::store::StoreError;

/// Why an import stopped.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// A line is not a line of an export.
    #[error("line {line} is not a line of an export: {why}; nothing was imported")]
    Line {
        /// Number of the line, counted from 1.
        line: usize,
        /// What is wrong with it.
        why: String,
    },
    /// The last line of the export is missing.
    #[error(
        "the export was cut off: its last line is not {{\"what\":\"end\"}}; nothing was imported"
    )]
    CutOff,
    /// A label that no phin can have made, or that differs from the known label with its id.
    #[error("label {at}, on {site}, is of a foreign ledger: {why}; nothing was imported")]
    Foreign {
        /// Its place in the ledger of the export.
        at: u64,
        /// Its site.
        site: SiteId,
        /// What is wrong with it.
        why: &'static str,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Labels could not be written.
    #[error(transparent)]
    Label(#[from] LabelError),
    /// New owners of sites could not be made to count.
    #[error(transparent)]
    Owner(#[from] GiveError),
    /// An entry could not be added to a list.
    #[error(transparent)]
    List(#[from] ListError),
    /// An evidence list could not be added.
    #[error(transparent)]
    Evidence(#[from] EvidenceError),
}
