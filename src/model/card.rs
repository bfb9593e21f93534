//! The training figures of a model in, its card out: identity, training data, results on comments
//! it did not learn. It is written beside the model as `card.toml`, and never read for scoring.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::features::{FEATURES_VERSION, HASH_NAME};
use crate::verdict::{ScoreProfile, Verdict};

/// The card of a model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Card {
    /// Name of the model, made from its digest: `phin-1a2b3c4d5e6f`; `cold` for the empty one.
    pub id: String,
    /// SHA-256 of `model.bin`, lower-case hex; empty before it was saved.
    pub digest: String,
    /// Layout of `model.bin`.
    pub format_version: u32,
    /// Feature code it was trained with.
    pub features_version: u32,
    /// Hash behind its buckets.
    pub hash: String,
    /// Seed of everything random in the training.
    pub seed: u64,
    /// Number of the last ledger entry it has learnt; 0 for none.
    pub ledger_seq: u64,
    /// Spam comments trained on.
    pub spam: u32,
    /// Ham comments trained on.
    pub ham: u32,
    /// Features kept.
    pub features: usize,
    /// What was read, by corpus.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub corpora: Vec<Taught>,
    /// How it did on comments left out of each part of the training.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left_out: Option<Figures>,
    /// Score profiles of those comments under the model of the other parts, by language: live
    /// checks are compared with them. Empty in older cards.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub portraits: BTreeMap<String, ScoreProfile>,
    /// The distances between single corpora among those comments, by language and verdict. A live
    /// stream that is no farther from the score profile is normal. Missing where fewer than three
    /// sources had enough comments, and in older cards.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub apart: BTreeMap<String, BTreeMap<Verdict, Apart>>,
    /// When it became live, and what the gate said; written after its training.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub promoted: Vec<Promotion>,
}

/// The largest stability indices (PSI) of a single honest corpus against all others
/// (docs/DECISIONS.md, "The model card raises alarms only where corpora are many").
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Apart {
    /// Of scores.
    pub scores: f64,
    /// Of the share of unknown features; 0 if no corpus had more of them than the rest.
    pub unknown: f64,
}

/// One corpus a model learnt from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taught {
    /// Name of the corpus, of a blog in it (`blog_queues/NAME`) or of a file.
    pub name: String,
    /// Its licence, as far as stated.
    pub licence: String,
    /// Spam comments taken.
    pub spam: u32,
    /// Ham comments taken.
    pub ham: u32,
}

impl Taught {
    /// Name of the corpus that it is a part of: `blog_queues` of `blog_queues/a-blog`,
    /// `training-data` of a file of ours.
    pub fn corpus(&self) -> &str {
        self.name
            .split_once('/')
            .map_or(&self.name, |(corpus, _)| corpus)
    }
}

/// Key figures of an evaluation; shares are 0 to 1.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Figures {
    /// Comments judged.
    pub comments: u64,
    /// Share of ham called spam or discard.
    pub false_positives: Option<f64>,
    /// Share of spam called ham.
    pub missed_spam: Option<f64>,
    /// Share of all called unsure.
    pub unsure: Option<f64>,
    /// Area under the ROC curve.
    pub auc: Option<f64>,
    /// Expected calibration error, 15 equal-mass bins.
    pub calibration_error: Option<f64>,
}

impl Card {
    /// The card of a model still to be saved.
    pub fn unsaved(seed: u64) -> Self {
        Self {
            id: String::new(),
            digest: String::new(),
            format_version: FORMAT_VERSION,
            features_version: FEATURES_VERSION,
            hash: HASH_NAME.to_owned(),
            seed,
            ledger_seq: 0,
            spam: 0,
            ham: 0,
            features: 0,
            corpora: Vec::new(),
            left_out: None,
            portraits: BTreeMap::new(),
            apart: BTreeMap::new(),
            promoted: Vec::new(),
        }
    }

    /// The card of the model that knows nothing.
    pub fn cold() -> Self {
        Self {
            id: "cold".to_owned(),
            ..Self::unsaved(0)
        }
    }
}

/// The id of the model inside the binary, in the live file.
pub const SHIPPED: &str = "shipped";

/// A promotion: how a model became live.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Promotion {
    /// Id of the model, or `shipped`.
    pub id: String,
    /// Id of the model that was live before.
    pub before: String,
    /// When, in milliseconds since 1970.
    pub at: i64,
    /// What the gate said of it, in a sentence.
    pub gate: String,
    /// The reason given, where the gate refused it and it was promoted with `--force`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forced: Option<String>,
}

/// Layout of `model.bin`.
pub const FORMAT_VERSION: u32 = 2;
