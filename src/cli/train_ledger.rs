//! `phin train --ledger`: the labels of a server, a store or an export in, a candidate out that
//! starts from a model and needs no corpora. Promotes nothing.

use std::path::{Path, PathBuf};

use anyhow::bail;

use super::data_dir::DataDirArgs;
use super::progress::Steps;
use super::{model_args, snapshot, training};
use crate::learn::train::accumulator::Accumulated;
use crate::learn::train::adapt::{AdaptConfig, retrain};
use crate::learn::train::from_ledger::Taking;
use crate::model::Model;
use crate::moderation::ExportLine;

#[derive(Debug, clap::Args)]
pub(super) struct LedgerArgs {
    /// Learn from the labels of the data folder, running or not, or of an export, starting from a
    /// model
    #[arg(long, value_name = "EXPORT", num_args = 0..=1, conflicts_with = "shard")]
    pub(super) ledger: Option<Option<PathBuf>>,
    /// The model to start from: `shipped`, `live`, a folder, or `training` for one trained first,
    /// from FILEs or from training-data and corpora
    #[arg(
        long,
        value_name = "MODEL",
        default_value = "shipped",
        requires = "ledger"
    )]
    pub(super) from: String,
    /// A label counts half when it is so many days older than the newest; all count alike without
    #[arg(long, value_name = "DAYS", requires = "ledger")]
    half_life: Option<f64>,
    /// Share of the labels, the newest ones, that teach nothing, so that the gate can judge by them
    #[arg(long, value_name = "SHARE", default_value_t = 0.1, requires = "ledger")]
    hold_back: f64,
    #[command(flatten)]
    data: DataDirArgs,
}

/// The name of no model, but of what other comments make first.
pub(super) const TRAINING: &str = "training";

/// From an export, or from the store; `first` gives the model to start from, and what was counted
/// for it, where that is trained first.
///
/// # Errors
/// A share or half-life makes no sense, or the model, the labels or the folder cannot be used.
pub(super) fn run(
    args: &LedgerArgs,
    export: Option<&PathBuf>,
    out: &Path,
    seed: u64,
    first: impl FnOnce() -> anyhow::Result<(Model, Accumulated)>,
) -> anyhow::Result<()> {
    if !(0.0..=0.9).contains(&args.hold_back) {
        bail!(
            "--hold-back {} is no share between 0 and 0.9",
            args.hold_back
        );
    }
    if args
        .half_life
        .is_some_and(|days| days.is_nan() || days <= 0.0)
    {
        bail!("--half-life must be more than 0 days");
    }
    let _lock = training::lock(out)?;
    let (from, tally) = if args.from == TRAINING {
        let (from, tally) = first()?;
        (from, Some(tally))
    } else {
        (model_args::model_of(&args.from, &args.data)?, None)
    };
    let is_wanted = |line: &ExportLine| {
        matches!(
            line,
            ExportLine::Check(_) | ExportLine::Label(_) | ExportLine::Ruling(_)
        )
    };
    let past = snapshot::read(export, &args.data, is_wanted)?;
    let taking = Taking {
        after: from.card.ledger_seq,
        half_life_days: args.half_life,
    };
    let lessons = past.lessons(args.hold_back, taking)?;
    eprint!("{}", lessons.taken);
    let steps = Steps::default();
    let pulling = AdaptConfig {
        seed,
        ..AdaptConfig::default()
    };
    let progress = |step: &str, done, all| steps.show(step, done, all);
    let mut trained = retrain(&from, &lessons, &pulling, &progress)?;
    // A model does not contain the categories of its training comments. Where the corpora are, the
    // categories that moderators named are added to theirs.
    if let Some(tally) = tally
        && !lessons.named.is_empty()
    {
        eprintln!("{} labels name the kind of spam", lessons.named.len());
        trained.model.categories = tally.categories(&lessons.named);
    }
    training::write(trained, out, &steps)
}
