//! Rows and counts in, what experts say of rows that they did not learn out, fold by fold. It
//! chooses neither the content power nor the cutoffs.

use crate::learn::train::config::TrainConfig;
use crate::learn::train::experts;
use crate::learn::train::feature_counts::Tables;
use crate::learn::train::rows::{Kinds, Prepared};
use crate::model::calibrate::Scored;
use crate::model::stack::{Opinions, Stack};
use crate::verdict::Label;

/// What experts said of rows that they did not learn.
pub(super) struct Tried<'a> {
    /// The content power it was tried with.
    pub(super) power: f64,
    pub(super) stack: Stack,
    pub(super) log_loss: f64,
    pub(super) rows: Vec<&'a Prepared>,
    pub(super) opinions: Vec<Opinions>,
    /// Features of each row, and how many of them its fold had never seen.
    pub(super) unknown: Vec<(u32, u32)>,
}

impl Default for Tried<'_> {
    fn default() -> Self {
        Self {
            power: 0.0,
            stack: Stack::PLAIN,
            log_loss: f64::INFINITY,
            rows: Vec::new(),
            opinions: Vec::new(),
            unknown: Vec::new(),
        }
    }
}

impl Tried<'_> {
    /// The raw score of each row, with what calibration must know of it.
    pub(super) fn scored(&self) -> Vec<Scored> {
        let rows = self.rows.iter().zip(&self.opinions);
        rows.map(|(row, opinions)| Scored {
            raw: self.stack.raw(opinions),
            language: row.language,
            label: row.label,
            prevalence: row.prevalence,
        })
        .collect()
    }
}

/// Has each fold judged by experts that did not learn it, as many folds at once as there are cores.
pub(super) fn leave_out<'a>(
    all: &[&'a Prepared],
    tables: &Tables,
    kinds: &Kinds,
    config: &TrainConfig,
    power: f64,
    report: &dyn Fn(usize),
) -> Tried<'a> {
    let judge = |fold| judge_fold(all, tables, kinds, config, power, fold);
    let folds: Vec<u64> = (0..config.folds).collect();
    let mut tried = Tried {
        power,
        ..Tried::default()
    };
    for some in folds.chunks(cores()) {
        report(some[0] as usize);
        let judge = &judge;
        let done = std::thread::scope(|scope| {
            let running: Vec<_> = some
                .iter()
                .map(|&fold| scope.spawn(move || judge(fold)))
                .collect();
            running
                .into_iter()
                .map(|fold| fold.join().expect("fitting does not panic"))
                .collect::<Vec<_>>()
        });
        for fold in done {
            tried.rows.extend(fold.rows);
            tried.opinions.extend(fold.opinions);
            tried.unknown.extend(fold.unknown);
        }
    }
    let rows = tried.rows.iter().zip(&tried.opinions);
    let labelled: Vec<(Opinions, Label, f32)> = rows
        .map(|(row, opinions)| (*opinions, row.label, row.weight))
        .collect();
    tried.stack = Stack::fit(&labelled);
    tried.log_loss = tried.stack.log_loss(&labelled);
    tried
}

/// What was said of the rows of one fold, side by side.
struct Fold<'a> {
    rows: Vec<&'a Prepared>,
    opinions: Vec<Opinions>,
    unknown: Vec<(u32, u32)>,
}

/// Fits experts on all rows but those of a fold, and has them judge the fold.
fn judge_fold<'a>(
    all: &[&'a Prepared],
    tables: &Tables,
    kinds: &Kinds,
    config: &TrainConfig,
    power: f64,
    fold: u64,
) -> Fold<'a> {
    let (inside, others): (Vec<&Prepared>, Vec<&Prepared>) =
        all.iter().partition(|row| row.fold(config.folds) == fold);
    // Counts can be subtracted: without the fold they are what the other rows alone would give.
    let mut counts = Tables::clone(tables);
    inside.iter().for_each(|row| counts.subtract(row));
    let fitted = experts::fit(&others, &counts, kinds, config, power);
    let opinions = inside.iter().map(|row| fitted.opinions(row)).collect();
    let unknown = inside.iter().map(|row| {
        let unknown = counts.rarer(row, config.fewest_comments.max(1));
        (row.len() as u32, unknown as u32)
    });
    Fold {
        opinions,
        unknown: unknown.collect(),
        rows: inside,
    }
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}
