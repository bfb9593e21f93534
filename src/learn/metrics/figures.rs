//! Judged comments with known labels, in the order they were judged, in; a [`Report`] of figures
//! out.
//!
//! False positives come first, everywhere. It does no I/O, reads no clock and judges nothing
//! itself; a figure that the rows cannot support is `None`, or a rate of nothing.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::learn::metrics::bootstrap::auc_interval;
pub use crate::learn::metrics::measures::{
    BinaryFigures, Rate, ScoredExample, auc, expected_calibration_error, mcc_accuracy_macro_f1,
    recall_at_fp,
};
use crate::learn::metrics::measures::{
    Ranking, binary_figures, brier, calibration_bins, calibration_error, log_loss,
};
use crate::text::language::Language;
use crate::verdict::{Label, Verdict};

/// Bins of the calibration error and of the reliability plot.
pub const CALIBRATION_BINS: usize = 15;
/// After how many rows the errors so far are reported.
pub const CHECKPOINTS: [usize; 5] = [50, 100, 200, 500, 1000];
/// Points of the running error at most.
const RUNNING_POINTS: usize = 200;
/// Draws behind an AUC interval.
const RESAMPLES: usize = 200;
/// Their seed.
const SEED: u64 = 0x7068_696e;

/// Everything one evaluation found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// What was evaluated.
    pub title: String,
    /// Id of the model that judged.
    pub model: String,
    /// All rows.
    pub all: Figures,
    /// Errors at `p >= .5` among the first 50, 100, 200, 500 and 1,000 rows, as far as there are so
    /// many.
    pub first_errors: Vec<Rate>,
    /// Errors so far, at up to 200 evenly spaced rows: the learning curve.
    pub running_errors: Vec<Rate>,
    /// The same figures by language, as far as it occurs.
    pub languages: Vec<Slice>,
    /// The same figures by group; empty unless there are 2 to 100 groups.
    pub groups: Vec<Slice>,
}

/// Some of the rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Slice {
    /// Language code or group.
    pub name: String,
    /// Their figures.
    pub figures: Figures,
}

/// The figures of some rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Figures {
    /// Rows.
    pub n: u64,
    /// Rows a person calls ham.
    pub ham: u64,
    /// Rows a person calls spam.
    pub spam: u64,
    /// Ham with the verdict spam or discard.
    pub false_positives: Rate,
    /// Ham with the verdict discard: nobody would ever see it.
    pub discarded_ham: Rate,
    /// Spam with the verdict ham.
    pub missed_spam: Rate,
    /// Rows with the verdict unsure.
    pub unsure: Rate,
    /// Ham with the verdict unsure.
    pub unsure_ham: Rate,
    /// Spam with the verdict unsure.
    pub unsure_spam: Rate,
    /// Rows with the verdict discard.
    pub discarded: Rate,
    /// Spam caught at a threshold with at most .1 % false positives.
    pub recall_at_fp_per_mille: Rate,
    /// Spam caught at a threshold with at most 1 % false positives.
    pub recall_at_fp_percent: Rate,
    /// Area under the ROC curve.
    pub roc_auc: Option<Estimate>,
    /// Area under the precision-recall curve: average precision.
    pub pr_auc: Option<f64>,
    /// Rows on the wrong side at `p >= .5`.
    pub errors: Rate,
    /// Errors at `p >= .5` that a person would look at anyway, for the verdict is unsure.
    pub errors_in_unsure: Rate,
    /// Rows on the right side at `p >= .5`; known for one label too.
    pub accuracy: Rate,
    /// Spam among the rows of `p >= .5`.
    pub precision: Rate,
    /// Rows of `p >= .5` among spam.
    pub recall: Rate,
    /// Figures at `p >= .5`.
    pub binary: Option<BinaryFigures>,
    /// Mean logarithmic loss, in nats.
    pub log_loss: Option<f64>,
    /// Brier score.
    pub brier: Option<f64>,
    /// Expected calibration error.
    pub calibration_error: Option<f64>,
}

/// A figure with its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// The figure.
    pub value: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

impl Report {
    /// Reports on rows in the order they were judged.
    pub fn of(
        title: impl Into<String>,
        model: impl Into<String>,
        judged: &[ScoredExample],
    ) -> Self {
        let checkpoints = CHECKPOINTS.into_iter().filter(|&rows| rows <= judged.len());
        let points = RUNNING_POINTS.min(judged.len());
        let evenly = (1..=points).map(|point| point * judged.len() / points);
        Self {
            title: title.into(),
            model: model.into(),
            all: Figures::of(&judged.iter().collect::<Vec<_>>()),
            first_errors: errors_after(judged, checkpoints),
            running_errors: errors_after(judged, evenly),
            languages: by_language(judged),
            groups: by_group(judged),
        }
    }
}

impl Figures {
    /// The figures of these rows.
    pub fn of(rows: &[&ScoredExample]) -> Self {
        let all = || rows.iter().copied();
        let labelled = |label| all().filter(move |row| row.label == label);
        let is = |verdict| move |row: &ScoredExample| row.verdict == verdict;
        let ranking = Ranking::of(all());
        let interval = || auc_interval(rows, RESAMPLES, SEED);
        Self {
            n: rows.len() as u64,
            ham: ranking.ham,
            spam: ranking.spam,
            false_positives: Rate::count(labelled(Label::Ham), |row| {
                row.verdict.side() == Some(Label::Spam)
            }),
            discarded_ham: Rate::count(labelled(Label::Ham), is(Verdict::Discard)),
            missed_spam: Rate::count(labelled(Label::Spam), is(Verdict::Ham)),
            unsure: Rate::count(all(), is(Verdict::Unsure)),
            unsure_ham: Rate::count(labelled(Label::Ham), is(Verdict::Unsure)),
            unsure_spam: Rate::count(labelled(Label::Spam), is(Verdict::Unsure)),
            discarded: Rate::count(all(), is(Verdict::Discard)),
            recall_at_fp_per_mille: ranking.recall_at_fp(0.001),
            recall_at_fp_percent: ranking.recall_at_fp(0.01),
            roc_auc: ranking
                .auc()
                .and_then(|value| interval().map(|(low, high)| Estimate { value, low, high })),
            pr_auc: ranking.average_precision(),
            errors: Rate::count(all(), ScoredExample::is_error),
            errors_in_unsure: Rate::count(all().filter(|row| row.is_error()), is(Verdict::Unsure)),
            accuracy: Rate::count(all(), |row| !row.is_error()),
            precision: Rate::count(
                all().filter(|row| row.log_odds >= 0.0),
                ScoredExample::is_spam,
            ),
            recall: Rate::count(labelled(Label::Spam), |row| row.log_odds >= 0.0),
            binary: binary_figures(all(), 0.0),
            log_loss: log_loss(all()),
            brier: brier(all()),
            calibration_error: calibration_error(&calibration_bins(all(), CALIBRATION_BINS)),
        }
    }
}

/// The errors among the first rows, for each of these rising numbers of rows.
fn errors_after(judged: &[ScoredExample], counts: impl Iterator<Item = usize>) -> Vec<Rate> {
    let (mut seen, mut errors) = (0, 0);
    let mut after = |count| {
        errors += Rate::count(&judged[seen..count], ScoredExample::is_error).hits;
        seen = count;
        Rate {
            hits: errors,
            of: count as u64,
        }
    };
    counts.map(&mut after).collect()
}

/// A slice per language that occurs.
fn by_language(judged: &[ScoredExample]) -> Vec<Slice> {
    let slice = |lang: Language| {
        let rows: Vec<&ScoredExample> = judged
            .iter()
            .filter(|row| row.lang.group() == lang)
            .collect();
        (!rows.is_empty()).then(|| Slice::of(lang.code(), &rows))
    };
    Language::GROUPS.into_iter().filter_map(slice).collect()
}

/// A slice per group, by name; none if one would say nothing new, or a hundred would say too much.
/// The lesson of the shipped model has some fifty: forty-one blogs and the corpora.
fn by_group(judged: &[ScoredExample]) -> Vec<Slice> {
    let mut groups: BTreeMap<&str, Vec<&ScoredExample>> = BTreeMap::new();
    for row in judged {
        if let Some(group) = &row.group {
            groups.entry(group).or_default().push(row);
        }
    }
    match groups.len() {
        2..=100 => groups
            .into_iter()
            .map(|(name, rows)| Slice::of(name, &rows))
            .collect(),
        _ => Vec::new(),
    }
}

impl Slice {
    fn of(name: &str, rows: &[&ScoredExample]) -> Self {
        Self {
            name: name.to_owned(),
            figures: Figures::of(rows),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learn::metrics::measures::tests::{row, rows};

    fn rate(hits: u64, of: u64) -> Rate {
        Rate { hits, of }
    }

    #[test]
    fn each_verdict_is_counted_on_its_side() {
        // Cutoffs at -1.1, 1.1 and 6.9.
        let report = Report::of(
            "t",
            "m",
            &rows(&[9.0, 2.0, 0.5, -0.5, -3.0], &[8.0, 0.5, -0.5, -5.0]),
        );
        let all = &report.all;
        assert_eq!((all.n, all.spam, all.ham), (9, 5, 4));
        assert_eq!(
            (all.false_positives, all.discarded_ham),
            (rate(1, 4), rate(1, 4))
        );
        assert_eq!(all.missed_spam, rate(1, 5));
        assert_eq!(
            (all.unsure, all.unsure_ham, all.unsure_spam),
            (rate(4, 9), rate(2, 4), rate(2, 5))
        );
        assert_eq!(all.discarded, rate(2, 9));
        assert_eq!((all.errors, all.errors_in_unsure), (rate(4, 9), rate(2, 4)));
        assert_eq!(all.recall_at_fp_per_mille, rate(1, 5));
        assert_eq!(
            (all.accuracy, all.precision, all.recall),
            (rate(5, 9), rate(3, 5), rate(3, 5))
        );
    }

    #[test]
    fn errors_are_counted_in_the_order_given() {
        let mut judged = rows(&[-1.0; 60], &[]);
        judged.extend(rows(&[], &[-1.0; 60]));
        let report = Report::of("t", "m", &judged);
        assert_eq!(report.first_errors, [rate(50, 50), rate(60, 100)]);
        assert_eq!(report.running_errors.len(), 120);
        assert_eq!(report.running_errors.last(), Some(&rate(60, 120)));
        let long = Report::of("t", "m", &rows(&[], &vec![-1.0; 1999]));
        assert_eq!(
            (long.first_errors.len(), long.running_errors.len()),
            (5, 200)
        );
        assert_eq!(long.running_errors.last(), Some(&rate(0, 1999)));
    }

    #[test]
    fn groups_are_told_when_there_are_two_to_a_hundred() {
        let grouped = |groups: usize| {
            let one = |i: usize| ScoredExample {
                group: Some(format!("site {:03}", i % groups)),
                ..row(
                    if i.is_multiple_of(2) {
                        Label::Ham
                    } else {
                        Label::Spam
                    },
                    1.0,
                )
            };
            Report::of("t", "m", &(0..300).map(one).collect::<Vec<_>>()).groups
        };
        assert_eq!(
            [1, 2, 100, 101].map(|groups| grouped(groups).len()),
            [0, 2, 100, 0]
        );
        let three = grouped(3);
        assert_eq!(
            three
                .iter()
                .map(|slice| slice.figures.n)
                .collect::<Vec<_>>(),
            [100, 100, 100]
        );
        assert_eq!(three[0].name, "site 000");
    }

    #[test]
    fn languages_come_in_the_order_of_reports() {
        let mut judged = rows(&[1.0; 3], &[0.0; 2]);
        judged[4].lang = Language::Vietnamese;
        let report = Report::of("t", "m", &judged);
        let told: Vec<_> = report
            .languages
            .iter()
            .map(|slice| (slice.name.as_str(), slice.figures.n))
            .collect();
        assert_eq!(told, [("vi", 1), ("en", 4)]);
    }

    #[test]
    fn nothing_and_one_label_are_reported_as_what_they_are() {
        let nothing = Report::of("t", "m", &[]);
        assert_eq!(
            (nothing.all.n, nothing.all.roc_auc, nothing.all.brier),
            (0, None, None)
        );
        assert!(nothing.running_errors.is_empty() && nothing.languages.is_empty());
        let ham = Report::of("t", "m", &rows(&[], &[3.0, -3.0])).all;
        assert_eq!(
            (ham.false_positives, ham.missed_spam),
            (rate(1, 2), rate(0, 0))
        );
        assert_eq!(
            (
                ham.recall_at_fp_percent.value(),
                ham.roc_auc,
                ham.pr_auc,
                ham.binary
            ),
            (None, None, None, None)
        );
        assert!(ham.brier.is_some() && ham.calibration_error.is_some());
    }

    #[test]
    fn a_report_survives_json() {
        let report = Report::of("t", "m", &rows(&[1.0, -2.0], &[0.3, -1.0]));
        let json = serde_json::to_string(&report).expect("figures are finite");
        let read: Report = serde_json::from_str(&json).expect("our own JSON");
        assert_eq!(
            (&read.title, read.all.errors, &read.running_errors),
            (&report.title, report.all.errors, &report.running_errors)
        );
        // serde_json may be off by the last bit.
        let brier = read.all.brier.zip(report.all.brier);
        assert!(brier.is_some_and(|(a, b)| (a - b).abs() < 1e-12));
    }
}
