//! The figures of a model that do not belong to single features. Training writes them, scoring
//! reads them. A type: it never computes.

use serde::{Deserialize, Serialize};

use super::calibrate::Calibration;
use super::counts::Count;
use super::layers::Influence;
use crate::features::{Field, View};
use crate::text::Language;
use crate::verdict::Cutoffs;

/// A model's figures that are not per feature.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// Number of training comments that have each field, in the order of `Field`.
    pub comments: [Count; Field::COUNT],
    /// Constant of the raw score.
    pub bias: f64,
    /// The whole raw score is divided by `max(features, 1)^length_power`: 0 adds evidence up, 1
    /// averages it.
    pub length_power: f64,
    /// The content's trained evidence is divided by the number of its features to this power: 0
    /// adds it up, 1 averages it (docs/DECISIONS.md, "Content is divided by a power of its
    /// length").
    pub content_power: f64,
    /// What the trained evidence of words may add at most, in raw units, in a language without
    /// training data (docs/DECISIONS.md, "The limit for untaught languages is .6 below even odds").
    pub foreign_words: f64,
    /// Constant of a signature, where a comment has one.
    pub signature_bias: f64,
    /// The factor of the text's evidence on the words of a signature with a home page.
    pub echo: f64,
    /// The factor of the trained weights of a signature without a home page; with one it is 1.
    pub name_alone: f64,
    /// How far each view may move the raw score, each way, in the order of `View::ALL`: a sender or
    /// a list alone makes nothing spam. The views of the content have no limit.
    pub reach: [f64; View::ALL.len()],
    /// By how much the worst window of a long text must exceed the whole to count, in raw units
    /// (`evidence`).
    pub part_penalty: f64,
    /// Raw score to log-odds.
    pub calibration: Calibration,
    /// By language, in the order of `Language::GROUPS`.
    pub cutoffs: [Cutoffs; Language::GROUPS.len()],
    /// How labels weigh.
    pub influence: Influence,
}

impl Settings {
    /// The settings of a model that was never trained: all its evidence will come from labels.
    pub fn cold() -> Self {
        let calibration = Calibration {
            // The slope with the least log loss on the development streams (docs/DECISIONS.md, "How
            // much labels say is set for each kind of feature").
            slope: 2.5,
            ..Calibration::IDENTITY
        };
        let mut reach = [f64::INFINITY; View::ALL.len()];
        // A list moves a score by 2 log-odds at most (docs/DECISIONS.md, "An evidence list is a
        // feature, not a rule").
        reach[View::Listed as usize] = 2.0 / calibration.slope;
        Self {
            comments: [Count::default(); Field::COUNT],
            bias: 0.0,
            length_power: 0.5,
            content_power: 0.0,
            foreign_words: 0.0,
            signature_bias: 0.0,
            echo: 0.0,
            name_alone: 1.0,
            reach,
            part_penalty: f64::INFINITY,
            calibration,
            cutoffs: [Cutoffs::UNMEASURED; Language::GROUPS.len()],
            influence: Influence::default(),
        }
    }

    /// Cutoffs for a language.
    pub fn cutoffs(&self, language: Language) -> &Cutoffs {
        &self.cutoffs[language.group_at()]
    }
}
