//! Base scores of a stream of comments in, histograms of their log-odds and unknown features out.
//! Profiles can be added, and never contain a comment.

use std::ops::AddAssign;

use serde::{Deserialize, Serialize};

use super::base_score::BaseScore;
use super::cutoffs::Verdict;

/// Number of bins of log-odds from -10 to 10, each one wide. The first and the last also hold what
/// is beyond.
pub const SCORE_BINS: usize = 20;

fn bin(log_odds: f64) -> usize {
    // `as` saturates: what is below -10 becomes 0.
    ((log_odds + SCORE_BINS as f64 / 2.0) as usize).min(SCORE_BINS - 1)
}

/// Bins of the share of a comment's features that were never seen in training: below 1 %, and from
/// 1, 2, 4 and so on to 64 % on.
pub const UNKNOWN_BINS: usize = UNKNOWN_FROM.len() + 1;

/// Each limit is twice the one before: where one word in a hundred is usually unknown, four are a
/// change; where thirty are, three more are none (docs/DECISIONS.md, "Drift of unknown features
/// compares their share in comments").
const UNKNOWN_FROM: [f64; 7] = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64];

fn unknown_bin(unknown: u32, features: u32) -> usize {
    let share = f64::from(unknown) / f64::from(features.max(1));
    UNKNOWN_FROM.iter().filter(|&&from| share >= from).count()
}

/// Comments that a model by itself finds ham, or unsure, or spam.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerdictProfile {
    /// All their features.
    pub features: u64,
    /// Of those, never seen in training.
    pub unknown: u64,
    /// Comments by [`SCORE_BINS`] of log-odds.
    pub scores: [u64; SCORE_BINS],
    /// The same comments by [`UNKNOWN_BINS`] of the share never seen. All empty in older cards and
    /// exports.
    #[serde(default)]
    pub by_unknown: [u64; UNKNOWN_BINS],
}

impl VerdictProfile {
    /// All comments.
    pub fn comments(&self) -> u64 {
        self.scores.iter().sum()
    }

    /// The share of features never seen in training, 0 to 1; `None` without features.
    pub fn unknown_share(&self) -> Option<f64> {
        (self.features > 0).then(|| self.unknown as f64 / self.features as f64)
    }
}

/// A stream of comments by the verdict of the model alone. Ham of today can then be compared with
/// ham of the training, however much more or less spam there is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScoreProfile {
    /// Comments that the model alone calls ham.
    pub ham: VerdictProfile,
    /// Unsure.
    pub unsure: VerdictProfile,
    /// Spam, or discard.
    pub spam: VerdictProfile,
}

impl ScoreProfile {
    /// Counts one comment.
    pub fn add(&mut self, seen: &BaseScore) {
        let profile = match seen.verdict {
            Verdict::Ham => &mut self.ham,
            Verdict::Unsure => &mut self.unsure,
            Verdict::Spam | Verdict::Discard => &mut self.spam,
        };
        profile.features += u64::from(seen.features);
        profile.unknown += u64::from(seen.unknown);
        profile.scores[bin(seen.log_odds)] += 1;
        profile.by_unknown[unknown_bin(seen.unknown, seen.features)] += 1;
    }

    /// The three profiles, each with its verdict.
    pub fn profiles(&self) -> [(Verdict, &VerdictProfile); 3] {
        [
            (Verdict::Ham, &self.ham),
            (Verdict::Unsure, &self.unsure),
            (Verdict::Spam, &self.spam),
        ]
    }

    /// All comments, whatever their verdict.
    pub fn all(&self) -> VerdictProfile {
        let mut all = self.ham;
        all += self.unsure;
        all += self.spam;
        all
    }

    /// How many there are.
    pub fn comments(&self) -> u64 {
        let profiles = self.profiles();
        profiles.iter().map(|(_, profile)| profile.comments()).sum()
    }
}

impl AddAssign for VerdictProfile {
    fn add_assign(&mut self, more: Self) {
        self.features += more.features;
        self.unknown += more.unknown;
        let mine = self.scores.iter_mut().chain(&mut self.by_unknown);
        for (mine, theirs) in mine.zip(more.scores.into_iter().chain(more.by_unknown)) {
            *mine += theirs;
        }
    }
}

impl AddAssign for ScoreProfile {
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
    #[test]
    fn every_share_of_unknown_features_has_its_bin_and_bins_add_up() {
        for (unknown, features, expected) in [
            (0, 0, 0),
            (0, 500, 0),
            (4, 500, 0),
            (5, 500, 1),
            (26, 500, 3),
            (320, 500, 7),
            (500, 500, 7),
        ] {
            let found = unknown_bin(unknown, features);
            assert_eq!(found, expected, "{unknown} of {features}");
        }
        let mut seen = ScoreProfile::default();
        for unknown in [0, 26, 26] {
            seen.add(&BaseScore {
                log_odds: -3.0,
                verdict: Verdict::Ham,
                features: 500,
                unknown,
            });
        }
        let mut twice = seen;
        twice += seen;
        assert_eq!(seen.ham.by_unknown, [1, 0, 0, 2, 0, 0, 0, 0]);
        assert_eq!(twice.ham.by_unknown, [2, 0, 0, 4, 0, 0, 0, 0]);
        assert_eq!((twice.ham.comments(), twice.ham.unknown), (6, 104));
    }
}
