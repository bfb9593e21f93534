//! `phin models merge`: parts in, the model of all of them out, as if one machine had counted
//! everything. Reads no comment.

use std::path::PathBuf;

use crate::cli::progress::Steps;
use crate::cli::training;
use crate::learn::train::shard_file;

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  phin train --shard 1/2 --out one.part labelled.jsonl
  phin train --shard 2/2 --out two.part labelled.jsonl
  phin models merge one.part two.part --out models/mine     # the same bytes as phin train --out models/mine labelled.jsonl

  phin train --shard 1/1 --out a.part a.jsonl               # where a.jsonl lies
  phin train --shard 1/1 --out b.part b.jsonl               # where b.jsonl lies
  phin models merge a.part b.part --out models/mine         # as from a.jsonl b.jsonl, but copies in both count twice")]
pub(crate) struct Args {
    /// Parts: all shards of one input, or the whole of several
    #[arg(required = true, value_name = "PART")]
    parts: Vec<PathBuf>,
    /// Folder of the new model
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

/// Trains on all parts together.
///
/// # Errors
/// A part cannot be read, two do not fit together, or the folder cannot be written.
pub(super) fn run(args: Args) -> anyhow::Result<()> {
    let steps = Steps::default();
    let _lock = training::lock(&args.out)?;
    let (tally, recipe) = shard_file::merge(&args.parts)?;
    training::finish(&tally, &recipe, &args.out, &steps)
}
