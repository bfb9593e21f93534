//! Two histograms of scores and unknown features in, how far they lie apart and whether somebody
//! should look out: whether checks still look like those before them, and like the comments a model
//! was trained on. It sends no alarm.
//!
//! The measure is the population stability index, `sum over bins of (p - q) ln (p / q)` of the live
//! shares `p` and those they are compared with, `q`, with the thresholds that credit scoring uses:
//! below .1 little has changed, from .25 the population is another (Lewis, An Introduction to
//! Credit Scoring, 1994; Siddiqi, Credit Risk Scorecards, 2006). Of `n` and `m` comments of one and
//! the same population it is about `(1/n + 1/m)` times a chi-squared of one degree less than there
//! are bins (Yurdakul and Naranjo, Journal of Risk Model Validation 14:4, 2020), so with fewer than
//! [`LEAST`] it says nothing.
//!
//! Comments are compared with comments of the same language and of the same verdict of the model
//! alone. So more spam than usual is no drift, but spam with other scores than before is. A change
//! against the checks before raises an alarm (docs/DECISIONS.md, "Drift is measured against the
//! four weeks before"). The distance to the corpora is only in the comparison with the card: a
//! forum of cyclists differs from them from its first day, and raises an alarm only if it lies
//! farther out than [`BEYOND`] times what single corpora do.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::card::Apart;
use crate::verdict::{ScoreProfile, Verdict, VerdictProfile};

/// With fewer comments on either side, nothing is said.
pub const LEAST: u64 = 500;
/// From here on something has moved.
pub const MOVED: f64 = 0.1;
/// From here on it is another population.
pub const ALARM: f64 = 0.25;
/// Against the card an alarm begins at this many times the largest index of a single corpus.
pub const BEYOND: f64 = 1.5;

/// With two sources only one distance is known; from this many on it is known how far sources lie
/// apart.
const LEAST_SOURCES: usize = 3;

/// How far live checks lie from those they are compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Grade {
    /// The card has no profile of such comments.
    CardSilent,
    /// Too few comments to tell, on one side or the other.
    TooFew,
    /// Little has changed.
    Steady,
    /// They lie apart.
    Moved,
    /// They are another population, and somebody should look.
    Alarm,
}

/// From which index on there is an alarm; `None` for never.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Limits {
    /// Of scores.
    pub scores: Option<f64>,
    /// Of unknown features.
    pub unknown: Option<f64>,
}

impl Limits {
    const OF_PAST: Self = Self {
        scores: Some(ALARM),
        unknown: Some(ALARM),
    };

    /// Where a card does not say how far honest sources lie apart, nothing is an alarm.
    fn of_card(apart: Option<&Apart>) -> Self {
        let beyond = |of: fn(&Apart) -> f64| apart.map(|apart| (BEYOND * of(apart)).max(ALARM));
        Self {
            scores: beyond(|apart| apart.scores),
            unknown: beyond(|apart| apart.unknown),
        }
    }
}

/// Live checks compared with other comments.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Against {
    /// Those other comments.
    pub comments: u64,
    /// The share of their features that the model had never seen; `None` of nothing.
    pub unknown: Option<f64>,
    /// Stability index of the scores; of the shares of languages in the line that is of all checks.
    pub score_index: Option<f64>,
    /// Stability index of comments by their share of unknown features; only where more are unknown
    /// than there.
    pub unknown_index: Option<f64>,
    /// Where an alarm begins.
    pub alarm_from: Limits,
    /// The worse of the two.
    pub grade: Grade,
}

impl Against {
    const NOTHING: Self = Self {
        comments: 0,
        unknown: None,
        score_index: None,
        unknown_index: None,
        alarm_from: Limits {
            scores: None,
            unknown: None,
        },
        grade: Grade::CardSilent,
    };

    fn of(live: &VerdictProfile, other: &VerdictProfile, alarm_from: Limits) -> Self {
        let score_index = index(&live.scores, &other.scores);
        // Only more unknown features are a change; fewer are none.
        let knows_less = live.unknown_share() > other.unknown_share();
        let unknown_index = index(&live.by_unknown, &other.by_unknown).filter(|_| knows_less);
        Self {
            comments: other.comments(),
            unknown: other.unknown_share(),
            score_index,
            unknown_index,
            alarm_from,
            grade: grade([
                (score_index, alarm_from.scores),
                (unknown_index, alarm_from.unknown),
            ]),
        }
    }
}

/// The worst that indices say, each with its limit.
fn grade(found: [(Option<f64>, Option<f64>); 2]) -> Grade {
    let one = |(index, limit): (Option<f64>, Option<f64>)| match index {
        None => Grade::TooFew,
        Some(index) if limit.is_some_and(|limit| index >= limit) => Grade::Alarm,
        Some(index) if index >= MOVED => Grade::Moved,
        Some(_) => Grade::Steady,
    };
    found.map(one).into_iter().max().unwrap_or(Grade::TooFew)
}

/// What was found for comments of one language and one verdict, or for the languages of all.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Drift {
    /// What the model by itself finds them: ham, unsure or spam; `None` of all, whatever it finds.
    pub verdict: Option<Verdict>,
    /// Live comments.
    pub comments: u64,
    /// The share of their features that the model had never seen; `None` of nothing.
    pub unknown: Option<f64>,
    /// Against the checks of the days before.
    pub past: Against,
    /// Against left-out comments of the training.
    pub card: Against,
}

impl Drift {
    /// Compares live comments with those before them, and with those of the card, if it has their
    /// profile and the distances between corpora.
    pub fn of(
        verdict: Verdict,
        live: &VerdictProfile,
        past: &VerdictProfile,
        card: Option<(&VerdictProfile, Option<&Apart>)>,
    ) -> Self {
        Self {
            verdict: Some(verdict),
            comments: live.comments(),
            unknown: live.unknown_share(),
            past: Against::of(live, past, Limits::OF_PAST),
            card: card.map_or(Against::NOTHING, |(card, apart)| {
                Against::of(live, card, Limits::of_card(apart))
            }),
        }
    }

    /// Compares all live comments of a language with those before them, by unknown features alone:
    /// new kinds of comments may get a verdict that had hardly any comments before, where there is
    /// nothing to compare with. More spam is no drift here either: the comments before are weighed
    /// by the verdicts of the live ones (docs/DECISIONS.md, "Drift of unknown features compares
    /// their share in comments").
    pub fn of_all(live: &ScoreProfile, past: &ScoreProfile) -> Self {
        let comments_before = past.comments();
        let (live, past) = (live.all(), weighed(past, live));
        let alarm_from = Limits {
            scores: None,
            unknown: Some(ALARM),
        };
        let knows_less = live.unknown_share() > past.unknown_share();
        let enough = index(&live.by_unknown, &past.by_unknown);
        let graded = enough.map(|index| if knows_less { index } else { 0.0 });
        Self {
            verdict: None,
            comments: live.comments(),
            unknown: live.unknown_share(),
            past: Against {
                comments: comments_before,
                unknown: past.unknown_share(),
                unknown_index: enough.filter(|_| knows_less),
                alarm_from,
                grade: grade([(None, None), (graded, alarm_from.unknown)]),
                ..Against::NOTHING
            },
            card: Against::NOTHING,
        }
    }

    /// Compares numbers of checks by language with those before them, in the same order of
    /// languages.
    pub fn of_languages(live: &[u64], past: &[u64]) -> Self {
        let score_index = index(live, past);
        let alarm_from = Limits {
            scores: Some(ALARM),
            unknown: None,
        };
        Self {
            verdict: None,
            comments: live.iter().sum(),
            unknown: None,
            past: Against {
                comments: past.iter().sum(),
                score_index,
                alarm_from,
                grade: grade([(score_index, alarm_from.scores), (None, None)]),
                ..Against::NOTHING
            },
            card: Against::NOTHING,
        }
    }

    /// Whether somebody should look.
    pub fn rings(&self) -> bool {
        [self.past, self.card]
            .iter()
            .any(|against| against.grade == Grade::Alarm)
    }
}

/// The comments before, weighed so that their verdicts have the shares of the live ones. Where a
/// verdict has too few comments before, all comments before stand for it.
fn weighed(past: &ScoreProfile, live: &ScoreProfile) -> VerdictProfile {
    let all = past.all();
    let before_for_each = all.comments() as f64 / live.comments().max(1) as f64;
    let mut sum = VerdictProfile::default();
    for ((_, live), (_, past)) in live.profiles().into_iter().zip(past.profiles()) {
        let past = if past.comments() < LEAST { &all } else { past };
        let times = live.comments() as f64 * before_for_each / past.comments().max(1) as f64;
        let scaled = |many: u64| (many as f64 * times).round() as u64;
        sum += VerdictProfile {
            features: scaled(past.features),
            unknown: scaled(past.unknown),
            scores: past.scores.map(scaled),
            by_unknown: past.by_unknown.map(scaled),
        };
    }
    sum
}

/// How far single sources lie from the rest, by verdict: the largest index of any that has enough
/// comments against all others together. Nothing where fewer than three sources have enough.
pub fn apart(sources: &[ScoreProfile]) -> BTreeMap<Verdict, Apart> {
    let mut found: BTreeMap<Verdict, Vec<Against>> = BTreeMap::new();
    for source in sources {
        let mut rest = ScoreProfile::default();
        for other in sources.iter().filter(|other| !std::ptr::eq(*other, source)) {
            rest += *other;
        }
        for ((verdict, own), (_, others)) in source.profiles().into_iter().zip(rest.profiles()) {
            let against = Against::of(own, others, Limits::default());
            if against.score_index.is_some() {
                found.entry(verdict).or_default().push(against);
            }
        }
    }
    let enough = |(_, sources): &(Verdict, Vec<Against>)| sources.len() >= LEAST_SOURCES;
    let largest = |sources: &[Against], of: fn(&Against) -> Option<f64>| {
        sources.iter().filter_map(of).fold(0.0, f64::max)
    };
    let apart = found.into_iter().filter(enough).map(|(verdict, sources)| {
        let scores = largest(&sources, |against| against.score_index);
        let unknown = largest(&sources, |against| against.unknown_index);
        (verdict, Apart { scores, unknown })
    });
    apart.collect()
}

/// The population stability index; `None` with fewer than [`LEAST`] on a side. An empty bin counts
/// as half a comment, because its logarithm would be infinite. A bin that is empty on both sides is
/// left out.
fn index(live: &[u64], other: &[u64]) -> Option<f64> {
    if live.iter().sum::<u64>() < LEAST || other.iter().sum::<u64>() < LEAST {
        return None;
    }
    let bins: Vec<(f64, f64)> = live
        .iter()
        .zip(other)
        .filter(|&(&live, &other)| live + other > 0)
        .map(|(&live, &other)| ((live as f64).max(0.5), (other as f64).max(0.5)))
        .collect();
    let (all_live, all_other) = bins
        .iter()
        .fold((0.0, 0.0), |sum, bin| (sum.0 + bin.0, sum.1 + bin.1));
    let parts = bins.iter().map(|(live, other)| {
        let (p, q) = (live / all_live, other / all_other);
        (p - q) * (p / q).ln()
    });
    Some(parts.sum())
}

#[cfg(test)]
mod tests;
