//! The arithmetic of an evaluation. In: judged comments. Out: one number, or one curve, each with its definition.
//!
//! It never rounds, never guesses a figure that the rows cannot support (`None` instead), and never looks at the order of the rows.
//! Scores are finite; that is the model's promise and is not checked here.

use serde::{Deserialize, Serialize};

use crate::text::language::Language;
use crate::verdict::{Label, Verdict};

/// A comment whose label is known, and what the filter thought of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    /// What a person says.
    pub label: Label,
    /// Calibrated log-odds of spam.
    pub log_odds: f64,
    /// Calibrated P(spam): the sigmoid of `log_odds`.
    pub probability: f64,
    /// What the filter said, with the cutoffs it had.
    pub verdict: Verdict,
    /// Language of the text.
    pub lang: Language,
    /// Where the comment comes from (a site, a corpus, a campaign), if that matters.
    pub group: Option<String>,
}

impl Judged {
    /// Whether a person calls it spam.
    pub fn is_spam(&self) -> bool {
        self.label == Label::Spam
    }

    /// Whether the filter is on the wrong side at `p >= .5`.
    pub fn is_error(&self) -> bool {
        self.is_spam() != (self.log_odds >= 0.0)
    }
}

/// So many of so many.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rate {
    /// How many did.
    pub hits: u64,
    /// How many could have.
    pub of: u64,
}

impl Rate {
    /// Counts the rows for which `hit` holds.
    pub fn count<'a>(
        rows: impl IntoIterator<Item = &'a Judged>,
        hit: impl Fn(&Judged) -> bool,
    ) -> Self {
        rows.into_iter().fold(Self::default(), |rate, row| Self {
            hits: rate.hits + u64::from(hit(row)),
            of: rate.of + 1,
        })
    }

    /// The share, in 0..=1; `None` of nothing.
    pub fn value(&self) -> Option<f64> {
        (self.of > 0).then(|| self.hits as f64 / self.of as f64)
    }

    /// 95 % Wilson score interval (Wilson 1927): honest for few rows and for rates near 0. Of nothing it is 0 to 1.
    pub fn wilson(&self) -> (f64, f64) {
        let Some(p) = self.value() else {
            return (0.0, 1.0);
        };
        wilson(p, self.of as f64)
    }
}

/// 95 % Wilson score interval of a share of so many; they need not be a whole number, nor the hits.
pub fn wilson(share: f64, n: f64) -> (f64, f64) {
    const Z: f64 = 1.959963984540054;
    let spread = Z * (share * (1.0 - share) / n + Z * Z / (4.0 * n * n)).sqrt();
    let (centre, scale) = (share + Z * Z / (2.0 * n), 1.0 + Z * Z / n);
    // Exact at the ends, where rounding would leave a 1e-17.
    let low = if share == 0.0 {
        0.0
    } else {
        (centre - spread) / scale
    };
    let high = if share == 1.0 {
        1.0
    } else {
        (centre + spread) / scale
    };
    (low, high)
}

/// What a threshold at `score` catches: everything scored so high or higher.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Step {
    /// The threshold, in log-odds.
    pub score: f64,
    /// Spam at or above it.
    pub caught: u64,
    /// Ham at or above it.
    pub false_positives: u64,
}

/// Rows from the most to the least spam-like: one step per distinct score, so that equal scores are never told apart.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Ranking {
    /// Thresholds, falling; counts, rising.
    pub steps: Vec<Step>,
    /// All spam.
    pub spam: u64,
    /// All ham.
    pub ham: u64,
}

impl Ranking {
    /// Sorts the rows.
    pub fn of<'a>(rows: impl IntoIterator<Item = &'a Judged>) -> Self {
        let mut rows: Vec<(f64, bool)> = rows
            .into_iter()
            .map(|row| (row.log_odds, row.is_spam()))
            .collect();
        rows.sort_unstable_by(|a, b| b.0.total_cmp(&a.0));
        let mut ranking = Self::default();
        for (score, is_spam) in rows {
            ranking.spam += u64::from(is_spam);
            ranking.ham += u64::from(!is_spam);
            let step = Step {
                score,
                caught: ranking.spam,
                false_positives: ranking.ham,
            };
            match ranking.steps.last_mut() {
                Some(last) if last.score == score => *last = step,
                _ => ranking.steps.push(step),
            }
        }
        ranking
    }

    /// Whether there is something of both labels to tell apart.
    pub fn has_both(&self) -> bool {
        self.spam > 0 && self.ham > 0
    }

    /// Area under the ROC curve: how often a random spam scores above a random ham, ties counting one half.
    pub fn auc(&self) -> Option<f64> {
        let (mut above, mut pairs) = (0, 0.0);
        for (ham, step) in self.new_ham() {
            pairs += ham as f64 * (above + step.caught) as f64 / 2.0;
            above = step.caught;
        }
        self.has_both()
            .then(|| pairs / (self.spam as f64 * self.ham as f64))
    }

    /// Average precision: precision at each threshold, weighed by the recall it adds (no interpolation).
    pub fn average_precision(&self) -> Option<f64> {
        let (mut above, mut sum) = (0, 0.0);
        for step in &self.steps {
            sum += (step.caught - above) as f64 * step.precision();
            above = step.caught;
        }
        self.has_both().then(|| sum / self.spam as f64)
    }

    /// Spam caught by the lowest threshold whose false positives stay within `fp_rate`; of nothing if a label is missing.
    pub fn recall_at_fp(&self, fp_rate: f64) -> Rate {
        if !self.has_both() {
            return Rate::default();
        }
        // The tolerance lets 1 in 1,000 pass for .001, whatever binary makes of .001 * 1000.
        let allowed = fp_rate * self.ham as f64 + 1e-9;
        let within = self
            .steps
            .iter()
            .take_while(|step| step.false_positives as f64 <= allowed);
        Rate {
            hits: within.last().map_or(0, |step| step.caught),
            of: self.spam,
        }
    }

    /// Each step with the ham it adds.
    fn new_ham(&self) -> impl Iterator<Item = (u64, &Step)> {
        let before = std::iter::once(0).chain(self.steps.iter().map(|step| step.false_positives));
        self.steps
            .iter()
            .zip(before)
            .map(|(step, before)| (step.false_positives - before, step))
    }
}

impl Step {
    /// Share of spam in what the threshold catches.
    pub fn precision(&self) -> f64 {
        self.caught as f64 / (self.caught + self.false_positives) as f64
    }
}

/// ROC AUC with ties at one half; `None` if a label is missing.
pub fn auc(judged: &[Judged]) -> Option<f64> {
    Ranking::of(judged).auc()
}

/// Highest recall at a threshold with a false-positive rate of at most `fp_rate`; `None` if a label is missing.
/// With fewer than `1 / fp_rate` ham it allows no false positive at all.
pub fn recall_at_fp(judged: &[Judged], fp_rate: f64) -> Option<f64> {
    Ranking::of(judged).recall_at_fp(fp_rate).value()
}

/// Figures of a yes-or-no decision, to stand beside published ones. Spam is the positive class.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct BinaryFigures {
    /// Share of right answers.
    pub accuracy: f64,
    /// Matthews correlation coefficient, in -1..=1; 0 where it is undefined.
    pub mcc: f64,
    /// Mean of the F1 of spam and the F1 of ham.
    pub macro_f1: f64,
    /// Share of spam in what was called spam; 0 if nothing was.
    pub precision: f64,
    /// Share of spam that was called spam.
    pub recall: f64,
}

/// The yes-or-no figures where `log_odds >= threshold_log_odds` means spam; `None` if a label is missing.
pub fn mcc_accuracy_macro_f1(judged: &[Judged], threshold_log_odds: f64) -> Option<BinaryFigures> {
    binary_figures(judged, threshold_log_odds)
}

/// The same, of rows that lie anywhere.
pub fn binary_figures<'a>(
    rows: impl IntoIterator<Item = &'a Judged>,
    threshold: f64,
) -> Option<BinaryFigures> {
    let (mut tp, mut fp, mut miss, mut tn) = (0.0, 0.0, 0.0, 0.0);
    for row in rows {
        *match (row.is_spam(), row.log_odds >= threshold) {
            (true, true) => &mut tp,
            (false, true) => &mut fp,
            (true, false) => &mut miss,
            (false, false) => &mut tn,
        } += 1.0;
    }
    let share = |part: f64, whole: f64| if whole > 0.0 { part / whole } else { 0.0 };
    let f1 = |right: f64| share(2.0 * right, 2.0 * right + fp + miss);
    let (spam, ham): (f64, f64) = (tp + miss, tn + fp);
    let root = ((tp + fp) * spam * ham * (tn + miss)).sqrt();
    (spam > 0.0 && ham > 0.0).then(|| BinaryFigures {
        accuracy: (tp + tn) / (spam + ham),
        mcc: share(tp * tn - fp * miss, root),
        macro_f1: (f1(tp) + f1(tn)) / 2.0,
        precision: share(tp, tp + fp),
        recall: tp / spam,
    })
}

/// Rows of like probability, and how many of them were spam.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Bin {
    /// Spam among all rows of the bin.
    pub spam: Rate,
    /// Mean of the probabilities the filter gave.
    pub mean_probability: f64,
}

/// Cuts the rows, sorted by probability, into at most `bins` bins of equal mass. Rows of equal probability stay together,
/// else their order would decide the figure; so there may be fewer bins, of unequal size.
pub fn calibration_bins<'a>(rows: impl IntoIterator<Item = &'a Judged>, bins: usize) -> Vec<Bin> {
    let mut rows: Vec<(f64, bool)> = rows
        .into_iter()
        .map(|row| (row.probability, row.is_spam()))
        .collect();
    rows.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let (mut cut, mut start) = (Vec::with_capacity(bins), 0);
    for bin in 1..=bins {
        let mut end = (bin * rows.len() / bins).max(start);
        while end > start && end < rows.len() && rows[end].0 == rows[end - 1].0 {
            end += 1;
        }
        if end > start {
            cut.push(bin_of(&rows[start..end]));
            start = end;
        }
    }
    cut
}

/// One bin of rows, which are not none.
fn bin_of(rows: &[(f64, bool)]) -> Bin {
    Bin {
        spam: Rate {
            hits: rows.iter().filter(|row| row.1).count() as u64,
            of: rows.len() as u64,
        },
        mean_probability: rows.iter().map(|row| row.0).sum::<f64>() / rows.len() as f64,
    }
}

/// Expected calibration error: how far the stated probability is from the share of spam, averaged over `bins` equal-mass bins.
pub fn expected_calibration_error(judged: &[Judged], bins: usize) -> Option<f64> {
    calibration_error(&calibration_bins(judged, bins))
}

/// The same of rows that lie anywhere.
pub fn calibration_error_of<'a>(
    rows: impl IntoIterator<Item = &'a Judged>,
    bins: usize,
) -> Option<f64> {
    calibration_error(&calibration_bins(rows, bins))
}

/// The same, of bins already cut.
pub(crate) fn calibration_error(bins: &[Bin]) -> Option<f64> {
    let n: u64 = bins.iter().map(|bin| bin.spam.of).sum();
    let gap =
        |bin: &Bin| Some((bin.spam.value()? - bin.mean_probability).abs() * bin.spam.of as f64);
    (n > 0).then(|| bins.iter().filter_map(gap).sum::<f64>() / n as f64)
}

/// Mean negative logarithm of the probability given to the truth, in nats; probabilities are kept 1e-15 away from 0 and 1.
pub fn log_loss<'a>(rows: impl IntoIterator<Item = &'a Judged>) -> Option<f64> {
    mean(rows.into_iter().map(|row| {
        let p = row.probability.clamp(1e-15, 1.0 - 1e-15);
        if row.is_spam() {
            -p.ln()
        } else {
            -(1.0 - p).ln()
        }
    }))
}

/// Mean squared distance of the probability from the truth (Brier 1950).
pub fn brier<'a>(rows: impl IntoIterator<Item = &'a Judged>) -> Option<f64> {
    mean(
        rows.into_iter()
            .map(|row| (row.probability - f64::from(u8::from(row.is_spam()))).powi(2)),
    )
}

/// The mean; `None` of nothing.
fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, n) = values.fold((0.0, 0u64), |(sum, n), value| (sum + value, n + 1));
    (n > 0).then(|| sum / n as f64)
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::verdict::{Cutoffs, sigmoid};

    /// A row as the filter would judge it.
    pub(in crate::learn) fn row(label: Label, log_odds: f64) -> Judged {
        Judged {
            label,
            log_odds,
            probability: sigmoid(log_odds),
            verdict: Cutoffs::UNMEASURED.judge(log_odds),
            lang: Language::English,
            group: None,
        }
    }

    /// Rows of these scores.
    pub(in crate::learn) fn rows(spam: &[f64], ham: &[f64]) -> Vec<Judged> {
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
    fn stated(p: f64, spam: u64, of: u64) -> Vec<Judged> {
        let label = |i| if i < spam { Label::Spam } else { Label::Ham };
        let at = |i| Judged {
            probability: p,
            ..row(label(i), (p / (1.0 - p)).ln())
        };
        (0..of).map(at).collect()
    }

    #[test]
    fn a_perfectly_calibrated_set_has_no_calibration_error() {
        let judged: Vec<Judged> = (1..10)
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
            let judge = |f: fn(f64) -> f64| -> Vec<Judged> {
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
}
