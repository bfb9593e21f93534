//! `phin models`: which models there are, which one judges, and how that changes.

mod diff;
mod merge;
mod promote;
mod shadow;

use super::door::{Door, DoorArgs};
use super::plain::{self, Plain};
use super::when;
use crate::model::card::{Card, Figures};
use crate::model::registry::{ModelRegistry, Promotion, SHIPPED};
use crate::moderation::Retrained;

#[derive(Debug, clap::Subcommand)]
#[command(after_help = "Examples:
  phin models list
  phin models show phin-1a2b3c4d5e6f
  phin models diff live models/mine
  phin models promote models/mine
  phin models promote phin-1a2b3c4d5e6f --force 'the campaign of this week'
  phin models rollback
  phin models shadow models/mine
  phin models retrain
  phin models merge one.part two.part three.part --out models/mine")]
pub(super) enum Command {
    /// All models of the data folder, and which one judges
    List {
        #[command(flatten)]
        door: DoorArgs,
    },
    /// The card of one model
    Show {
        /// Its id, `live`, `shipped` or a folder
        #[arg(default_value = "live")]
        model: String,
        #[command(flatten)]
        door: DoorArgs,
    },
    /// What one model thinks otherwise than another
    Diff(diff::Args),
    /// Let a model judge, from the next check on; refused if it is worse than the one that does
    Promote(promote::Args),
    /// Go back to the model that judged before
    Rollback {
        #[command(flatten)]
        door: DoorArgs,
    },
    /// Have a model judge every check of the running server without being heard, and tell where it differs
    Shadow(shadow::Args),
    /// Retrain from the server's own labels, and let the model judge if the gate lets it pass
    Retrain {
        #[command(flatten)]
        door: DoorArgs,
    },
    /// Add up parts that `phin train --shard` counted, and train on all of them
    Merge(merge::Args),
}

pub(super) fn run(command: Command) -> anyhow::Result<()> {
    match command {
        Command::List { door } => list(&door.shelf()),
        Command::Show { model, door } => show(&door.shelf(), &model),
        Command::Diff(args) => diff::run(args),
        Command::Promote(args) => promote::run(args),
        Command::Rollback { door } => roll_back(&door),
        Command::Shadow(args) => shadow::run(args),
        Command::Retrain { door } => retrain(&door),
        Command::Merge(args) => merge::run(args),
    }
}

fn share(figure: Option<f64>) -> String {
    figure.map_or_else(|| "-".into(), |share| format!("{:.2} %", 100.0 * share))
}

fn of(card: &Card, figure: fn(&Figures) -> Option<f64>) -> String {
    share(card.left_out.as_ref().and_then(figure))
}

fn list(shelf: &ModelRegistry) -> anyhow::Result<()> {
    let live = shelf.live()?;
    let history = shelf.history()?;
    let last = history.iter().rev().find(|p| p.id == live);
    let mark = |id: &str| match () {
        () if id == live => "live",
        () if last.is_some_and(|last| last.before == id) => "before",
        () => "",
    };
    println!(
        "{:<20} {:<7} {:>8} {:>8} {:>9}  {:>8} {:>8}  promoted",
        "model", "", "spam", "ham", "ledger", "FP", "missed"
    );
    let shipped = shelf.load(SHIPPED)?.card;
    let cards = shelf.cards();
    let all = std::iter::once((SHIPPED, &shipped)).chain(cards.iter().map(|c| (c.id.as_str(), c)));
    for (id, card) in all {
        let when = history.iter().rev().find(|p| p.id == id);
        println!(
            "{:<20} {:<7} {:>8} {:>8} {:>9}  {:>8} {:>8}  {}",
            Plain(id),
            mark(id),
            card.spam,
            card.ham,
            card.ledger_seq,
            of(card, |f| f.false_positives),
            of(card, |f| f.missed_spam),
            when.map_or_else(String::new, in_words),
        );
    }
    Ok(())
}

fn in_words(promotion: &Promotion) -> String {
    let why = match &promotion.forced {
        Some(why) => format!("forced ({why}): {}", promotion.gate),
        None => promotion.gate.clone(),
    };
    format!("{} {}", when::show(promotion.at), Plain(why))
}

/// A model as people name it: by id, `live`, `shipped`, or a folder anywhere.
fn find(shelf: &ModelRegistry, name: &str) -> anyhow::Result<crate::model::Model> {
    let id = if name == "live" {
        shelf.live()?
    } else {
        name.to_owned()
    };
    let folder = std::path::Path::new(&id);
    if !shelf.holds(&id) && folder.is_dir() {
        return Ok(crate::model::Model::load(folder)?);
    }
    Ok(shelf.load(&id)?)
}

fn show(shelf: &ModelRegistry, name: &str) -> anyhow::Result<()> {
    let card = plain::known(&find(shelf, name)?.card)?;
    print!("{}", toml::to_string(&card)?);
    Ok(())
}

fn roll_back(door: &DoorArgs) -> anyhow::Result<()> {
    let done: Promotion = Door::open(door)?.tell("/models/rollback", &())?;
    println!("{} judges again; {} does no longer", done.id, done.before);
    Ok(())
}

fn retrain(door: &DoorArgs) -> anyhow::Result<()> {
    match Door::open_judging(door)?.tell("/models/retrain", &())? {
        Retrained::Promoted(done) => {
            println!("{} judges; before, {} did", done.id, done.before);
            Ok(())
        }
        Retrained::Refused { id, live, why } => {
            anyhow::bail!("{id} does not judge in place of {live}: {why}")
        }
    }
}
