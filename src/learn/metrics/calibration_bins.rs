//! Scored examples in, bins of like probability out, and how far stated probabilities are from
//! shares of spam. It changes no probability.

use crate::learn::metrics::rate::Rate;
use crate::learn::metrics::scored_example::ScoredExample;

/// Rows of like probability, and how many of them were spam.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Bin {
    /// Spam among all rows of the bin.
    pub spam: Rate,
    /// Mean of the probabilities the filter gave.
    pub mean_probability: f64,
}

/// Cuts the rows, sorted by probability, into at most `bins` bins of equal mass. Rows of equal
/// probability stay together, else their order would decide the figure; so there may be fewer bins,
/// of unequal size.
pub fn calibration_bins<'a>(
    rows: impl IntoIterator<Item = &'a ScoredExample>,
    bins: usize,
) -> Vec<Bin> {
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

/// Expected calibration error: how far the stated probability is from the share of spam, averaged
/// over `bins` equal-mass bins.
pub fn expected_calibration_error(judged: &[ScoredExample], bins: usize) -> Option<f64> {
    calibration_error(&calibration_bins(judged, bins))
}

/// The same of rows that lie anywhere.
pub fn calibration_error_of<'a>(
    rows: impl IntoIterator<Item = &'a ScoredExample>,
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
