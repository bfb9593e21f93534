//! Counts in, the log-ratio of each feature out, fitted by linfa-bayes. This is the only file that
//! names linfa-bayes. It never sees a comment.
//!
//! Multinomial counts add up. So one summed row for each class gives the same log-probabilities, to
//! the bit, as a dense fit over all comments. The result for a feature depends on its two counts
//! alone, so one column for each pair of counts is enough. Few columns matter, because linfa-bayes
//! prints all it fits (`silently`): with a column for each feature of the shipped model, that took
//! half of the training time.
//!
//! linfa-bayes divides by the number of *features* of a class. Evidence of presence needs the
//! number of its *comments*. The two differ by one constant for all features, which is added here.
//! See docs/DECISIONS.md, "linfa-bayes 0.8.1 is used in a narrow way".

use std::collections::BTreeMap;

use linfa::DatasetBase;
use linfa::traits::Fit;
use linfa_bayes::MultinomialNb;
use ndarray::{Array1, Array2};
use serde::Deserialize;

use super::counts::Count;
use crate::features::FeatureId;

/// Added to every count, so that no probability is 0. With small values rare words have more
/// evidence (docs/DECISIONS.md, "Weights are fitted by logistic regression on scaled features").
pub const ALPHA: f64 = 0.02;

/// `ln P(f | spam) - ln P(f | ham)` of one feature from counts of presence, smoothed by `alpha`; 0
/// for a feature never seen.
///
/// This is linfa's log-ratio plus the constant, in closed form, for code that needs one feature at
/// a time.
pub fn log_ratio(count: Count, comments: Count, alpha: f64) -> f64 {
    ratio(count, comments, alpha).ln()
}

/// The same before the logarithm: `P(f | spam) / P(f | ham)`. It is 1 for a feature never seen, and
/// where a class has no comments.
pub fn ratio(count: Count, comments: Count, alpha: f64) -> f64 {
    if count.total() == 0 || comments.spam == 0 || comments.ham == 0 {
        return 1.0;
    }
    let spam = (f64::from(count.spam) + alpha) / f64::from(comments.spam);
    let ham = (f64::from(count.ham) + alpha) / f64::from(comments.ham);
    spam / ham
}

/// Fits the log-ratios of all counted features through linfa-bayes: one natural logarithm for each
/// of `features`, in their order. `comments_of` gives the number of training comments that have the
/// feature's field.
///
/// Features with the same two counts are fitted once: a million features have some thousands of
/// pairs of counts.
pub fn fit(
    features: &[(FeatureId, Count)],
    comments_of: impl Fn(FeatureId) -> Count,
    alpha: f64,
) -> Vec<f64> {
    let mut pairs: BTreeMap<(u32, u32), usize> = BTreeMap::new();
    for &(_, count) in features {
        pairs.insert((count.spam, count.ham), 0);
    }
    if pairs.is_empty() {
        return Vec::new();
    }
    let mut columns = Vec::with_capacity(pairs.len());
    for (column, (&(spam, ham), place)) in pairs.iter_mut().enumerate() {
        *place = column;
        columns.push(Count { spam, ham });
    }
    let Fitted { spam, ham } = fit_summed_rows(&columns, alpha);
    let class_sum = |part: fn(Count) -> u32| {
        columns
            .iter()
            .map(|&count| f64::from(part(count)) + alpha)
            .sum::<f64>()
    };
    // Undoes linfa's division by the features of a class; `constant` divides by comments instead.
    let size_of_classes = (class_sum(|c| c.spam) / class_sum(|c| c.ham)).ln();
    let constant = |id| {
        let comments = comments_of(id);
        (comments.spam > 0 && comments.ham > 0)
            .then(|| size_of_classes - (f64::from(comments.spam) / f64::from(comments.ham)).ln())
    };
    // Where one class has no comment with that field, nothing can be said: 0.
    features
        .iter()
        .map(|&(id, count)| {
            let column = pairs[&(count.spam, count.ham)];
            constant(id).map_or(0.0, |constant| spam[column] - ham[column] + constant)
        })
        .collect()
}

/// linfa's log-probabilities of each feature in each class.
struct Fitted {
    spam: Array1<f64>,
    ham: Array1<f64>,
}

const HAM: usize = 0;
const SPAM: usize = 1;

fn fit_summed_rows(columns: &[Count], alpha: f64) -> Fitted {
    let mut rows = Array2::zeros((2, columns.len()));
    for (column, count) in columns.iter().enumerate() {
        rows[[HAM, column]] = f64::from(count.ham);
        rows[[SPAM, column]] = f64::from(count.spam);
    }
    let mut classes = fit_classes(rows, alpha).into_iter();
    let mut class = || Array1::from(classes.next().expect("both classes were fitted"));
    let (ham, spam) = (class(), class());
    Fitted { spam, ham }
}

/// linfa's log-probabilities (natural logarithms): one vector for each class, with one number for
/// each column of `rows`. A row is one class: the sum over its comments.
pub fn fit_classes(rows: Array2<f64>, alpha: f64) -> Vec<Vec<f64>> {
    let labels: Vec<usize> = (0..rows.nrows()).collect();
    let dataset = DatasetBase::new(rows, Array1::from(labels));
    read_out(&silently(|| {
        MultinomialNb::params()
            .alpha(alpha)
            .fit(&dataset)
            .expect("non-empty classes and a positive alpha fit")
    }))
}

/// `MultinomialNb::fit` of 0.8.1 prints itself to stderr through a forgotten `dbg!` (gone upstream,
/// not yet released).
fn silently<T>(work: impl FnOnce() -> T) -> T {
    // The process has one standard error, and folds are fitted on several threads.
    static ONE_AT_A_TIME: std::sync::Mutex<()> = std::sync::Mutex::new(());
    let _turn = ONE_AT_A_TIME
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    let _gag = gag::Gag::stderr().ok();
    work()
}

/// The private fields of linfa's model. Its `serde` form is the only way to read them.
#[derive(Deserialize)]
struct Mirror {
    class_info: std::collections::HashMap<usize, MirrorClass>,
}

#[derive(Deserialize)]
struct MirrorClass {
    #[allow(dead_code, reason = "postcard reads fields by position")]
    class_count: usize,
    #[allow(dead_code, reason = "postcard reads fields by position")]
    prior: f64,
    #[allow(dead_code, reason = "postcard reads fields by position")]
    feature_count: Array1<f64>,
    feature_log_prob: Array1<f64>,
}

/// Log-probabilities by class, in ascending order of the label (linfa keeps classes in a hash map).
fn read_out(model: &MultinomialNb<f64, usize>) -> Vec<Vec<f64>> {
    // postcard writes fields without names, by position. So `Mirror` must have all of linfa's
    // fields in linfa's order.
    let bytes = postcard::to_stdvec(model).expect("a fitted model can be written down");
    let mirror: Mirror = postcard::from_bytes(&bytes)
        .expect("linfa-bayes 0.8.1 writes class_count, prior, feature_count, feature_log_prob");
    let mut classes: Vec<(usize, Vec<f64>)> = mirror
        .class_info
        .into_iter()
        .map(|(label, class)| (label, class.feature_log_prob.to_vec()))
        .collect();
    classes.sort_unstable_by_key(|&(label, _)| label);
    classes.into_iter().map(|(_, row)| row).collect()
}

#[cfg(test)]
mod tests {
    use linfa_bayes::NaiveBayes;
    use proptest::prelude::*;

    use super::*;

    fn counts() -> impl Strategy<Value = Vec<(FeatureId, Count)>> {
        proptest::collection::vec(
            (0_u32..50, 0_u32..50).prop_map(|(spam, ham)| Count {
                spam,
                ham: ham + u32::from(spam == 0),
            }),
            2..40,
        )
        .prop_map(|all| {
            all.into_iter()
                .enumerate()
                .map(|(id, count)| (id as FeatureId, count))
                .collect()
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn the_sparse_score_is_linfas_joint_log_likelihood(features in counts(), row in proptest::collection::vec(0_u32..3, 40)) {
            let mut rows = Array2::zeros((2, features.len()));
            for (column, &(_, count)) in features.iter().enumerate() {
                rows[[HAM, column]] = f64::from(count.ham);
                rows[[SPAM, column]] = f64::from(count.spam);
            }
            let dataset = DatasetBase::new(rows, Array1::from(vec![HAM, SPAM]));
            let model = silently(|| MultinomialNb::params().alpha(0.5).fit(&dataset).expect("fits"));
            let comment = Array2::from_shape_fn((1, features.len()), |(_, column)| f64::from(row[column]));
            let likelihood = model.joint_log_likelihood(comment.view());
            let theirs = likelihood[&SPAM][0] - likelihood[&HAM][0];
            let fitted = read_out(&model);
            let ours: f64 = row.iter().take(features.len()).enumerate().map(|(column, &n)| f64::from(n) * (fitted[SPAM][column] - fitted[HAM][column])).sum();
            prop_assert!((ours - theirs).abs() < 1e-9, "{ours} and {theirs}");
        }

        #[test]
        fn the_closed_form_is_linfas_fit(features in counts()) {
            let comments = Count { spam: 70, ham: 120 };
            let fitted = fit(&features, |_| comments, ALPHA);
            for (&(_, count), fitted) in features.iter().zip(fitted) {
                let closed = log_ratio(count, comments, ALPHA);
                prop_assert!((closed - fitted).abs() < 1e-9, "{closed} and {fitted}");
            }
        }
    }
}
