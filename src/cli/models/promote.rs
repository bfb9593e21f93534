//! `phin models promote`: the gate is asked, then the model judges.

use crate::cli::door::{Door, DoorArgs};
use crate::model::promotion::Promotion;
use crate::moderation::Candidate;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// Id of a model in the data folder, `shipped`, or a folder, which is copied there first
    model: String,
    /// Let it judge though the gate says no, for this reason: it is written on its card
    #[arg(long, value_name = "REASON")]
    force: Option<String>,
    #[command(flatten)]
    door: DoorArgs,
}

pub(super) fn run(args: Args) -> anyhow::Result<()> {
    let shelf = args.door.shelf();
    let door = Door::open(&args.door)?;
    let folder = std::path::Path::new(&args.model);
    let id = if shelf.holds(&args.model) || !folder.is_dir() {
        args.model.clone()
    } else {
        shelf.put(folder)?.id
    };
    let candidate = Candidate {
        id,
        gate: "not asked".to_owned(),
        forced: args.force,
    };
    let done: Promotion = door.tell("/models/promote", &candidate)?;
    println!(
        "{} judges; before, {} did (phin models rollback goes back)",
        done.id, done.before
    );
    Ok(())
}
