//! `phin export` and `phin import`: everything known, as JSON Lines, out of one store and into another.

use std::io::{Read, Write};
use std::path::PathBuf;

use anyhow::Context;

use super::door::{Door, DoorArgs};
use super::progress::Counter;
use crate::moderation::Imported;

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  phin export > everything.jsonl
  phin export --data-dir /var/lib/phin | gzip > backup.jsonl.gz

The export holds comments, addresses and the keys themselves: keep it as safe as the data folder.")]
pub(super) struct ExportArgs {
    #[command(flatten)]
    door: DoorArgs,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  phin import everything.jsonl
  zcat backup.jsonl.gz | phin import --data-dir /var/lib/phin

Importing the same file again adds nothing.")]
pub(super) struct ImportArgs {
    /// What an export wrote; standard input if missing or `-`
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
    #[command(flatten)]
    door: DoorArgs,
}

pub(super) fn export(args: ExportArgs) -> anyhow::Result<()> {
    let door = Door::open(&args.door)?;
    let mut output = std::io::stdout().lock();
    let counter = Counter::new("lines exported");
    door.stream("/export", |piece| {
        counter.add(piece.iter().filter(|&&b| b == b'\n').count());
        Ok(output.write_all(piece)?)
    })?;
    output.flush()?;
    counter.finish();
    Ok(())
}

pub(super) fn import(args: ImportArgs) -> anyhow::Result<()> {
    let mut bytes = Vec::new();
    match args
        .file
        .as_deref()
        .filter(|file| *file != std::path::Path::new("-"))
    {
        Some(file) => {
            bytes =
                std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?
        }
        None => {
            std::io::stdin().read_to_end(&mut bytes)?;
        }
    }
    let Imported {
        keys,
        checks,
        labels,
        rulings,
        unreadable,
        usage,
        known,
    } = Door::open_or_make(&args.door)?.send("/import", bytes)?;
    eprintln!(
        "imported {keys} keys, {checks} checks, {labels} labels, {rulings} rulings and {usage} counts of usage; {known} lines were known already"
    );
    if unreadable > 0 {
        eprintln!(
            "{unreadable} labels of the file were read by another version of phin: they are kept, and count at the next retrain"
        );
    }
    Ok(())
}
