//! Clues from outside the model in, the assessment of one comment out. The sum of clues and rest is
//! always the log-odds.

use serde::{Deserialize, Serialize};

use super::category::Category;
use super::clue::Clue;
use super::cutoffs::{Cutoffs, Verdict};
use super::label::Label;
use super::layer::Carried;
use super::sigmoid::sigmoid;

/// Number of clues an assessment shows at most.
pub const MOST_CLUES: usize = 8;

/// The result of a check: verdict, log-odds and reasons.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Assessment {
    /// The judgement.
    pub verdict: Verdict,
    /// Calibrated P(spam), in 0..=1.
    pub probability: f64,
    /// Calibrated log-odds; `probability = 1 / (1 + exp(-log_odds))`.
    pub log_odds: f64,
    /// Code of the language of the text: `vi`, `en`, another ISO 639-1 code, `other` or `und`.
    pub lang: String,
    /// The strongest reasons, strongest first, at most [`MOST_CLUES`]; one that forced the verdict
    /// comes before all.
    pub clues: Vec<Clue>,
    /// What all other features and the bias add; clues and rest sum to `log_odds`.
    pub rest: f64,
    /// Id of the model that judged.
    pub model: String,
    /// The category of the spam; `None` for ham, and where no category is likely enough.
    #[serde(default)]
    pub category: Option<Category>,
    /// Pieces of the comment that speak for the category, strongest first, at most three.
    #[serde(default)]
    pub category_clues: Vec<String>,
    /// The share of each layer in the evidence of model and labels.
    #[serde(default)]
    pub carried: Carried,
}

/// Log-odds of 99 %: a forced verdict has at least these, on its side (docs/DECISIONS.md, "A forced
/// verdict gets just enough weight").
const FORCED: f64 = 4.59511985013459;

/// The least weight of a forced verdict, in log-odds, so that it is seen among the clues of a
/// comment that was nearly certain already.
const LEAST_FORCE: f64 = 1.0;

impl Assessment {
    /// Adds a clue from outside the model: log-odds and probability move by its weight, and clues
    /// and rest still sum to the log-odds. The verdict stays until [`judge`](Self::judge).
    pub fn add(&mut self, clue: Clue) {
        let weaker = |other: &Clue| other.weight.abs() < clue.weight.abs();
        let place = self.clues.iter().position(weaker);
        self.insert(place.unwrap_or(self.clues.len()), clue);
    }

    /// Gives the verdict that the log-odds have under these cutoffs.
    pub fn judge(&mut self, cutoffs: &Cutoffs) {
        self.verdict = cutoffs.judge(self.log_odds);
    }

    /// Forces the verdict to one side, whatever all else says. The clue becomes the first; its
    /// weight becomes what was needed, so that the log-odds, the probability and the verdict agree.
    /// Spam stays discard where it was, and becomes discard nowhere.
    pub fn force(&mut self, label: Label, cutoffs: &Cutoffs, mut clue: Clue) {
        let before = self.log_odds;
        clue.weight = match label {
            Label::Ham => {
                let ham = (-FORCED).min(cutoffs.unsure - LEAST_FORCE);
                ham.min(before - LEAST_FORCE) - before
            }
            Label::Spam => {
                let spam = cutoffs.spam.max(FORCED).max(before + LEAST_FORCE);
                let blatant = before >= cutoffs.discard;
                let most = if blatant {
                    f64::INFINITY
                } else {
                    cutoffs.discard.next_down().max(cutoffs.spam)
                };
                spam.min(most) - before
            }
        };
        self.insert(0, clue);
        self.judge(cutoffs);
    }

    fn insert(&mut self, place: usize, clue: Clue) {
        self.log_odds += clue.weight;
        self.probability = sigmoid(self.log_odds);
        self.clues.insert(place, clue);
        self.rest += self
            .clues
            .drain(self.clues.len().min(MOST_CLUES)..)
            .map(|clue| clue.weight)
            .sum::<f64>();
    }
}
