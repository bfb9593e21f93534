//! One label of the ledger, as it is kept. A type; `ledger` writes and reads it.

use serde::{Deserialize, Serialize};

use super::figures::CheckedOn;
use super::layout::Seq;
use super::packed;
use crate::clock::Millis;
use crate::comment::{CommentId, SiteId};
use crate::features::{Outline, Shares};
use crate::verdict::{Category, Label};

/// One label, as it was said. Never changed, never removed; a later one may outweigh it, a
/// [`Ruling`] may strike it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LedgerEntry {
    /// Its place; 0 before it is appended.
    pub seq: Seq,
    /// Unique id of this saying, so that an import repeated adds nothing.
    pub event: u64,
    /// When.
    pub at: Millis,
    /// On which site.
    pub site: SiteId,
    /// Of which comment.
    pub comment: CommentId,
    /// What was said.
    pub label: Label,
    /// What the machine had said before anybody; `None` if it was unsure or never asked.
    pub machine: Option<Label>,
    /// Who said it, as the platform names them.
    pub reporter: Option<String>,
    /// Name (not secret) of the key it came with.
    pub key_name: String,
    /// Buckets of the comment's features (`features::FeatureId`), ascending.
    #[serde(with = "packed")]
    pub features: Vec<u32>,
    /// Feature code that read them.
    pub features_version: u32,
    /// What kind of spam they called it, for the next retrain.
    #[serde(default)]
    pub kind: Option<Category>,
    /// Sketch of the text (`learn::online::minhash`), by which near copies on other sites are known; empty
    /// where nobody made one.
    #[serde(default)]
    pub sketch: Vec<u32>,
    /// The check it answers, as far as figures need it; `None` in older ledgers.
    #[serde(default)]
    pub checked: Option<CheckedOn>,
    /// What a retrain needs to know beside the buckets; no word of the comment.
    #[serde(default)]
    pub outline: Outline,
    /// How far each view of the comment learns it, as the model of then dealt it out
    /// (`model::deal`).
    #[serde(default)]
    pub shares: Shares,
}
