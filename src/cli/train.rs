//! `phin train`: labelled comments in, a model folder out, with its card and a report on the parts
//! that each fold left out. Promotes nothing.

use std::path::PathBuf;

use anyhow::bail;

use super::input_args::BadLinesArgs;
use super::plain;
use super::progress::Steps;
use super::recipe::recipe;
use super::train_ledger::LedgerArgs;
use super::{train_ledger, training};
use crate::learn::train::accumulator::{Accumulated, Accumulator, BATCH, Shard};
use crate::learn::train::catalogue::{HeldOut, TrainingExamples};
use crate::learn::train::corpus::{Example, Examples};
use crate::learn::train::fit::TrainConfig;
use crate::learn::train::rows::RowMeta;
use crate::learn::train::shard_file;

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  phin train --out models/mine labelled.jsonl more.jsonl.gz     # from exactly these files
  phin train --out models/own                                   # from training-data/ alone
  phin train --out models/shipped --corpora ~/corpora           # the shipped model, byte for byte
  phin train --ledger --out models/mine                          # the shipped model, moved by your own labels
  phin train --ledger export.jsonl --half-life 90 --out models/mine
  phin train --ledger --from training --corpora ~/corpora --out models/mine   # corpora and labels
  phin train --shard 2/3 --out two.part labelled.jsonl          # count a third of it, on another machine perhaps
  phin models merge one.part two.part three.part --out models/mine

The same input and seed give the same bytes. Without FILEs, every fifth comment (by its hash) and its
near-duplicates are left out, so that the model can be measured on them.")]
pub(super) struct Args {
    /// Folder of the new model; with --shard, the file of the part
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Count only the Ith of N shards of the comments, into a part for `phin models merge`; 1/1
    /// counts all of them
    #[arg(long, value_name = "I/N", value_parser = shard)]
    shard: Option<Shard>,
    /// JSON Lines with labels, plain or .gz; given any, the model learns from exactly these
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Folder of the public corpora, to learn from those that may ship
    #[arg(
        long,
        value_name = "DIR",
        conflicts_with = "files",
        env = "PHIN_CORPORA"
    )]
    corpora: Option<PathBuf>,
    /// Folder of our own training comments and of corpora.toml
    #[arg(
        long,
        value_name = "DIR",
        default_value = "training-data",
        conflicts_with = "files"
    )]
    training_data: PathBuf,
    /// File of a recipe (TOML); what it does not name is as in the shipped model
    #[arg(long, value_name = "FILE")]
    recipe: Option<PathBuf>,
    /// Seed of everything random
    #[arg(long, default_value_t = 1)]
    seed: u64,
    #[command(flatten)]
    ledger: LedgerArgs,
    #[command(flatten)]
    bad_lines: BadLinesArgs,
}

fn shard(text: &str) -> Result<Shard, String> {
    let parsed = text
        .split_once('/')
        .and_then(|(number, of)| Shard::of(number.trim().parse().ok()?, of.trim().parse().ok()?));
    parsed.ok_or_else(|| format!("{text:?} is no shard: say 2/3 for the second of three"))
}

/// Trains a model, or counts a part of its comments.
///
/// # Errors
/// A file cannot be read, a comment of it is malformed, or the folder cannot be written.
pub(super) fn run(args: Args) -> anyhow::Result<()> {
    let steps = Steps::default();
    let recipe = TrainConfig {
        seed: args.seed,
        ..recipe(args.recipe.as_deref())?
    };
    if let Some(export) = &args.ledger.ledger {
        let is_trained = args.ledger.from == train_ledger::TRAINING;
        if !is_trained && (!args.files.is_empty() || args.recipe.is_some()) {
            bail!(
                "with --ledger a model is moved, and no FILE or recipe is read; say --from training to train one of them first"
            );
        }
        if !is_trained && args.corpora.is_some() {
            eprintln!("the corpora are not read: say --from training to begin with them");
        }
        let first = || {
            let progress = |step: &str, done, all| steps.show(step, done, all);
            let tally = tally(&args, &recipe, &steps)?;
            Ok((tally.train(&recipe, &progress)?.model, tally))
        };
        let (out, seed) = (&args.out, args.seed);
        return train_ledger::run(&args.ledger, export.as_ref(), out, seed, first);
    }
    let lock = args
        .shard
        .is_none()
        .then(|| training::lock(&args.out))
        .transpose()?;
    let tally = tally(&args, &recipe, &steps)?;
    match args.shard {
        Some(shard) => write_part(tally, &recipe, shard, &args, &steps),
        None => training::finish(&tally, &recipe, &args.out, &steps),
    }?;
    drop(lock);
    Ok(())
}

fn tally(args: &Args, recipe: &TrainConfig, steps: &Steps) -> anyhow::Result<Accumulated> {
    let mut teller = Accumulator::new(args.shard.unwrap_or(Shard::WHOLE), recipe);
    if args.files.is_empty() {
        from_folders(args, recipe, &mut teller, steps)?;
    } else {
        from_files(args, &mut teller, steps)?;
    }
    Ok(teller.done())
}

fn write_part(
    tally: Accumulated,
    recipe: &TrainConfig,
    shard: Shard,
    args: &Args,
    steps: &Steps,
) -> anyhow::Result<()> {
    if args.out.is_dir() {
        bail!(
            "{} is a folder; --shard writes one file, say --out {}",
            args.out.display(),
            args.out.join("one.part").display()
        );
    }
    let comments = tally.comments();
    let bytes = shard_file::write(tally, recipe, &args.out)?;
    steps.clear();
    let (number, of) = shard.parts();
    println!(
        "shard {number} of {of}: {comments} comments counted -> {} ({:.1} MB)",
        plain::path(&args.out),
        bytes as f64 / 1e6
    );
    Ok(())
}

fn from_folders(
    args: &Args,
    recipe: &TrainConfig,
    teller: &mut Accumulator,
    steps: &Steps,
) -> anyhow::Result<()> {
    let mut lesson = TrainingExamples::gather(
        &args.training_data,
        args.corpora.as_deref(),
        HeldOut::LeaveOut,
        args.seed,
    )?;
    if recipe.dress {
        lesson.dress(recipe.seed);
    }
    for name in &lesson.absent {
        eprintln!(
            "corpus {} is not in the folder; the model learns without it",
            plain::Plain(name)
        );
    }
    for taught in &lesson.taught {
        teller.source(&taught.name, &taught.licence);
    }
    let all = lesson.examples.len();
    let standings: Vec<RowMeta> = (0..all).map(|at| lesson.meta(at)).collect();
    let mut rows = lesson.examples.into_iter().zip(standings);
    let mut done = 0;
    loop {
        let batch: Vec<(Example, RowMeta)> = rows.by_ref().take(BATCH).collect();
        if batch.is_empty() {
            return Ok(());
        }
        done += batch.len();
        teller.take(&batch);
        steps.show("reading comments", done, all);
    }
}

/// Files are read while the comments before are counted; neither they nor their texts are kept.
fn from_files(args: &Args, teller: &mut Accumulator, steps: &Steps) -> anyhow::Result<()> {
    let mut done = 0;
    for file in &args.files {
        let name = file.file_name().unwrap_or(file.as_os_str());
        let source = teller.source(&name.to_string_lossy(), "");
        let standing = RowMeta {
            source,
            ..RowMeta::default()
        };
        let mut examples = Examples::open(file, args.bad_lines.choice())?;
        let (batches, counted) = std::sync::mpsc::sync_channel(2);
        let mut unlabelled = 0;
        let skipped = std::thread::scope(|scope| -> anyhow::Result<usize> {
            let reading = scope.spawn(move || -> anyhow::Result<usize> {
                loop {
                    let batch = examples.by_ref().take(BATCH);
                    let batch = batch.collect::<Result<Vec<Example>, _>>()?;
                    if batch.is_empty() || batches.send(batch).is_err() {
                        return Ok(examples.skipped);
                    }
                }
            });
            for batch in counted {
                done += batch.len();
                unlabelled += batch.iter().filter(|row| row.label.is_none()).count();
                let batch: Vec<_> = batch.into_iter().map(|row| (row, standing)).collect();
                teller.take(&batch);
                steps.count("reading comments", done);
            }
            reading.join().expect("reading a file does not panic")
        })?;
        if skipped > 0 {
            eprintln!(
                "{}: {skipped} malformed lines passed over",
                plain::path(file)
            );
        }
        if unlabelled > 0 {
            eprintln!(
                "{}: {unlabelled} rows without a label teach nothing",
                plain::path(file)
            );
        }
    }
    Ok(())
}
