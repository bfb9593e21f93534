//! One comment with a label beside what a filter thought of it: the row that every figure is
//! computed from. It computes none.

use crate::text::language::Language;
use crate::verdict::{Label, Verdict};

/// A comment whose label is known, and what the filter thought of it.
#[derive(Debug, Clone, PartialEq)]
pub struct ScoredExample {
    /// The label that a person gave.
    pub label: Label,
    /// Calibrated log-odds of spam.
    pub log_odds: f64,
    /// Calibrated P(spam): the sigmoid of `log_odds`.
    pub probability: f64,
    /// What the filter said, with the cutoffs it had.
    pub verdict: Verdict,
    /// Language of the text.
    pub lang: Language,
    /// Where the comment comes from (a site, a corpus, a campaign), if that matters.
    pub group: Option<String>,
}

impl ScoredExample {
    /// Whether a person calls it spam.
    pub fn is_spam(&self) -> bool {
        self.label == Label::Spam
    }

    /// Whether the filter is on the wrong side at `p >= .5`.
    pub fn is_error(&self) -> bool {
        self.is_spam() != (self.log_odds >= 0.0)
    }
}
