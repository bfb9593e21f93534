//! `phin salvage`: a broken data folder in, a new one of all that can be read out. Never changes
//! the broken one.

use std::path::PathBuf;

use super::data_dir::{DataDirArgs, make_files_private};
use super::plain::{self, Plain};
use crate::store::{Salvaged, salvage};

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  phin salvage --data-dir data --into data.salvaged
  phin serve --data-dir data.salvaged

The broken folder stays as it is. Labels, rulings, keys and settings of sites have a second copy, the journal: if that is whole, none of them is
missing. Checks, counts, lists and evidence lists have none: of these the new folder has what the store still gives. Ends with 1 where something may
be missing.")]
pub(super) struct Args {
    #[command(flatten)]
    broken: DataDirArgs,
    /// The new one, which is not there yet
    #[arg(long, value_name = "DIR")]
    into: PathBuf,
}

/// Makes the new folder and says what is in it.
///
/// # Errors
/// The new folder cannot be made, or the journal is damaged, so that something may be missing.
pub(super) fn run(args: Args) -> anyhow::Result<()> {
    make_files_private();
    let found = salvage(&args.broken.data_dir, &args.into)?;
    tell(&found);
    println!(
        "The new data folder is {0}. Look at it with: phin labels --data-dir {0}",
        plain::path(&args.into)
    );
    if !found.journal_is_whole {
        anyhow::bail!(
            "the journal is damaged or missing, so labels, rulings, keys or settings may be missing"
        );
    }
    Ok(())
}

fn tell(found: &Salvaged) {
    for trouble in &found.troubles {
        eprintln!("The store: {}", Plain(trouble));
    }
    if found.damaged > 0 {
        eprintln!(
            "{} rows of the store were damaged and are left out",
            found.damaged
        );
    }
    println!(
        "{:<16} {:>16} {:>22}",
        "", "from the store", "from the journal alone"
    );
    let names = found.rows.keys().chain(found.from_journal.keys());
    let names: std::collections::BTreeSet<&String> = names.collect();
    for name in names {
        let rows = found.rows.get(name).copied().unwrap_or(0);
        let more = found.from_journal.get(name).copied().unwrap_or(0);
        if rows + more > 0 {
            println!("{:<16} {rows:>16} {more:>22}", Plain(name));
        }
    }
}
