//! The score of one comment by the model alone. A type; `model` computes it.

use super::cutoffs::Verdict;

/// The score of one comment by the model alone: without labels, lists, campaigns or settings of a
/// site.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BaseScore {
    /// Calibrated log-odds of spam.
    pub log_odds: f64,
    /// The verdict of these log-odds under the model's own cutoffs.
    pub verdict: Verdict,
    /// Features the comment has.
    pub features: u32,
    /// Of those, never seen in training.
    pub unknown: u32,
}
