//! `phin models promote`: a candidate in; the gate is asked, then the model judges. Never past a
//! gate that refuses without a reason given.

use std::path::PathBuf;

use anyhow::bail;

use super::shelf::id_of;
use crate::cli::admin_client::AdminClient;
use crate::cli::comparison;
use crate::cli::data_dir::DataDirArgs;
use crate::cli::plain;
use crate::model::registry::Promotion;
use crate::moderation::Candidate;

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  phin models promote models/mine
  phin models promote models/mine --corpora ~/corpora          # judged on the public corpora's held-out comments too
  phin models promote phin-1a2b3c4d5e6f --force 'back from holidays'

Both models judge the same comments: held-out ones, and the newest labels that neither was trained on. What is worse
beyond the margin is refused and said; phin evaluate --against live tells all of it without promoting anything.")]
pub(crate) struct Args {
    /// Id of a model in the data folder, `shipped`, or a folder, which is copied there first
    model: String,
    /// Let it judge though the gate says no, for this reason: it is written on its card
    #[arg(long, value_name = "REASON")]
    force: Option<String>,
    /// Folder of the public corpora, whose held-out comments judge too
    #[arg(long, value_name = "DIR", env = "PHIN_CORPORA")]
    corpora: Option<PathBuf>,
    /// Folder of our own training comments, whose held-out fifth judges
    #[arg(long, value_name = "DIR", default_value = "training-data")]
    training_data: PathBuf,
    #[command(flatten)]
    data: DataDirArgs,
}

/// Asks the gate, then lets the model judge.
///
/// # Errors
/// The model cannot be read, or the gate refuses it and no --force was given.
pub(super) fn run(args: Args) -> anyhow::Result<()> {
    let shelf = args.data.shelf();
    let id = id_of(&shelf, &args.model)?;
    if id == shelf.live()? {
        bail!("{id} is live already");
    }
    let candidate = shelf.load(&id)?;
    let corpora = args.corpora.as_deref();
    let (comparison, decided) =
        comparison::ask(&args.data, &candidate, &args.training_data, corpora)?;
    drop(candidate);
    print!("{}", plain::known(&comparison)?);
    let gate = match (&decided, &args.force) {
        (Ok(()), _) => "passed".to_owned(),
        (Err(refusal), Some(_)) => format!("refused: {refusal}"),
        (Err(refusal), None) => {
            let advice = comparison::advice(refusal).unwrap_or_default();
            bail!(
                "{refusal}\n{id} does not judge; --force REASON lets it, and is written on its card\n{advice}"
            )
        }
    };
    let candidate = Candidate {
        id,
        gate,
        forced: args.force.filter(|_| decided.is_err()),
    };
    let done: Promotion = AdminClient::open(&args.data)?.post("/models/promote", &candidate)?;
    println!(
        "{} judges; before, {} did (phin models rollback goes back)",
        done.id, done.before
    );
    Ok(())
}
