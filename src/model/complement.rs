//! Topics of rows of known kind in, what each topic says for each class out: naive Bayes of the
//! complement (Rennie et al. 2003), fitted by linfa-bayes. Pure.

use std::collections::BTreeMap;

use ndarray::Array2;

use super::bayes;
use super::topics::Row;

/// Smoothing of the counts.
pub(super) const ALPHA: f64 = 0.5;

/// What a row of the other language counts for.
pub(super) const OTHER_LANGUAGE: f64 = 0.3;

/// Evidence `[class, column]` for comments of one language, and what each topic at all says for a
/// class. Zero wherever a class never had the topic.
pub(super) fn fit_language(
    rows: &[(&Row, usize)],
    columns: &BTreeMap<u32, usize>,
    classes: usize,
    language: usize,
) -> (Array2<f64>, Vec<f32>) {
    let mut counts = Array2::<f64>::zeros((classes, columns.len()));
    let mut sizes = vec![0.0_f64; classes];
    for &(row, class) in rows {
        let weight = if row.language == language {
            1.0
        } else {
            OTHER_LANGUAGE
        };
        sizes[class] += weight;
        for id in &row.topics {
            counts[[class, columns[id]]] += weight;
        }
    }
    // Half way to classes of equal size: else the largest are the complement of all others.
    let roots: Vec<f64> = sizes.iter().map(|size| size.max(1.0).sqrt()).collect();
    let mean = roots.iter().sum::<f64>() / classes as f64;
    for (mut row, root) in counts.rows_mut().into_iter().zip(&roots) {
        row *= mean / root;
    }
    let total = counts.sum_axis(ndarray::Axis(0));
    let complement = &total - &counts;
    let base: Vec<f64> = complement
        .rows()
        .into_iter()
        .map(|row| (row.sum() + ALPHA * columns.len() as f64).ln())
        .collect();
    let fitted = bayes::fit_classes(complement, ALPHA);
    for (class, (logs, base)) in fitted.iter().zip(&base).enumerate() {
        for (column, log) in logs.iter().enumerate() {
            let weight = &mut counts[[class, column]];
            if *weight > 0.0 {
                // What all classes without the topic share falls away, and with it most of the
                // table.
                *weight = (total[column] + ALPHA).ln() - log - base;
            }
        }
    }
    (counts, base.iter().map(|&base| base as f32).collect())
}
