//! Samples with known answers in, the published and hand-computed intervals out.

use super::*;

fn site(name: &str) -> SiteId {
    SiteId::parse(name).expect("a site")
}

fn of(side: Label, checks: u64, samples: &[(&str, u64, Answer, usize)]) -> Stratum {
    let mut stratum = Stratum::default();
    stratum.count(&site("a.example"), checks);
    for &(of, one_in, answer, times) in samples {
        (0..times).for_each(|_| stratum.add(&site(of), side, one_in, answer));
    }
    stratum
}

fn stratum(side: Label, checks: u64, samples: &[(u64, Answer, usize)]) -> Stratum {
    let here = |&(one_in, answer, times)| ("a.example", one_in, answer, times);
    of(side, checks, &samples.iter().map(here).collect::<Vec<_>>())
}

fn wrong(stratum: &Stratum) -> Option<Interval> {
    stratum.wrong(&silent(stratum, &Stratum::default()))
}

fn estimate(spam: &Stratum, ham: &Stratum) -> Estimate {
    Estimate::of(spam, ham, &silent(spam, ham))
}

const FINE: Answer = Answer::Audited(Label::Ham);
const MISSED: Answer = Answer::Audited(Label::Spam);

#[track_caller]
fn near(found: Interval, expected: [f64; 3]) {
    for (found, expected) in [found.value, found.low, found.high].iter().zip(expected) {
        assert!((found - expected).abs() < 5e-5, "{found} {expected}");
    }
}

#[test]
fn equal_weights_and_all_answered_is_wilsons_interval() {
    let ham = stratum(Label::Ham, 6_000, &[(200, MISSED, 1), (200, FINE, 28)]);
    // 1 of 29: Newcombe 1998.
    near(wrong(&ham).expect("known"), [0.0345, 0.0061, 0.1718]);
}

#[test]
fn a_sample_counts_for_as_many_checks_as_it_stands_for() {
    let ham = stratum(Label::Ham, 2_000, &[(100, FINE, 9), (900, MISSED, 1)]);
    let wrong = wrong(&ham).expect("known");
    assert_eq!(wrong.value, 0.5);
    // Ten samples tell no more than 3.6 equal ones.
    assert!(wrong.low < 0.15 && wrong.high > 0.85, "{wrong:?}");
}

#[test]
fn who_complains_speaks_for_nobody_else() {
    let complaint = Answer::Reported(Label::Spam);
    let open = (1, Answer::Open, 98);
    let unasked = stratum(Label::Ham, 100, &[(1, complaint, 1), open]);
    assert_eq!(wrong(&unasked), None);
    let asked = stratum(Label::Ham, 100, &[(1, complaint, 1), (1, FINE, 1), open]);
    let of_asked = wrong(&asked).expect("known");
    assert_eq!(of_asked.value, 0.01);
    assert!(
        of_asked.high > 0.7,
        "one answer is hardly any: {of_asked:?}"
    );
    let done = stratum(Label::Ham, 100, &[(1, complaint, 1), (1, FINE, 99)]);
    near(wrong(&done).expect("known"), [0.01, 0.0018, 0.0545]);
}

#[test]
fn nothing_is_known_before_the_first_answer_and_all_of_nothing_is_nothing() {
    let few = |checks| stratum(Label::Ham, checks, &[(200, FINE, 3)]);
    let rates = |estimate: &Estimate| (estimate.false_positives, estimate.missed_spam);
    let none = |checks| stratum(Label::Spam, checks, &[]);
    let unasked = estimate(&none(40), &few(600));
    assert_eq!(rates(&unasked), (None, None));
    assert!(unasked.of_ham.wrong.is_some());
    // Without a verdict of spam there is no false positive.
    let rate = estimate(&none(0), &few(600)).false_positives;
    let rate = rate.expect("known");
    assert_eq!((rate.value, rate.low, rate.high), (0.0, 0.0, 0.0));
    assert_eq!(rates(&estimate(&none(0), &none(0))), (None, None));
}

#[test]
fn a_site_that_answers_nothing_is_left_out_and_one_that_answers_speaks_for_itself() {
    let spam = Stratum::default();
    let silent_site = ("silent.example", 10, Answer::Open, 50);
    let mut ham = of(Label::Ham, 500, &[("a.example", 10, FINE, 50), silent_site]);
    ham.count(&site("silent.example"), 9_500);
    let found = estimate(&spam, &ham).of_ham;
    assert_eq!(
        (found.checks, found.left_out, found.samples),
        (10_000, 9_500, 100)
    );
    near(found.wrong.expect("known"), [0.0, 0.0, 0.0713]);
    // Two sites of equal weight; on one, one answer of two stands for all.
    let ham = of(
        Label::Ham,
        500,
        &[
            ("a.example", 10, FINE, 50),
            ("b.example", 10, Answer::Open, 48),
            ("b.example", 10, FINE, 1),
            ("b.example", 10, MISSED, 1),
        ],
    );
    let found = estimate(&spam, &ham).of_ham.wrong.expect("known");
    assert_eq!(found.value, 0.25);
    assert!(found.low < 0.08 && found.high > 0.55, "{found:?}");
    // Who answers about spam is not silent: others stand for the ham that still waits.
    let spam = of(Label::Spam, 10, &[("silent.example", 1, FINE, 1)]);
    let ham = of(
        Label::Ham,
        500,
        &[("a.example", 10, MISSED, 50), silent_site],
    );
    let found = estimate(&spam, &ham).of_ham;
    assert_eq!(
        (found.left_out, found.wrong.map(|w| w.value)),
        (0, Some(1.0))
    );
}

#[test]
fn a_ratio_of_two_large_samples_has_the_interval_of_the_delta_method() {
    let spam = stratum(
        Label::Spam,
        200_000,
        &[(20, FINE, 100), (20, Answer::Audited(Label::Spam), 9_900)],
    );
    let ham = stratum(Label::Ham, 200_000, &[(20, MISSED, 200), (20, FINE, 9_800)]);
    let found = estimate(&spam, &ham);
    // 2,000 of 2,000 + 196,000; relative variance .99 / 100 + .02 / 9,800.
    let rate = found.false_positives.expect("known");
    assert!((rate.value - 2_000.0 / 198_000.0).abs() < 1e-12);
    assert!(
        (rate.low - 0.0083).abs() < 1e-4 && (rate.high - 0.0123).abs() < 1e-4,
        "{rate:?}"
    );
}

#[test]
fn every_interval_holds_its_value_and_lies_between_nothing_and_all() {
    for (wrong_spam, right_spam, wrong_ham, right_ham) in [
        (0, 1, 0, 1),
        (1, 0, 1, 0),
        (1, 0, 0, 1),
        (0, 1, 1, 0),
        (1, 1, 3, 200),
        (0, 500, 1, 2),
    ] {
        let spam = stratum(
            Label::Spam,
            1_000,
            &[(7, FINE, wrong_spam), (7, MISSED, right_spam)],
        );
        let ham = stratum(
            Label::Ham,
            50,
            &[(9, MISSED, wrong_ham), (3, FINE, right_ham)],
        );
        let found = estimate(&spam, &ham);
        for rate in [found.false_positives, found.missed_spam]
            .into_iter()
            .flatten()
        {
            let Interval { value, low, high } = rate;
            assert!(
                0.0 <= low && low <= value && value <= high && high <= 1.0,
                "{rate:?}"
            );
            assert!(high - low > 0.004, "{rate:?}");
        }
    }
}
