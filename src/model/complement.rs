//! Rows of topics with a known category in, the evidence of each topic for each class out:
//! complement naive Bayes (Rennie et al. 2003), fitted by linfa-bayes. Pure. It never reads a
//! comment.

use std::collections::BTreeMap;

use ndarray::Array2;

use super::bayes;
use super::topics::Row;

/// Smoothing of the counts (docs/DECISIONS.md, "A second naive Bayes names the kind of spam").
pub(super) const ALPHA: f64 = 0.5;

/// How much a row of the other language counts, beside 1 for a row of this one.
pub(super) const OTHER_LANGUAGE: f64 = 0.3;

/// The evidence of topics for comments of one language, in natural logarithms: a table `[class,
/// column]`, 0 or more, and 0 wherever a class never had the topic; and for each class a constant
/// that is added for each known topic.
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
    // Classes are scaled by the root of their size, half way to equal sizes. Otherwise the largest
    // class would be most of the complement of all others.
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
                // `log + base` is the logarithm of the smoothed complement count. So this is
                // `ln(total / complement)`: 0 for a class without the topic, whose complement is
                // the total. Most of the table is 0 and need not be kept.
                *weight = (total[column] + ALPHA).ln() - log - base;
            }
        }
    }
    (counts, base.iter().map(|&base| base as f32).collect())
}
