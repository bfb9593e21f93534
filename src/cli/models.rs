//! `phin models`: what is done with models and parts of them.

mod merge;

#[derive(Debug, clap::Subcommand)]
#[command(after_help = "Examples:
  phin models merge one.part two.part three.part --out models/mine")]
pub(super) enum Command {
    /// Add up parts that `phin train --shard` counted, and train on all of them
    Merge(merge::Args),
}

pub(super) fn run(command: Command) -> anyhow::Result<()> {
    match command {
        Command::Merge(args) => merge::run(args),
    }
}
