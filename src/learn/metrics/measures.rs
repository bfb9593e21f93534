//! Judged comments in, one number or one curve out, each with its definition: the arithmetic of an
//! evaluation.
//!
//! It never rounds, never guesses a figure that the rows cannot support (`None` instead), and never
//! looks at the order of the rows. Scores are finite; that is the model's promise and is not
//! checked here.

pub use crate::learn::metrics::binary_figures::{
    BinaryFigures, binary_figures, mcc_accuracy_macro_f1,
};
pub(crate) use crate::learn::metrics::calibration_bins::calibration_error;
pub use crate::learn::metrics::calibration_bins::{
    Bin, calibration_bins, calibration_error_of, expected_calibration_error,
};
pub use crate::learn::metrics::ranking::{Ranking, Step, auc, recall_at_fp};
pub use crate::learn::metrics::rate::{Rate, wilson};
pub use crate::learn::metrics::scored_example::ScoredExample;

/// Mean negative logarithm of the probability given to the truth, in nats; probabilities are kept
/// 1e-15 away from 0 and 1.
pub fn log_loss<'a>(rows: impl IntoIterator<Item = &'a ScoredExample>) -> Option<f64> {
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
pub fn brier<'a>(rows: impl IntoIterator<Item = &'a ScoredExample>) -> Option<f64> {
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
pub(crate) mod tests;
