//! `phin undo`: labels in; what changed when they were undone, as if they had never been given, or
//! with `--dry-run` what would change, out. Deletes no label.

use super::admin_client::AdminClient;
use super::data_dir::DataDirArgs;
use super::selection::SelectionArgs;
use crate::http::UndoAsked;
use crate::moderation::Undone;

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  phin undo --reporter an --since 2h --dry-run     # what would change
  phin undo --reporter an --since 2h
  phin undo --key shop --site blog.example
  phin undo --guid 0f4a7c1d2e3b4a5968778695a4b3c2d1
  phin undo --domain casino.example --dry-run      # labels of comments that link there
  phin undo --text 'cảm ơn bạn' --since 2days      # labels of comments that say so
  phin undo --label-id 4711                        # one label; of an undo it takes the undo back

All conditions given must hold. Afterwards the filter judges exactly as if the labels had never been given.")]
pub(super) struct Args {
    #[command(flatten)]
    chosen: SelectionArgs,
    /// Only show what would change
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    data: DataDirArgs,
}

/// Undoes labels, or says what that would change.
///
/// # Errors
/// No label fits, or the server refuses.
pub(super) fn run(args: Args) -> anyhow::Result<()> {
    let asked = UndoAsked {
        labels: args.chosen.asked()?,
        dry_run: args.dry_run,
    };
    let undone: Undone = AdminClient::open_judging(&args.data)?.post("/undo", &asked)?;
    print!("{}", in_words(&undone));
    if let Some(seq) = undone.seq {
        eprintln!("undone; phin undo --label-id {seq} takes this back");
    }
    Ok(())
}

/// Sites named at most; the rest is counted.
const MOST_SITES: usize = 20;

/// `1 label`, `2 labels`.
fn count(number: usize, what: &str) -> String {
    match number {
        1 => format!("1 {what}"),
        many => format!("{many} {what}s"),
    }
}

fn in_words(undone: &Undone) -> String {
    let did = if undone.seq.is_some() {
        ""
    } else {
        "would be "
    };
    let mut text = String::new();
    if undone.labels > 0 || undone.rulings == 0 {
        text += &format!("{} {did}taken back\n", count(undone.labels, "label"));
    }
    if undone.rulings > 0 {
        let events = count(undone.rulings, "earlier decision");
        text += &format!("{events} {did}taken back\n");
    }
    if undone.older > 0 {
        text += &format!(
            "{} of them the live model was trained on: what was learnt since forgets them {}, the model itself at the next training\n",
            undone.older,
            if undone.seq.is_some() { "now" } else { "then" }
        );
    }
    let sites = undone.by_site();
    if !sites.is_empty() {
        text += &format!("on {}\n", count(sites.len(), "site"));
    }
    for (site, labels) in sites.iter().take(MOST_SITES) {
        text += &format!("  {site}  {labels}\n");
    }
    if sites.len() > MOST_SITES {
        text += &format!("  and {} more\n", sites.len() - MOST_SITES);
    }
    text += &match undone.checks {
        0 => "no recent check can be judged again here (a server that runs knows its own)\n"
            .to_owned(),
        checks => format!(
            "{} of the last {checks} checks have another verdict without them\n",
            undone.flips
        ),
    };
    text
}
