//! Labelled rows with the scores that a model gives them in, what to add to each of its weights
//! out. The model must not have learnt these rows. Weights hardly move where the model agrees with
//! the rows. Where it does not, weights move, and most those of features that it knows little of.
//! It never changes the model itself. Deterministic: same rows, options and seed, same weights.
//!
//! Logistic regression in the dual (`weights`), around a model instead of around zero: a row starts
//! at the score it has, and the penalty is on the distance from the model's weights (a Gaussian
//! prior). See docs/DECISIONS.md, "`phin train --ledger` adapts an existing model".

use rand::seq::SliceRandom;
use rand::{SeedableRng, rngs::StdRng};

use super::weights::{Row, SolverOptions, newton};
use crate::verdict::Label;

/// What to add to each weight: one number for each bucket, in the order of `give`.
///
/// `rows` come with the raw score (before calibration) that the model gives them. `give` has one
/// number for each bucket: the prior standard deviation of its weight, 0 for a weight that must not
/// move. Every bucket of a row is below `give.len()`.
pub fn adapt(rows: &[(Row<'_>, f64)], give: &[f32], options: &SolverOptions) -> Vec<f32> {
    let mut moved = vec![0.0_f32; give.len()];
    let mut order: Vec<usize> = (0..rows.len()).collect();
    let mut random = StdRng::seed_from_u64(options.seed);
    // A weight moves in proportion to its prior variance. That is the same as a feature scaled by
    // its prior deviation under a penalty of one.
    let squared = |id: u32| f64::from(give[id as usize]).powi(2);
    let norms: Vec<f64> = rows
        .iter()
        .map(|(row, _)| {
            let mut norm = 0.0;
            row.each(|id, scale| norm += scale.powi(2) * squared(id));
            norm
        })
        .collect();
    let limit_of = |row: &Row<'_>| options.cost * f64::from(row.weight);
    let mut pairs: Vec<[f64; 2]> = rows
        .iter()
        .map(|(row, _)| {
            // Dual variables lie strictly between 0 and the limit: the solver takes logarithms of
            // both distances.
            let small = (0.001 * limit_of(row)).min(1e-8);
            [small, limit_of(row) - small]
        })
        .collect();
    for _ in 0..options.epochs {
        order.shuffle(&mut random);
        let mut largest = 0.0_f64;
        for &at in &order {
            let (row, before) = &rows[at];
            let limit = limit_of(row);
            // A row without weight, or whose features may not move, would divide by zero.
            if limit <= 0.0 || norms[at] <= 0.0 {
                continue;
            }
            let sign = if row.label == Label::Spam { 1.0 } else { -1.0 };
            let added = row.sum(|id| f64::from(moved[id as usize]));
            let step = newton(norms[at], sign * (before + added), &mut pairs[at], limit);
            largest = largest.max(step.abs() / limit);
            row.each(|id, scale| {
                moved[id as usize] += (sign * step * scale * squared(id)) as f32;
            });
        }
        if largest < options.tolerance {
            break;
        }
    }
    moved
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPTIONS: SolverOptions = SolverOptions {
        cost: 1.0,
        epochs: 100,
        tolerance: 1e-4,
        seed: 1,
    };

    fn row(ids: &[u32], label: Label, before: f64) -> (Row<'_>, f64) {
        let row = Row {
            ids,
            label,
            weight: 1.0,
            scale: 1.0,
            scaled: 0,
        };
        (row, before)
    }

    #[test]
    fn where_the_model_is_right_hardly_anything_moves() {
        let right = adapt(&[row(&[0], Label::Spam, 12.0)], &[1.0], &OPTIONS);
        let wrong = adapt(&[row(&[0], Label::Ham, 12.0)], &[1.0], &OPTIONS);
        assert!(right[0].abs() < 1e-3, "{right:?}");
        assert!(wrong[0] < -0.9, "{wrong:?}");
    }

    #[test]
    fn what_gives_no_way_stays_and_the_rest_is_moved_to_where_the_gradient_vanishes() {
        let rows = [
            row(&[0, 1], Label::Spam, -1.0),
            row(&[1, 2], Label::Ham, 0.5),
        ];
        let give = [1.0, 0.5, 0.0];
        let moved = adapt(&rows, &give, &OPTIONS);
        assert_eq!(moved[2], 0.0);
        for at in 0..2 {
            let mut gradient = f64::from(moved[at] / give[at].powi(2));
            for (row, before) in rows
                .iter()
                .filter(|(row, _)| row.ids.contains(&(at as u32)))
            {
                let sign = if row.label == Label::Spam { 1.0 } else { -1.0 };
                let added: f64 = row
                    .ids
                    .iter()
                    .map(|&id| f64::from(moved[id as usize]))
                    .sum();
                gradient -= sign * crate::verdict::sigmoid(-sign * (before + added));
            }
            assert!(gradient.abs() < 0.01, "{at}: {gradient}");
        }
    }
}
