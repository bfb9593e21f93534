//! Labelled rows and the evidence of features in, a factor for each feature and the bias out. It
//! never sees text.
//!
//! Naive Bayes takes features for independent; `vay`, `vay tiền` and the character n-grams inside
//! them are not. L2-regularised logistic regression over features scaled by their evidence (NB-SVM:
//! Wang and Manning 2012) finds a factor `u(f)` for each. It is solved by coordinate descent in the
//! dual (Yu, Huang and Lin 2011). Deterministic: same rows, options and seed, same factors.

use rand::seq::SliceRandom;
use rand::{SeedableRng, rngs::StdRng};

use crate::features::FeatureId;
use crate::verdict::Label;

/// One comment to learn from.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a> {
    /// Buckets, ascending, each once.
    pub ids: &'a [FeatureId],
    /// The label that a person gave.
    pub label: Label,
    /// How much it counts; 1 for most.
    pub weight: f32,
    /// The factor of the evidence of its first `scaled` buckets, which are the content: a row must
    /// not have a larger score for its length alone (`evidence`).
    pub scale: f32,
    /// How many of its buckets are scaled, at most `ids.len()`.
    pub scaled: usize,
}

impl Row<'_> {
    /// The sum of `worth` over its buckets, the first ones scaled.
    #[inline]
    pub(super) fn sum(&self, worth: impl Fn(FeatureId) -> f64) -> f64 {
        let (scaled, rest) = self.ids.split_at(self.scaled);
        let sum = |ids: &[FeatureId]| ids.iter().map(|&id| worth(id)).sum::<f64>();
        f64::from(self.scale) * sum(scaled) + sum(rest)
    }

    /// Hands on each bucket with its scale.
    #[inline]
    pub(super) fn each(&self, mut to: impl FnMut(FeatureId, f64)) {
        let (scaled, rest) = self.ids.split_at(self.scaled);
        scaled.iter().for_each(|&id| to(id, f64::from(self.scale)));
        rest.iter().for_each(|&id| to(id, 1.0));
    }
}

/// How the solver runs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SolverOptions {
    /// Penalty on errors (LIBLINEAR's C): larger fits the rows closer.
    pub cost: f64,
    /// Largest number of rounds over all rows.
    pub epochs: usize,
    /// Stops when no row moves its dual variable by more than this share of its cost.
    pub tolerance: f64,
    /// Seed of the order of the rows.
    pub seed: u64,
}

/// Evidence of a feature in a row of each label, as `[ham, spam]`: a row's own comment is left out
/// of its evidence, otherwise a feature seen once would confirm its own label.
pub type Evidence = [f32; 2];

/// The value of the constant feature. A large value means a small factor for the same bias, so the
/// bias is hardly penalised.
const BIAS_VALUE: f64 = 4.0;

/// Solves for the factors. `evidence` and `prior` have one entry for each bucket. A factor stays at
/// its prior unless rows move it. Returns the factor of each bucket, and the bias in raw units.
pub fn solve(
    rows: &[Row<'_>],
    evidence: &[Evidence],
    prior: Vec<f32>,
    options: &SolverOptions,
    mut on_epoch: impl FnMut(usize),
) -> (Vec<f32>, f64) {
    let mut factors = prior;
    let mut bias = 0.0_f64;
    let mut order: Vec<usize> = (0..rows.len()).collect();
    let mut rng = StdRng::seed_from_u64(options.seed);
    let norms: Vec<f64> = rows
        .iter()
        .map(|row| {
            let mut norm = BIAS_VALUE.powi(2);
            row.each(|id, scale| {
                norm += (scale * f64::from(value(evidence, id, row.label))).powi(2)
            });
            norm
        })
        .collect();
    let cost = |row: &Row<'_>| options.cost * f64::from(row.weight);
    let mut alphas: Vec<[f64; 2]> = rows
        .iter()
        .map(|row| {
            // Dual variables lie strictly between 0 and the cost: the solver takes logarithms of
            // both distances.
            let small = (0.001 * cost(row)).min(1e-8);
            [small, cost(row) - small]
        })
        .collect();
    for epoch in 0..options.epochs {
        order.shuffle(&mut rng);
        let mut largest = 0.0_f64;
        for &at in &order {
            let row = &rows[at];
            let limit = cost(row);
            if limit <= 0.0 {
                continue;
            }
            let sign = if row.label == Label::Spam { 1.0 } else { -1.0 };
            let margin = sign
                * (row.sum(|id| f64::from(factors[id as usize] * value(evidence, id, row.label)))
                    + bias * BIAS_VALUE);
            let step = newton(norms[at], margin, &mut alphas[at], limit);
            largest = largest.max(step.abs() / limit);
            if step != 0.0 {
                let push = sign * step;
                row.each(|id, scale| {
                    factors[id as usize] += (push * scale) as f32 * value(evidence, id, row.label);
                });
                bias += sign * step * BIAS_VALUE;
            }
        }
        on_epoch(epoch + 1);
        if largest < options.tolerance {
            break;
        }
    }
    (factors, bias * BIAS_VALUE)
}

#[inline]
fn value(evidence: &[Evidence], id: FeatureId, label: Label) -> f32 {
    evidence[id as usize][label as usize]
}

/// The subproblem of one row (Yu et al., algorithm 5). Moves its pair of dual variables, whose sum
/// stays `limit`, and returns how far the first one moved. `norm` is the squared length of the row,
/// and `margin` is the row's score with the sign of its label.
pub(super) fn newton(norm: f64, margin: f64, pair: &mut [f64; 2], limit: f64) -> f64 {
    const SHRINK: f64 = 0.1;
    const INNER: usize = 50;
    // Solves for the variable of the pair that ends nearer to 0: there Newton's steps are safe.
    let (mut first, mut second, mut direction) = (0, 1, 1.0);
    if 0.5 * norm * (pair[1] - pair[0]) + margin < 0.0 {
        (first, second, direction) = (1, 0, -1.0);
    }
    let old = pair[first];
    let mut z = old;
    if limit - z < 0.5 * limit {
        z *= SHRINK;
    }
    let gradient = |z: f64| norm * (z - old) + direction * margin + (z / (limit - z)).ln();
    let mut slope = gradient(z);
    for _ in 0..INNER {
        // The steps are repeated for all rows anyway, so a rough solution is enough.
        if slope.abs() < 1e-3 {
            break;
        }
        let curvature = norm + limit / (limit - z) / z;
        let next = z - slope / curvature;
        // A step may leave the open interval, where the logarithm has no value.
        z = if next <= 0.0 {
            z * SHRINK
        } else {
            next.min(limit * (1.0 - 1e-12))
        };
        slope = gradient(z);
    }
    pair[first] = z;
    pair[second] = limit - z;
    direction * (z - old)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(ids: &[u32], label: Label) -> Row<'_> {
        Row {
            ids,
            label,
            weight: 1.0,
            scale: 1.0,
            scaled: 0,
        }
    }

    const OPTIONS: SolverOptions = SolverOptions {
        cost: 1.0,
        epochs: 200,
        tolerance: 1e-4,
        seed: 1,
    };

    #[test]
    fn a_feature_that_says_it_all_gets_the_factor_and_one_that_says_nothing_gets_none() {
        let rows: Vec<Row<'_>> = (0..40)
            .map(|n| {
                if n % 2 == 0 {
                    row(&[0, 2], Label::Spam)
                } else {
                    row(&[1, 2], Label::Ham)
                }
            })
            .collect();
        let evidence = vec![[1.0, 1.0], [-1.0, -1.0], [1.0, 1.0]];
        let (factors, bias) = solve(
            &rows,
            &evidence,
            vec![0.0; evidence.len()],
            &OPTIONS,
            |_| {},
        );
        assert!(factors[0] > 0.5 && factors[1] > 0.5, "{factors:?}");
        assert!(
            (f64::from(factors[2]) + bias).abs() < 0.2,
            "{factors:?} {bias}"
        );
    }

    #[test]
    fn the_solution_is_where_the_gradient_vanishes() {
        let rows: Vec<Row<'_>> = [
            (&[0_u32, 1][..], Label::Spam),
            (&[0], Label::Spam),
            (&[1], Label::Ham),
            (&[0, 2], Label::Ham),
            (&[2], Label::Spam),
        ]
        .iter()
        .map(|(ids, label)| row(ids, *label))
        .collect();
        let evidence = vec![[1.0, 1.0], [0.5, 0.5], [-2.0, -2.0]];
        let (factors, bias) = solve(
            &rows,
            &evidence,
            vec![0.0; evidence.len()],
            &OPTIONS,
            |_| {},
        );
        for feature in 0..3 {
            let mut gradient = f64::from(factors[feature]);
            for row in rows
                .iter()
                .filter(|row| row.ids.contains(&(feature as u32)))
            {
                let sign = if row.label == Label::Spam { 1.0 } else { -1.0 };
                let score: f64 = bias
                    + row
                        .ids
                        .iter()
                        .map(|&id| f64::from(factors[id as usize] * evidence[id as usize][0]))
                        .sum::<f64>();
                gradient -=
                    sign * f64::from(evidence[feature][0]) * crate::verdict::sigmoid(-sign * score);
            }
            assert!(gradient.abs() < 0.01, "feature {feature}: {gradient}");
        }
    }

    #[test]
    fn the_same_rows_and_seed_give_the_same_factors() {
        let rows = [
            row(&[0], Label::Spam),
            row(&[1], Label::Ham),
            row(&[0, 1], Label::Ham),
        ];
        let evidence = vec![[1.0, 0.5], [-1.0, -0.5]];
        assert_eq!(
            solve(
                &rows,
                &evidence,
                vec![0.0; evidence.len()],
                &OPTIONS,
                |_| {}
            ),
            solve(
                &rows,
                &evidence,
                vec![0.0; evidence.len()],
                &OPTIONS,
                |_| {}
            )
        );
    }
}
