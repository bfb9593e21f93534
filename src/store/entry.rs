//! One label of the ledger as it lies on disk. A type only; `ledger` writes and reads it.

use serde::{Deserialize, Serialize};

use super::figures::CheckedOn;
use super::layout::Seq;
use super::packed;
use crate::clock::Millis;
use crate::comment::{CommentId, SiteId};
use crate::features::{Outline, Shares};
use crate::verdict::{Category, Label};

/// One label as a person gave it. Never changed and never removed: a later label may outweigh it,
/// and a [`Ruling`](super::Ruling) (an operator event) may strike it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LedgerEntry {
    /// Its place in the ledger, counted from 1; 0 before it is appended.
    pub seq: Seq,
    /// Unique id of this label, so that an import that is repeated adds nothing.
    pub event: u64,
    /// When the label was given, in milliseconds since 1970.
    pub at: Millis,
    /// The site of the comment.
    pub site: SiteId,
    /// The comment.
    pub comment: CommentId,
    /// Ham or spam.
    pub label: Label,
    /// The verdict of the check before any label; `None` if it was unsure or there was no check.
    pub machine: Option<Label>,
    /// Who gave the label, by the platform's name for them.
    pub reporter: Option<String>,
    /// Name of the key it came with. The name is not secret.
    pub key_name: String,
    /// Buckets of the comment's features (`features::FeatureId`), ascending.
    #[serde(with = "packed")]
    pub features: Vec<u32>,
    /// Version of the feature code that made the buckets.
    pub features_version: u32,
    /// The kind of spam the person named, for the next retrain.
    #[serde(default)]
    pub kind: Option<Category>,
    /// Sketch of the text (`learn::online::minhash`), which finds near copies on other sites; empty
    /// if there is none.
    #[serde(default)]
    pub sketch: Vec<u32>,
    /// The check that the label answers, as far as figures need it; `None` in older ledgers.
    #[serde(default)]
    pub checked: Option<CheckedOn>,
    /// What a retrain needs beside the buckets; no word of the comment.
    #[serde(default)]
    pub outline: Outline,
    /// How far each view of the comment learns the label, as the model of that time divided it
    /// (`model::deal`).
    #[serde(default)]
    pub shares: Shares,
}
