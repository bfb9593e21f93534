//! `phin models`: what is done with models and parts of them.

mod merge;
mod shadow;

#[derive(Debug, clap::Subcommand)]
#[command(after_help = "Examples:
  phin models shadow models/mine
  phin models merge one.part two.part three.part --out models/mine")]
pub(super) enum Command {
    /// Have a model judge every check of the running server without being heard, and tell where it differs
    Shadow(shadow::Args),
    /// Add up parts that `phin train --shard` counted, and train on all of them
    Merge(merge::Args),
}

pub(super) fn run(command: Command) -> anyhow::Result<()> {
    match command {
        Command::Shadow(args) => shadow::run(args),
        Command::Merge(args) => merge::run(args),
    }
}
