//! Judged rows and a seed in, the 95 % interval of a figure out.
//!
//! Whole groups are drawn, because a site's comments resemble each other; without groups each row
//! is drawn by itself. It never asks the system for randomness: the same rows in the same order
//! give the same interval.

use std::collections::HashMap;

use crate::learn::metrics::measures::{Rate, ScoredExample};

/// 95 % percentile bootstrap interval of the AUC, as (low, high), over `resamples` draws with
/// replacement; `None` if a label is missing. Draws that happen to miss a label are skipped. With
/// very few groups it is rough, as any interval from few sites must be.
pub fn auc_interval(rows: &[&ScoredExample], resamples: usize, seed: u64) -> Option<(f64, f64)> {
    let mut random = SplitMix(seed);
    let (units, count) = units(rows);
    let mut order: Vec<(f64, bool, usize)> = rows
        .iter()
        .zip(units)
        .map(|(row, unit)| (row.log_odds, row.is_spam(), unit))
        .collect();
    order.sort_by(|a, b| b.0.total_cmp(&a.0));
    let aucs = (0..resamples)
        .filter_map(|_| weighted_auc(&order, &draw(count, &mut random)))
        .collect();
    middle(aucs)
}

/// The same of any figure: whole groups are drawn, rows without a group one by one.
pub fn interval(
    rows: &[ScoredExample],
    resamples: usize,
    seed: u64,
    figure: impl Fn(&[&ScoredExample]) -> Option<f64>,
) -> Option<(f64, f64)> {
    let mut random = SplitMix(seed);
    let (units, count) = units(&rows.iter().collect::<Vec<_>>());
    let figures = (0..resamples).filter_map(|_| {
        let times = draw(count, &mut random);
        let drawn: Vec<&ScoredExample> = rows
            .iter()
            .zip(&units)
            .flat_map(|(row, &unit)| std::iter::repeat_n(row, times[unit] as usize))
            .collect();
        figure(&drawn)
    });
    middle(figures.collect())
}

/// The same of a share whose rows come in groups: whole groups are drawn.
pub fn share_interval(groups: &[Rate], resamples: usize, seed: u64) -> (f64, f64) {
    let mut random = SplitMix(seed);
    let shares = (0..resamples).filter_map(|_| {
        let mut drawn = Rate::default();
        for (rate, times) in groups.iter().zip(draw(groups.len(), &mut random)) {
            drawn.hits += rate.hits * u64::from(times);
            drawn.of += rate.of * u64::from(times);
        }
        drawn.value()
    });
    middle(shares.collect()).unwrap_or((0.0, 1.0))
}

/// The same of a mean; `None` of fewer than two values.
pub fn mean_interval(values: &[f64], resamples: usize, seed: u64) -> Option<(f64, f64)> {
    if values.len() < 2 {
        return None;
    }
    let mut random = SplitMix(seed);
    let means = (0..resamples).map(|_| {
        let times = draw(values.len(), &mut random);
        let sum: f64 = values
            .iter()
            .zip(times)
            .map(|(value, times)| value * f64::from(times))
            .sum();
        sum / values.len() as f64
    });
    middle(means.collect())
}

/// The ends of the middle 95 % of what was drawn.
fn middle(mut drawn: Vec<f64>) -> Option<(f64, f64)> {
    drawn.sort_by(f64::total_cmp);
    let last = drawn.len().checked_sub(1)? as f64;
    Some((
        drawn[(last * 0.025).floor() as usize],
        drawn[(last * 0.975).ceil() as usize],
    ))
}

/// Which unit each row belongs to, and how many units there are: groups if there are at least two,
/// else the rows themselves.
fn units(rows: &[&ScoredExample]) -> (Vec<usize>, usize) {
    let (mut numbers, mut count) = (HashMap::new(), 0);
    let mut fresh = || {
        count += 1;
        count - 1
    };
    let by_group: Vec<usize> = rows
        .iter()
        .map(|row| match &row.group {
            Some(group) => *numbers.entry(group.as_str()).or_insert_with(&mut fresh),
            None => fresh(),
        })
        .collect();
    match numbers.len() {
        1 => ((0..rows.len()).collect(), rows.len()),
        _ => (by_group, count),
    }
}

/// How often each of `count` units comes up in `count` draws.
fn draw(count: usize, random: &mut SplitMix) -> Vec<u32> {
    let mut times = vec![0; count];
    for _ in 0..count {
        times[random.below(count)] += 1;
    }
    times
}

/// The AUC of rows in falling order, each counted as often as its unit was drawn.
fn weighted_auc(order: &[(f64, bool, usize)], times: &[u32]) -> Option<f64> {
    let (mut spam, mut ham, mut pairs) = (0.0, 0.0, 0.0);
    for tied in order.chunk_by(|a, b| a.0 == b.0) {
        let (mut new_spam, mut new_ham) = (0.0, 0.0);
        for &(_, is_spam, unit) in tied {
            *if is_spam { &mut new_spam } else { &mut new_ham } += f64::from(times[unit]);
        }
        pairs += new_ham * (spam + new_spam / 2.0);
        spam += new_spam;
        ham += new_ham;
    }
    (spam > 0.0 && ham > 0.0).then(|| pairs / (spam * ham))
}

/// SplitMix64 (Steele, Lea and Flood 2014): four lines that give the same numbers on every machine
/// and in every version.
struct SplitMix(u64);

impl SplitMix {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `end`; its bias, `end / 2^64`, is nothing here.
    fn below(&mut self, end: usize) -> usize {
        ((u128::from(self.next()) * end as u128) >> 64) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learn::metrics::measures::tests::{row, rows};
    use crate::verdict::Label;

    fn interval(judged: &[ScoredExample]) -> Option<(f64, f64)> {
        auc_interval(&judged.iter().collect::<Vec<_>>(), 200, 7)
    }

    /// Overlapping scores, in `groups` groups.
    fn overlapping(groups: Option<usize>) -> Vec<ScoredExample> {
        let mut random = SplitMix(3);
        let mut one = |i: usize| {
            let label = if i.is_multiple_of(3) {
                Label::Spam
            } else {
                Label::Ham
            };
            let shift = if label == Label::Spam { 3.0 } else { 0.0 };
            let mut judged = row(label, random.below(80) as f64 / 10.0 + shift);
            judged.group = groups.map(|groups| (i % groups).to_string());
            judged
        };
        (0..400).map(&mut one).collect()
    }

    #[test]
    fn splitmix_gives_the_published_numbers() {
        let mut random = SplitMix(1234567);
        assert_eq!(
            [random.next(), random.next()],
            [6457827717110365317, 3203168211198807973]
        );
    }

    #[test]
    fn the_interval_holds_the_figure_and_never_changes() {
        for groups in [None, Some(20)] {
            let judged = overlapping(groups);
            let auc = crate::learn::metrics::measures::auc(&judged).expect("both labels");
            let (low, high) = interval(&judged).expect("both labels");
            assert!(
                low < auc && auc < high && high - low < 0.2,
                "{low} {auc} {high}"
            );
            assert_eq!(interval(&judged), Some((low, high)));
        }
    }

    #[test]
    fn shares_and_means_lie_in_their_intervals() {
        let groups: Vec<Rate> = (0..20)
            .map(|n| Rate {
                hits: n % 4,
                of: 10,
            })
            .collect();
        let (low, high) = share_interval(&groups, 500, 1);
        assert!(
            low < 0.15 && 0.15 < high && high - low < 0.15,
            "{low} {high}"
        );
        assert_eq!(share_interval(&[], 10, 1), (0.0, 1.0));
        let values: Vec<f64> = (0..30).map(|n| f64::from(n % 3)).collect();
        let (low, high) = mean_interval(&values, 500, 1).expect("thirty values");
        assert!(low < 1.0 && 1.0 < high && high - low < 0.8, "{low} {high}");
        assert_eq!(mean_interval(&[1.0], 500, 1), None);
    }

    #[test]
    fn one_group_is_no_group() {
        assert_eq!(
            interval(&overlapping(Some(1))),
            interval(&overlapping(None))
        );
    }

    #[test]
    fn a_missing_label_gives_no_interval() {
        assert_eq!(interval(&[]), None);
        assert_eq!(interval(&rows(&[1.0], &[])), None);
        assert_eq!(interval(&rows(&[9.0; 20], &[1.0; 20])), Some((1.0, 1.0)));
    }
}
