//! Scored examples in, what each threshold catches out, and the areas under its curves. Equal
//! scores are never told apart.

use crate::learn::metrics::rate::Rate;
use crate::learn::metrics::scored_example::ScoredExample;

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

/// Rows from the most to the least spam-like: one step per distinct score, so that equal scores are
/// never told apart.
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
    pub fn of<'a>(rows: impl IntoIterator<Item = &'a ScoredExample>) -> Self {
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

    /// Area under the ROC curve: how often a random spam scores above a random ham, ties counting
    /// one half.
    pub fn auc(&self) -> Option<f64> {
        let (mut above, mut pairs) = (0, 0.0);
        for (ham, step) in self.new_ham() {
            pairs += ham as f64 * (above + step.caught) as f64 / 2.0;
            above = step.caught;
        }
        self.has_both()
            .then(|| pairs / (self.spam as f64 * self.ham as f64))
    }

    /// Average precision: precision at each threshold, weighed by the recall it adds (no
    /// interpolation).
    pub fn average_precision(&self) -> Option<f64> {
        let (mut above, mut sum) = (0, 0.0);
        for step in &self.steps {
            sum += (step.caught - above) as f64 * step.precision();
            above = step.caught;
        }
        self.has_both().then(|| sum / self.spam as f64)
    }

    /// Spam caught by the lowest threshold whose false positives stay within `fp_rate`; of nothing
    /// if a label is missing.
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
pub fn auc(judged: &[ScoredExample]) -> Option<f64> {
    Ranking::of(judged).auc()
}

/// Highest recall at a threshold with a false-positive rate of at most `fp_rate`; `None` if a label
/// is missing. With fewer than `1 / fp_rate` ham it allows no false positive at all.
pub fn recall_at_fp(judged: &[ScoredExample], fp_rate: f64) -> Option<f64> {
    Ranking::of(judged).recall_at_fp(fp_rate).value()
}
