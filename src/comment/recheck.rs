//! Why a comment is checked a second time. A type.

use serde::{Deserialize, Serialize};

/// Why a comment is checked that was checked before. It is no repeat.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Recheck {
    /// It was in the platform's queue of comments to look at again.
    #[serde(rename = "recheck_queue")]
    Queue,
    /// The first check got no answer.
    #[serde(rename = "retry")]
    Retry,
    /// An operator asked for it on the command line.
    #[serde(rename = "wp-cli")]
    CommandLine,
    /// Its author or a moderator changed it.
    #[serde(rename = "edit")]
    Edit,
    /// We asked for it.
    #[serde(rename = "recheck")]
    Asked,
    /// The platform has a reason of its own.
    #[serde(rename = "other")]
    Other,
}
