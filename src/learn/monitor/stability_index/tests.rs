//! Profiles that differ by a known amount in, the grade they must have out.

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
