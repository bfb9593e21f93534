//! What a model thinks of one comment by itself. A type; `model` fills it.

use super::cutoffs::Verdict;

/// What a model thinks of one comment by itself: without labels since, lists, campaigns or settings
/// of a site.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BaseScore {
    /// Calibrated log-odds of spam.
    pub log_odds: f64,
    /// What they are under the model's own cutoffs.
    pub verdict: Verdict,
    /// Features the comment has.
    pub features: u32,
    /// Of those, never seen in training.
    pub unknown: u32,
}
