//! Scored examples and one threshold in, the figures of a yes-or-no decision out. It chooses no
//! threshold.

use serde::{Deserialize, Serialize};

use crate::learn::metrics::scored_example::ScoredExample;

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

/// The yes-or-no figures where `log_odds >= threshold_log_odds` means spam; `None` if a label is
/// missing.
pub fn mcc_accuracy_macro_f1(
    judged: &[ScoredExample],
    threshold_log_odds: f64,
) -> Option<BinaryFigures> {
    binary_figures(judged, threshold_log_odds)
}

/// The same, of rows that lie anywhere.
pub fn binary_figures<'a>(
    rows: impl IntoIterator<Item = &'a ScoredExample>,
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
