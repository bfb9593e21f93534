//! Whether live checks still look like the comments a model was trained on. Two portraits in, how far they lie apart out. Pure.
//!
//! The measure is the population stability index, `sum over bins of (p - q) ln (p / q)` of the live shares `p` and those of the card `q`, with the thresholds
//! that credit scoring uses: below .1 little has changed, from .25 the population is another (Lewis, An Introduction to Credit Scoring, 1994; Siddiqi, Credit
//! Risk Scorecards, 2006). Of `n` and `m` comments of one and the same population it is about `(1/n + 1/m)` times a chi-squared of one degree less than there
//! are bins (Yurdakul and Naranjo, Journal of Risk Model Validation 14:4, 2020), so with fewer than [`LEAST`] it says nothing.
//!
//! Training has more ham than any stream, and other languages in other shares. So comments are held against comments of the same language and of the same
//! verdict of the model by itself: more spam than usual is no drift, spam that scores otherwise than it used to is. What corpora are and a site is not stays
//! in the figure: a forum of cyclists may lie apart from the card from its first day.

use serde::{Deserialize, Serialize};

use crate::verdict::{Profile, Verdict};

/// Comments on either side below which nothing is said.
pub const LEAST: u64 = 500;
/// From here on something has moved.
pub const MOVED: f64 = 0.1;
/// From here on it is another population.
pub const ALARM: f64 = 0.25;

/// How far live checks lie from those of the card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Grade {
    /// The card does not say how its comments looked.
    CardSilent,
    /// Too few comments to tell, live or on the card.
    TooFew,
    /// Little has changed.
    Steady,
    /// Something has moved.
    Moved,
    /// They are other comments than the model was trained for.
    Alarm,
}

impl Grade {
    fn of(index: f64) -> Self {
        if index >= ALARM {
            Self::Alarm
        } else if index >= MOVED {
            Self::Moved
        } else {
            Self::Steady
        }
    }
}

/// What was found for comments of one language and one verdict.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Drift {
    /// What the model by itself finds them: ham, unsure or spam.
    pub verdict: Verdict,
    /// Live comments.
    pub comments: u64,
    /// The share of their features that the model had never seen; `None` of nothing.
    pub unknown: Option<f64>,
    /// The same share on the card.
    pub card_unknown: Option<f64>,
    /// Stability index of known and unknown features; only where more are unknown than on the card.
    pub unknown_index: Option<f64>,
    /// Stability index of the scores.
    pub score_index: Option<f64>,
    /// The worse of the two.
    pub grade: Grade,
}

impl Drift {
    /// Holds live comments against those of the card, if it says how they looked.
    pub fn of(verdict: Verdict, live: &Profile, card: Option<&Profile>) -> Self {
        let mut drift = Self {
            verdict,
            comments: live.comments(),
            unknown: live.unknown_share(),
            card_unknown: card.and_then(Profile::unknown_share),
            unknown_index: None,
            score_index: None,
            grade: Grade::CardSilent,
        };
        let Some(card) = card else { return drift };
        if live.comments() < LEAST || card.comments() < LEAST {
            drift.grade = Grade::TooFew;
            return drift;
        }
        let score_index = index(&live.scores, &card.scores);
        let kinds = |of: &Profile| [of.unknown, of.features - of.unknown.min(of.features)];
        // Knowing more than on held-out comments is no reason to worry.
        drift.unknown_index =
            (drift.unknown > drift.card_unknown).then(|| index(&kinds(live), &kinds(card)));
        drift.score_index = Some(score_index);
        drift.grade = Grade::of(score_index.max(drift.unknown_index.unwrap_or(0.0)));
        drift
    }
}

/// The population stability index. An empty bin counts as half a comment, lest its logarithm is infinite; one empty on both sides is no bin.
fn index(live: &[u64], card: &[u64]) -> f64 {
    let bins: Vec<(f64, f64)> = live
        .iter()
        .zip(card)
        .filter(|&(&live, &card)| live + card > 0)
        .map(|(&live, &card)| ((live as f64).max(0.5), (card as f64).max(0.5)))
        .collect();
    let (all_live, all_card) = bins
        .iter()
        .fold((0.0, 0.0), |sum, bin| (sum.0 + bin.0, sum.1 + bin.1));
    bins.iter()
        .map(|(live, card)| {
            let (p, q) = (live / all_live, card / all_card);
            (p - q) * (p / q).ln()
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verdict::SCORE_BINS;
    use rand::rngs::StdRng;
    use rand::{Rng, SeedableRng};

    fn profile(scores: &[u64], unknown: u64) -> Profile {
        let mut bins = [0; SCORE_BINS];
        bins[..scores.len()].copy_from_slice(scores);
        let comments: u64 = scores.iter().sum();
        Profile {
            features: 100 * comments,
            unknown: unknown * comments,
            scores: bins,
        }
    }

    #[test]
    fn an_index_by_hand() {
        // (.6 - .5) ln 1.2 + (.4 - .5) ln .8
        let found = index(&[600, 400, 0], &[500, 500, 0]);
        assert!((found - 0.040_546_510_8).abs() < 1e-9, "{found}");
        assert_eq!(index(&[7, 3], &[700, 300]), 0.0);
        assert!(index(&[1_000, 0], &[0, 1_000]).is_finite());
    }

    #[test]
    fn other_scores_and_more_unknown_features_alarm_and_fewer_do_not() {
        let card = profile(&[500, 300, 200], 10);
        let grade = |live: Profile| Drift::of(Verdict::Ham, &live, Some(&card)).grade;
        assert_eq!(grade(profile(&[500, 300, 200], 10)), Grade::Steady);
        assert_eq!(grade(profile(&[400, 300, 300], 10)), Grade::Steady);
        assert_eq!(grade(profile(&[300, 350, 350], 10)), Grade::Moved);
        assert_eq!(grade(profile(&[100, 300, 600], 10)), Grade::Alarm);
        assert_eq!(grade(profile(&[500, 300, 200], 20)), Grade::Steady);
        assert_eq!(grade(profile(&[500, 300, 200], 30)), Grade::Alarm);
        assert_eq!(grade(profile(&[500, 300, 200], 1)), Grade::Steady);
    }

    #[test]
    fn few_comments_and_an_old_card_say_nothing() {
        let (few, many) = (profile(&[499], 99), profile(&[1_000], 1));
        let grade = |live, card| Drift::of(Verdict::Spam, live, card).grade;
        assert_eq!(grade(&few, Some(&many)), Grade::TooFew);
        assert_eq!(grade(&many, Some(&few)), Grade::TooFew);
        assert_eq!(grade(&many, None), Grade::CardSilent);
        let nothing = Drift::of(Verdict::Spam, &Profile::default(), Some(&many));
        assert_eq!((nothing.grade, nothing.unknown), (Grade::TooFew, None));
    }

    #[test]
    fn the_least_of_one_population_rarely_seems_moved_and_never_alarms() {
        let mut random = StdRng::seed_from_u64(1);
        let mut drawn = |many| {
            let mut bins = [0; 12];
            (0..many).for_each(|_| bins[random.random_range(0..12)] += 1);
            profile(&bins, 10)
        };
        let grades: Vec<Grade> = (0..400)
            .map(|_| Drift::of(Verdict::Ham, &drawn(LEAST), Some(&drawn(LEAST))).grade)
            .collect();
        let moved = grades
            .iter()
            .filter(|&&grade| grade > Grade::Steady)
            .count();
        assert!(moved < 8, "{moved} of 400");
        assert!(!grades.contains(&Grade::Alarm));
    }
}
