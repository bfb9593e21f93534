//! Scored examples in, outcomes with their intervals out: a share by Wilson, or by drawing whole
//! groups where rows of one group depend on each other. It judges no comment.

use std::collections::BTreeMap;

use crate::learn::benchmark::bars;
use crate::learn::benchmark::outcome::Outcome;
use crate::learn::metrics::bootstrap;
use crate::learn::metrics::measures::{self, Ranking, Rate, ScoredExample};
use crate::verdict::{Label, Verdict};

/// Draws behind an interval.
const RESAMPLES: usize = 1_000;
const SEED: u64 = 0x7068_696e;
/// Bins of the calibration error.
const BINS: usize = 15;

/// An outcome with the bars that the table has for it.
pub(super) fn outcome(
    task: &'static str,
    figure: impl Into<String>,
    ours: f64,
    interval: Option<(f64, f64)>,
    n: usize,
) -> Outcome {
    let figure = figure.into();
    let bar = bars::of(task, &figure);
    Outcome {
        task,
        ours,
        floor: bar.and_then(|bar| bar.held),
        asked: bar.map(|bar| bar.floor),
        goal: bar.map(|bar| bar.goal),
        larger_is_better: bar.is_none_or(|bar| bar.larger_is_better),
        n,
        interval,
        figure,
    }
}

/// A share with its interval.
pub(super) fn share(task: &'static str, figure: impl Into<String>, rate: Rate) -> Outcome {
    let ours = rate.value().unwrap_or(0.0);
    outcome(task, figure, ours, Some(rate.wilson()), rate.of as usize)
}

/// A share of rows that come in groups.
pub(super) fn share_of_groups<'a>(
    task: &'static str,
    figure: impl Into<String>,
    rows: impl Iterator<Item = &'a ScoredExample>,
    is: impl Fn(&ScoredExample) -> bool,
) -> Outcome {
    let mut groups: BTreeMap<Option<&str>, Rate> = BTreeMap::new();
    let mut all = Rate::default();
    for row in rows {
        let hit = u64::from(is(row));
        for rate in [&mut all, groups.entry(row.group.as_deref()).or_default()] {
            rate.hits += hit;
            rate.of += 1;
        }
    }
    let groups: Vec<Rate> = groups.into_values().collect();
    // With few groups drawing again means little, and where no row hit, every draw gives 0; then
    // the interval is Wilson's.
    let interval = if groups.len() < 5 || all.hits == 0 {
        all.wilson()
    } else {
        bootstrap::share_interval(&groups, RESAMPLES, SEED)
    };
    let ours = all.value().unwrap_or(0.0);
    outcome(task, figure, ours, Some(interval), all.of as usize)
}

/// Any figure of rows, with an interval from drawing groups again; rows without a group stand
/// alone. 0 where the rows cannot support it.
pub(super) fn of_rows(
    task: &'static str,
    figure: impl Into<String>,
    rows: &[ScoredExample],
    of: impl Fn(&[&ScoredExample]) -> Option<f64>,
) -> Outcome {
    let ours = of(&rows.iter().collect::<Vec<_>>()).unwrap_or(0.0);
    let interval = bootstrap::interval(rows, 200, SEED, of);
    outcome(task, figure, ours, interval, rows.len())
}

/// Rows on the right side at `p >= .5`.
pub(super) fn accuracy(
    task: &'static str,
    figure: impl Into<String>,
    rows: &[ScoredExample],
) -> Outcome {
    share(task, figure, Rate::count(rows, |row| !row.is_error()))
}

/// The area under the curve of rows that come in groups.
pub(super) fn auc(
    task: &'static str,
    figure: impl Into<String>,
    rows: &[&ScoredExample],
) -> Outcome {
    let ours = Ranking::of(rows.iter().copied()).auc().unwrap_or(0.0);
    let interval = bootstrap::auc_interval(rows, 200, SEED);
    outcome(task, figure, ours, interval, rows.len())
}

/// Spam caught at a rate of false positives. Its interval is of the spam alone, for the threshold
/// that these rows give.
pub(super) fn recall_at(
    task: &'static str,
    figure: impl Into<String>,
    rows: &[&ScoredExample],
    fp_rate: f64,
) -> Outcome {
    let rate = Ranking::of(rows.iter().copied()).recall_at_fp(fp_rate);
    let ours = rate.value().unwrap_or(0.0);
    outcome(task, figure, ours, Some(rate.wilson()), rows.len())
}

/// How far probabilities are from the shares they state, with an interval from drawing groups
/// again; rows without a group stand alone.
pub(super) fn calibration_error(
    task: &'static str,
    figure: impl Into<String>,
    rows: &[ScoredExample],
) -> Outcome {
    of_rows(task, figure, rows, |rows| {
        measures::calibration_error_of(rows.iter().copied(), BINS)
    })
}

/// The mean of some figures, one a group.
pub(super) fn mean(task: &'static str, figure: impl Into<String>, values: &[f64]) -> Outcome {
    let ours = values.iter().sum::<f64>() / values.len().max(1) as f64;
    let interval = bootstrap::mean_interval(values, RESAMPLES, SEED);
    outcome(task, figure, ours, interval, values.len())
}

pub(super) fn is_spam(row: &ScoredExample) -> bool {
    row.verdict.side() == Some(Label::Spam)
}

pub(super) fn is_ham(row: &ScoredExample) -> bool {
    row.verdict == Verdict::Ham
}

pub(super) fn is_unsure(row: &ScoredExample) -> bool {
    row.verdict == Verdict::Unsure
}

/// A rate as tables show it: `1.3 %`; a dash for none.
pub(super) fn percent(rate: Rate) -> String {
    rate.value()
        .map_or("–".to_owned(), |share| format!("{:.1}", share * 100.0))
}
