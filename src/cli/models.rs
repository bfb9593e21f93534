//! `phin models`: a subcommand in; which models there are, which one judges, and how that changes
//! out. Trains none.

mod diff;
mod left_out;
mod merge;
mod promote;
mod shadow;
mod shelf;

use super::admin_client::AdminClient;
use super::data_dir::DataDirArgs;
use super::plain::{self, Plain};
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
        data: DataDirArgs,
    },
    /// The card of one model
    Show {
        /// Its id, `live`, `shipped` or a folder
        #[arg(default_value = "live")]
        model: String,
        #[command(flatten)]
        data: DataDirArgs,
    },
    /// What one model thinks otherwise than another
    Diff(diff::Args),
    /// Let a model judge, from the next check on; refused if it is worse than the one that does
    Promote(promote::Args),
    /// Go back to the model that judged before
    Rollback {
        #[command(flatten)]
        data: DataDirArgs,
    },
    /// Have a model judge every check of the running server without being heard, and tell where it
    /// differs
    Shadow(shadow::Args),
    /// Retrain from the server's own labels, and let the model judge if the gate lets it pass
    Retrain {
        #[command(flatten)]
        data: DataDirArgs,
    },
    /// Add up parts that `phin train --shard` counted, and train on all of them
    Merge(merge::Args),
}

/// Shows models, or changes which one judges.
///
/// # Errors
/// A model cannot be read, or the gate or the server refuses.
pub(super) fn run(command: Command) -> anyhow::Result<()> {
    match command {
        Command::List { data } => list(&data.shelf()),
        Command::Show { model, data } => show(&data.shelf(), &model),
        Command::Diff(args) => diff::run(args),
        Command::Promote(args) => promote::run(args),
        Command::Rollback { data } => roll_back(&data),
        Command::Shadow(args) => shadow::run(args),
        Command::Retrain { data } => retrain(&data),
        Command::Merge(args) => merge::run(args),
    }
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
            left_out::percent(card, |f| f.false_positives),
            left_out::percent(card, |f| f.missed_spam),
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
    format!("{} {}", crate::clock::show(promotion.at), Plain(why))
}

fn show(shelf: &ModelRegistry, name: &str) -> anyhow::Result<()> {
    let card = plain::known(&shelf::find(shelf, name)?.card)?;
    print!("{}", toml::to_string(&card)?);
    Ok(())
}

fn roll_back(data: &DataDirArgs) -> anyhow::Result<()> {
    let done: Promotion = AdminClient::open(data)?.post("/models/rollback", &())?;
    println!("{} judges again, in place of {}", done.id, done.before);
    Ok(())
}

fn retrain(data: &DataDirArgs) -> anyhow::Result<()> {
    match AdminClient::open_judging(data)?.post("/models/retrain", &())? {
        Retrained::Promoted(done) => {
            println!("{} judges; before, {} did", done.id, done.before);
            Ok(())
        }
        Retrained::Refused { id, live, why } => {
            anyhow::bail!("{id} does not judge in place of {live}: {why}")
        }
    }
}
