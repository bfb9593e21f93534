//! The figures of a model that are not per feature. A type: training fills it, scoring reads it.

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
    /// Comments trained on that came with each part of a check, in the order of `Field`.
    pub comments: [Count; Field::COUNT],
    /// Constant of the raw score.
    pub bias: f64,
    /// The raw score is divided by `max(features, 1)^length_power`: 0 adds evidence up, 1 averages
    /// it.
    pub length_power: f64,
    /// The content's trained evidence is divided by its features to this power: 0 adds up, 1
    /// averages.
    pub content_power: f64,
    /// What the trained evidence of words may add at most in a language that nobody taught.
    pub foreign_words: f64,
    /// Constant of a signature, where a comment has one.
    pub signature_bias: f64,
    /// How far the text's evidence is believed of the words of a signature with a home page.
    pub echo: f64,
    /// How far the trained weights of a signature are believed of a name alone; with a home page
    /// they are believed as they are.
    pub name_alone: f64,
    /// How far each view may move the raw score, in the order of `View`: a sender or a list alone
    /// makes spam of nothing. The text and what stands in it have no such bound.
    pub reach: [f64; View::ALL.len()],
    /// What the window max of a long text must exceed the whole by, to be what counts (`evidence`).
    pub part_penalty: f64,
    /// Raw score to log-odds.
    pub calibration: Calibration,
    /// By language, in the order of `Language::GROUPS`.
    pub cutoffs: [Cutoffs; Language::GROUPS.len()],
    /// How labels weigh.
    pub influence: Influence,
}

impl Settings {
    /// A model that knows nothing: all it will ever say comes from labels.
    pub fn cold() -> Self {
        let calibration = Calibration {
            slope: 2.5,
            ..Calibration::IDENTITY
        };
        let mut reach = [f64::INFINITY; View::ALL.len()];
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
