//! What a stream of comments looks like to a model: how they score, and how much of them it has never seen. Sums that add up; no comment is in them.

use std::ops::AddAssign;

use serde::{Deserialize, Serialize};

use super::Verdict;

/// What a model thinks of one comment by itself: without labels since, lists, campaigns or settings of a site.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Unaided {
    /// Calibrated log-odds of spam.
    pub log_odds: f64,
    /// What they are under the model's own cutoffs.
    pub verdict: Verdict,
    /// Features the comment has.
    pub features: u32,
    /// Of those, never seen in training.
    pub unknown: u32,
}

/// Bins of log-odds, one wide each, from -10 to 10; the outermost hold what lies beyond.
pub const SCORE_BINS: usize = 20;

fn bin(log_odds: f64) -> usize {
    // `as` saturates, also at zero.
    ((log_odds + SCORE_BINS as f64 / 2.0) as usize).min(SCORE_BINS - 1)
}

/// Comments that a model by itself finds ham, or unsure, or spam.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// All their features.
    pub features: u64,
    /// Of those, never seen in training.
    pub unknown: u64,
    /// Comments by [`SCORE_BINS`] of log-odds.
    pub scores: [u64; SCORE_BINS],
}

impl Profile {
    /// All comments.
    pub fn comments(&self) -> u64 {
        self.scores.iter().sum()
    }

    /// The share of features never seen in training; `None` of nothing.
    pub fn unknown_share(&self) -> Option<f64> {
        (self.features > 0).then(|| self.unknown as f64 / self.features as f64)
    }
}

/// A stream of comments, by what the model by itself finds: what is found ham today can be held against what was found ham in training, however much
/// more or less spam there is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Portrait {
    /// Found ham.
    pub ham: Profile,
    /// Unsure.
    pub unsure: Profile,
    /// Found spam, or spam to discard.
    pub spam: Profile,
}

impl Portrait {
    /// Counts one comment.
    pub fn add(&mut self, seen: &Unaided) {
        let profile = match seen.verdict {
            Verdict::Ham => &mut self.ham,
            Verdict::Unsure => &mut self.unsure,
            Verdict::Spam | Verdict::Discard => &mut self.spam,
        };
        profile.features += u64::from(seen.features);
        profile.unknown += u64::from(seen.unknown);
        profile.scores[bin(seen.log_odds)] += 1;
    }

    /// Found ham, unsure and spam, by the name of the verdict.
    pub fn profiles(&self) -> [(Verdict, &Profile); 3] {
        [
            (Verdict::Ham, &self.ham),
            (Verdict::Unsure, &self.unsure),
            (Verdict::Spam, &self.spam),
        ]
    }

    /// All comments.
    pub fn comments(&self) -> u64 {
        let profiles = self.profiles();
        profiles.iter().map(|(_, profile)| profile.comments()).sum()
    }
}

impl AddAssign for Profile {
    fn add_assign(&mut self, more: Self) {
        self.features += more.features;
        self.unknown += more.unknown;
        for (mine, theirs) in self.scores.iter_mut().zip(more.scores) {
            *mine += theirs;
        }
    }
}

impl AddAssign for Portrait {
    fn add_assign(&mut self, more: Self) {
        self.ham += more.ham;
        self.unsure += more.unsure;
        self.spam += more.spam;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_score_has_its_bin() {
        for (log_odds, expected) in [
            (f64::MIN, 0),
            (-10.5, 0),
            (-9.5, 0),
            (-9.0, 1),
            (-0.1, 9),
            (0.0, 10),
            (9.99, 19),
            (f64::MAX, 19),
        ] {
            assert_eq!(bin(log_odds), expected, "{log_odds}");
        }
    }
}
