//! Whether checks still look like those before them, and like the comments a model was trained on. Portraits in, how far they lie apart out. Pure.
//!
//! The measure is the population stability index, `sum over bins of (p - q) ln (p / q)` of the live shares `p` and those they are held against, `q`, with the
//! thresholds that credit scoring uses: below .1 little has changed, from .25 the population is another (Lewis, An Introduction to Credit Scoring, 1994;
//! Siddiqi, Credit Risk Scorecards, 2006). Of `n` and `m` comments of one and the same population it is about `(1/n + 1/m)` times a chi-squared of one degree
//! less than there are bins (Yurdakul and Naranjo, Journal of Risk Model Validation 14:4, 2020), so with fewer than [`LEAST`] it says nothing.
//!
//! Comments are held against comments of the same language and of the same verdict of the model by itself: more spam than usual is no drift, spam that scores
//! otherwise than it used to is. What rings is a change against the checks before. What corpora are and a site is not stays in the comparison with the card: a
//! forum of cyclists lies apart from its first day and is no alarm, unless it lies farther out than [`BEYOND`] times what single corpora do.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::card::Apart;
use crate::verdict::{ScoreProfile, Verdict, VerdictProfile};

/// Comments on either side below which nothing is said.
pub const LEAST: u64 = 500;
/// From here on something has moved.
pub const MOVED: f64 = 0.1;
/// From here on it is another population.
pub const ALARM: f64 = 0.25;
/// Against the card it rings from so many times what single corpora reach.
pub const BEYOND: f64 = 1.5;

/// Of two sources one knows only how far the one lies from the other; from so many on, how far sources lie apart.
const LEAST_SOURCES: usize = 3;

/// How far live checks lie from what they are held against.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Grade {
    /// The card does not say how such comments looked.
    CardSilent,
    /// Too few comments to tell, on one side or the other.
    TooFew,
    /// Little has changed.
    Steady,
    /// They lie apart.
    Moved,
    /// They are other comments, and somebody should look.
    Alarm,
}

/// From which index on an alarm rings; `None`: never.
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

    /// Nobody knows how far apart honest sources lie that a card says nothing of: then nothing is an alarm.
    fn of_card(apart: Option<&Apart>) -> Self {
        let beyond = |of: fn(&Apart) -> f64| apart.map(|apart| (BEYOND * of(apart)).max(ALARM));
        Self {
            scores: beyond(|apart| apart.scores),
            unknown: beyond(|apart| apart.unknown),
        }
    }
}

/// Live checks held against other comments.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Against {
    /// Those other comments.
    pub comments: u64,
    /// The share of their features that the model had never seen; `None` of nothing.
    pub unknown: Option<f64>,
    /// Stability index of the scores; of the shares of languages in the line that is of all checks.
    pub score_index: Option<f64>,
    /// Stability index of comments by their share of unknown features; only where more are unknown than there.
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
        // Knowing more than before is no reason to worry.
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
    /// Holds live comments against those before them, and against those of the card, if it says how they looked and how far corpora lie apart.
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

    /// Holds all live comments of a language against those before them, by unknown features alone: what is wholly new may be found what hardly anything was
    /// found before, where nothing tells how it used to look. More spam is no drift here either: those before are weighed as live ones are found.
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

    /// Holds checks by language against those before them, in the same order of languages.
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

/// As many comments as before, with the verdicts in the shares of the live ones. Of a verdict with too few before, all of them stand for it.
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

/// How far single sources lie from the rest, by verdict: the largest index of any that has enough comments against all others together. Nothing where fewer than
/// three sources have enough.
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

/// The population stability index; `None` with fewer than [`LEAST`] on a side. An empty bin counts as half a comment, lest its logarithm is infinite; one empty
/// on both sides is no bin.
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
mod tests {
    use super::*;
    use crate::verdict::{SCORE_BINS, UNKNOWN_BINS};
    use rand::rngs::StdRng;
    use rand::{Rng, SeedableRng};

    /// Comments by score; each has this many of a hundred features that are unknown.
    fn profile(scores: &[u64], unknown: u64) -> VerdictProfile {
        let mut bins = [0; SCORE_BINS];
        bins[..scores.len()].copy_from_slice(scores);
        let comments: u64 = scores.iter().sum();
        let mut by_unknown = [0; UNKNOWN_BINS];
        by_unknown[unknown.ilog2() as usize + 1] = comments;
        VerdictProfile {
            features: 100 * comments,
            unknown: unknown * comments,
            scores: bins,
            by_unknown,
        }
    }

    fn held(
        live: &VerdictProfile,
        past: &VerdictProfile,
        card: Option<(&VerdictProfile, Option<&Apart>)>,
    ) -> Drift {
        Drift::of(Verdict::Ham, live, past, card)
    }

    #[test]
    fn an_index_by_hand() {
        // (.6 - .5) ln 1.2 + (.4 - .5) ln .8
        let found = index(&[600, 400, 0], &[500, 500, 0]).expect("enough");
        assert!((found - 0.040_546_510_8).abs() < 1e-9, "{found}");
        assert_eq!(index(&[350, 150], &[700, 300]), Some(0.0));
        assert_eq!(index(&[499], &[500]), None);
        assert!(index(&[1_000, 0], &[0, 1_000]).is_some_and(f64::is_finite));
    }

    #[test]
    fn other_scores_and_more_unknown_features_alarm_and_fewer_do_not() {
        let past = profile(&[500, 300, 200], 10);
        let grade = |live: VerdictProfile| held(&live, &past, None).past.grade;
        assert_eq!(grade(profile(&[500, 300, 200], 10)), Grade::Steady);
        assert_eq!(grade(profile(&[400, 300, 300], 10)), Grade::Steady);
        assert_eq!(grade(profile(&[300, 350, 350], 10)), Grade::Moved);
        assert_eq!(grade(profile(&[100, 300, 600], 10)), Grade::Alarm);
        assert_eq!(grade(profile(&[500, 300, 200], 14)), Grade::Steady);
        assert_eq!(grade(profile(&[500, 300, 200], 20)), Grade::Alarm);
        assert_eq!(grade(profile(&[500, 300, 200], 1)), Grade::Steady);
    }

    #[test]
    fn a_third_of_the_comments_with_thrice_the_unknown_features_is_an_alarm() {
        let mut live = profile(&[1_000], 6);
        let past = live;
        live.by_unknown[3] -= 330;
        live.by_unknown[5] += 330;
        live.unknown += 12 * 330;
        assert!(held(&live, &past, None).rings());
        // Known and unknown features alone, as two bins, would be deaf to it.
        let kinds = |of: &VerdictProfile| [of.unknown, of.features - of.unknown];
        assert!(index(&kinds(&live), &kinds(&past)) < Some(MOVED));
    }

    #[test]
    fn few_comments_and_an_old_card_say_nothing() {
        let (few, many) = (profile(&[499], 99), profile(&[1_000], 1));
        assert_eq!(held(&few, &many, None).past.grade, Grade::TooFew);
        assert_eq!(held(&many, &few, None).past.grade, Grade::TooFew);
        let apart = Apart::default();
        let card = Some((&few, Some(&apart)));
        assert_eq!(held(&many, &many, card).card.grade, Grade::TooFew);
        assert_eq!(held(&many, &many, None).card.grade, Grade::CardSilent);
        let nothing = held(&VerdictProfile::default(), &many, None);
        assert_eq!(nothing.past.grade, Grade::TooFew);
        assert_eq!((nothing.unknown, nothing.rings()), (None, false));
    }

    #[test]
    fn sums_from_before_unknown_features_were_counted_by_comment_still_tell_scores() {
        let (live, mut past) = (profile(&[1_000], 20), profile(&[500, 500], 5));
        past.by_unknown = Default::default();
        let found = held(&live, &past, None).past;
        assert_eq!((found.unknown_index, found.grade), (None, Grade::Alarm));
    }

    #[test]
    fn the_card_rings_only_far_beyond_what_single_corpora_reach() {
        let (live, card) = (profile(&[500, 300, 200], 5), profile(&[250, 300, 450], 5));
        let far = held(&live, &live, Some((&card, None))).card;
        let index = far.score_index.expect("enough");
        assert!(index > ALARM, "{index}");
        assert_eq!(far.grade, Grade::Moved, "an older card rings for nothing");
        let grade = |scores: f64| {
            let apart = Apart {
                scores,
                unknown: 0.0,
            };
            let drift = held(&live, &live, Some((&card, Some(&apart))));
            assert_eq!(drift.past.grade, Grade::Steady);
            assert_eq!(drift.rings(), drift.card.grade == Grade::Alarm);
            drift.card.grade
        };
        assert_eq!(grade(0.0), Grade::Alarm);
        assert_eq!(grade(index / BEYOND - 0.001), Grade::Alarm);
        assert_eq!(grade(index / BEYOND + 0.001), Grade::Moved);
    }

    #[test]
    fn sources_lie_apart_as_far_as_the_farthest_of_those_with_enough_comments() {
        let source = |scores: &[u64], unknown| ScoreProfile {
            ham: profile(scores, unknown),
            ..ScoreProfile::default()
        };
        let (near, far) = (source(&[500, 500], 4), source(&[900, 100], 16));
        let few = source(&[0, 499], 64);
        let found = apart(&[near, near, far, few]);
        assert_eq!(found.keys().collect::<Vec<_>>(), [&Verdict::Ham]);
        let mut rest = near.ham;
        rest += near.ham;
        rest += few.ham;
        let expected = Against::of(&far.ham, &rest, Limits::default());
        let found = found[&Verdict::Ham];
        assert_eq!(Some(found.scores), expected.score_index);
        assert_eq!(Some(found.unknown), expected.unknown_index);
        assert!(apart(&[near, far, few]).is_empty(), "two are one distance");
    }

    #[test]
    fn more_spam_is_no_drift_and_comments_of_unknown_words_are_whatever_they_are_found() {
        let card = crate::model::Model::shipped().card;
        for (lang, seen) in &card.portraits {
            let profiles = seen.profiles().map(|(_, profile)| profile);
            if profiles.iter().any(|profile| profile.comments() < LEAST) {
                continue;
            }
            let mixed = |ham: u64, spam: u64| {
                let part = |of: &VerdictProfile, many: u64| {
                    let by = of.comments();
                    VerdictProfile {
                        features: of.features * many / by,
                        unknown: of.unknown * many / by,
                        scores: of.scores.map(|bin| bin * many / by),
                        by_unknown: of.by_unknown.map(|bin| bin * many / by),
                    }
                };
                ScoreProfile {
                    ham: part(&seen.ham, ham),
                    unsure: part(&seen.unsure, 50),
                    spam: part(&seen.spam, spam),
                }
            };
            let (past, wave) = (mixed(8_000, 2_000), mixed(2_000, 8_000));
            let more_spam = Drift::of_all(&wave, &past);
            assert!(!more_spam.rings(), "{lang}: {more_spam:?}");
            assert_eq!(Drift::of_all(&past, &wave).past.grade, Grade::Steady);
            let unheard_of = ScoreProfile {
                unsure: profile(&[2_000], 40),
                ..ScoreProfile::default()
            };
            assert!(Drift::of_all(&unheard_of, &past).rings());
            let few = ScoreProfile {
                unsure: profile(&[499], 40),
                ..ScoreProfile::default()
            };
            assert_eq!(Drift::of_all(&few, &past).past.grade, Grade::TooFew);
        }
    }

    #[test]
    fn another_share_of_languages_rings() {
        let grade = |live: &[u64]| {
            let drift = Drift::of_languages(live, &[8_000, 2_000, 0]);
            (drift.past.grade, drift.rings())
        };
        assert_eq!(grade(&[780, 220, 0]), (Grade::Steady, false));
        assert_eq!(grade(&[300, 100, 90]), (Grade::TooFew, false));
        assert_eq!(grade(&[500, 500, 0]), (Grade::Alarm, true));
        assert_eq!(grade(&[740, 180, 80]), (Grade::Alarm, true));
    }

    #[test]
    fn the_least_of_one_population_rarely_seems_moved_and_never_alarms() {
        let mut random = StdRng::seed_from_u64(1);
        let mut drawn = |many| {
            let mut bins = [0; 12];
            (0..many).for_each(|_| bins[random.random_range(0..12)] += 1);
            let mut drawn = profile(&bins, 10);
            drawn.by_unknown = Default::default();
            (0..many).for_each(|_| drawn.by_unknown[random.random_range(0..UNKNOWN_BINS)] += 1);
            drawn.unknown += random.random_range(0..9);
            drawn
        };
        let grades: Vec<Grade> = (0..400)
            .map(|_| held(&drawn(LEAST), &drawn(LEAST), None).past.grade)
            .collect();
        let moved = grades
            .iter()
            .filter(|&&grade| grade > Grade::Steady)
            .count();
        assert!(moved < 8, "{moved} of 400");
        assert!(!grades.contains(&Grade::Alarm));
    }
}
