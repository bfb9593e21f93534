//! Figures computed by hand, and published ones.

use proptest::prelude::*;

use super::*;
use crate::text::language::Language;
use crate::verdict::{Cutoffs, Label, sigmoid};

/// A row as the filter would judge it.
pub(in crate::learn) fn row(label: Label, log_odds: f64) -> ScoredExample {
    ScoredExample {
        label,
        log_odds,
        probability: sigmoid(log_odds),
        verdict: Cutoffs::UNMEASURED.judge(log_odds),
        lang: Language::English,
        group: None,
    }
}

/// Rows of these scores.
pub(in crate::learn) fn rows(spam: &[f64], ham: &[f64]) -> Vec<ScoredExample> {
    let spam = spam.iter().map(|&x| row(Label::Spam, x));
    spam.chain(ham.iter().map(|&x| row(Label::Ham, x)))
        .collect()
}

#[track_caller]
fn near(value: impl Into<Option<f64>>, expected: f64) {
    let value = value.into().expect("a figure");
    assert!((value - expected).abs() < 1e-9, "{value} is not {expected}");
}

#[test]
fn auc_counts_ties_as_one_half() {
    // Pairs: 3 over 2, 1, 1; 1 over 2 (lost), 1, 1 (tied): 3 + 0 + .5 + .5 of 6.
    near(auc(&rows(&[3.0, 1.0], &[2.0, 1.0, 1.0])), 4.0 / 6.0);
    near(auc(&rows(&[0.0; 4], &[0.0; 7])), 0.5);
    near(auc(&rows(&[0.0], &[-0.0])), 0.5);
    near(auc(&rows(&[2.0, 3.0], &[0.0, 1.0])), 1.0);
    near(auc(&rows(&[0.0, 1.0], &[2.0, 3.0])), 0.0);
}

#[test]
fn average_precision_by_hand() {
    // Spam at ranks 1 and 3: (1/1 + 2/3) / 2. With all tied, the share of spam.
    near(
        Ranking::of(&rows(&[4.0, 2.0], &[3.0, 1.0])).average_precision(),
        (1.0 + 2.0 / 3.0) / 2.0,
    );
    near(
        Ranking::of(&rows(&[0.0], &[0.0; 3])).average_precision(),
        0.25,
    );
}

#[test]
fn recall_stops_before_one_false_positive_too_many() {
    let judged = rows(&[9.0, 7.0, 5.0, 3.0], &[8.0, 4.0, 2.0, 1.0]);
    near(recall_at_fp(&judged, 0.0), 0.25);
    near(recall_at_fp(&judged, 0.24), 0.25);
    near(recall_at_fp(&judged, 0.25), 0.75);
    near(recall_at_fp(&judged, 0.5), 1.0);
    // The best spam ties with a ham: no threshold parts them.
    near(recall_at_fp(&rows(&[2.0, 2.0], &[2.0, 0.0]), 0.1), 0.0);
    let many = vec![0.0; 1000];
    near(recall_at_fp(&rows(&[1.0, -1.0], &many[..999]), 0.001), 0.5);
    let mut one_above = rows(&[1.0, -1.0], &many[..999]);
    one_above.push(row(Label::Ham, 2.0));
    near(recall_at_fp(&one_above, 0.001), 0.5);
}

#[test]
fn binary_figures_by_hand() {
    // 3 caught, 1 missed, 2 false positives, 4 right ham.
    let judged = rows(&[1.0, 1.0, 0.0, -1.0], &[1.0, 2.0, -1.0, -1.0, -2.0, -2.0]);
    let figures = mcc_accuracy_macro_f1(&judged, 0.0).expect("both labels");
    near(figures.accuracy, 0.7);
    near(
        figures.mcc,
        (3.0 * 4.0 - 2.0 * 1.0) / (5.0f64 * 4.0 * 6.0 * 5.0).sqrt(),
    );
    near(figures.macro_f1, (6.0 / 9.0 + 8.0 / 11.0) / 2.0);
    near(figures.precision, 0.6);
    near(figures.recall, 0.75);
    let nothing_called_spam = mcc_accuracy_macro_f1(&judged, 50.0).expect("both labels");
    near(nothing_called_spam.mcc, 0.0);
    near(nothing_called_spam.precision, 0.0);
}

#[test]
fn wilson_agrees_with_published_values() {
    // Newcombe 1998, table I: 81/263 and 1/29.
    let (low, high) = Rate { hits: 81, of: 263 }.wilson();
    assert!(
        (low - 0.2553).abs() < 5e-5 && (high - 0.3662).abs() < 5e-5,
        "{low} {high}"
    );
    let (low, high) = Rate { hits: 1, of: 29 }.wilson();
    assert!(
        (low - 0.0061).abs() < 5e-5 && (high - 0.1718).abs() < 5e-5,
        "{low} {high}"
    );
    assert_eq!(Rate { hits: 0, of: 10 }.wilson().0, 0.0);
    assert_eq!(Rate { hits: 10, of: 10 }.wilson().1, 1.0);
    assert_eq!(Rate::default().wilson(), (0.0, 1.0));
}

/// `spam` of `of` rows, all given the probability `p`.
fn stated(p: f64, spam: u64, of: u64) -> Vec<ScoredExample> {
    let label = |i| if i < spam { Label::Spam } else { Label::Ham };
    let at = |i| ScoredExample {
        probability: p,
        ..row(label(i), (p / (1.0 - p)).ln())
    };
    (0..of).map(at).collect()
}

#[test]
fn a_perfectly_calibrated_set_has_no_calibration_error() {
    let judged: Vec<ScoredExample> = (1..10)
        .flat_map(|tenth| stated(tenth as f64 / 10.0, tenth * 3, 30))
        .collect();
    near(expected_calibration_error(&judged, 15), 0.0);
    near(expected_calibration_error(&stated(0.9, 5, 10), 15), 0.4);
    // Two bins: off by .1 for 10 rows and by .3 for 10 rows.
    let two = [stated(0.2, 1, 10), stated(0.8, 5, 10)].concat();
    near(expected_calibration_error(&two, 2), 0.2);
}

#[test]
fn bins_hold_every_row_once_and_equally_many() {
    let judged = rows(
        &(0..50).map(f64::from).collect::<Vec<_>>(),
        &(1..51).map(|x| -f64::from(x)).collect::<Vec<_>>(),
    );
    let bins = calibration_bins(&judged[..], 15);
    // Beyond 36 the probability is exactly 1: those rows share one bin.
    assert_eq!(bins.iter().map(|bin| bin.spam.of).sum::<u64>(), 100);
    assert_eq!(bins.iter().map(|bin| bin.spam.hits).sum::<u64>(), 50);
    assert!(
        bins[..12].iter().all(|bin| (6..=7).contains(&bin.spam.of)),
        "{bins:?}"
    );
    assert!(calibration_bins(&judged[..], 0).is_empty());
    assert_eq!(calibration_bins(&judged[..3], 15).len(), 3);
}

#[test]
fn losses_by_hand() {
    let judged = [stated(0.8, 1, 1), stated(0.4, 0, 1)].concat();
    near(log_loss(&judged), (-(0.8f64.ln()) - 0.6f64.ln()) / 2.0);
    near(brier(&judged), (0.04 + 0.16) / 2.0);
    assert!(log_loss(&rows(&[-1e9], &[1e9])).is_some_and(f64::is_finite));
}

#[test]
fn nothing_and_one_label_give_no_figure() {
    let spam_only = rows(&[1.0, 2.0], &[]);
    let ham_only = rows(&[], &[1.0, 2.0]);
    for judged in [&[][..], &spam_only, &ham_only] {
        assert_eq!(auc(judged), None);
        assert_eq!(recall_at_fp(judged, 0.01), None);
        assert_eq!(mcc_accuracy_macro_f1(judged, 0.0), None);
        assert_eq!(Ranking::of(judged).average_precision(), None);
    }
    assert_eq!(expected_calibration_error(&[], 15), None);
    assert_eq!((log_loss(&[]), brier(&[])), (None, None));
    assert!(expected_calibration_error(&ham_only, 15).is_some());
}

proptest! {
    #[test]
    fn auc_is_a_share_and_sees_order_alone(scores in prop::collection::vec((-20i32..20, any::<bool>()), 0..60)) {
        let judge = |f: fn(f64) -> f64| -> Vec<ScoredExample> {
            let label = |is_spam| if is_spam { Label::Spam } else { Label::Ham };
            scores.iter().map(|&(x, is_spam)| row(label(is_spam), f(f64::from(x)))).collect()
        };
        let straight = auc(&judge(|x| x));
        prop_assert!(straight.is_none_or(|auc| (0.0..=1.0).contains(&auc)));
        prop_assert_eq!(straight, auc(&judge(|x| x.powi(3) * 7.0 - 2.0)));
        prop_assert_eq!(straight, auc(&judge(|x| (x / 4.0).exp())));
        // Turned upside down it is the complement.
        let flipped = auc(&judge(|x| -x));
        prop_assert!(straight.zip(flipped).is_none_or(|(a, b)| (a + b - 1.0).abs() < 1e-9));
    }
}
