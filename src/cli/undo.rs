//! `phin undo`: labels taken back as if they had never been said; with `--dry-run`, what that would change.

use anyhow::Context;

use super::door::{Door, DoorArgs};
use super::{serve, when};
use crate::comment::SiteId;
use crate::http::UndoAsked;
use crate::moderation::{Selection, Undone};

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  phin undo --reporter an --since 2h --dry-run     # what would change
  phin undo --reporter an --since 2h
  phin undo --key shop --site blog.example
  phin undo --label-id 4711                        # one label, or an earlier undo: that takes the undo back

All conditions given must hold. Afterwards the filter is to the last bit what it would be had the labels never been said.")]
pub(super) struct Args {
    #[command(flatten)]
    chosen: ChosenArgs,
    /// Only tell what would change
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    door: DoorArgs,
}

/// Which labels.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct ChosenArgs {
    /// Said by this reporter
    #[arg(long, value_name = "NAME")]
    reporter: Option<String>,
    /// Said with the keys of this name
    #[arg(long, value_name = "NAME")]
    key: Option<String>,
    /// On this site
    #[arg(long, value_name = "SITE")]
    site: Option<String>,
    /// Said at or after this time (UTC), or so long ago: 2026-11-25, 2026-11-25T10:30, 2h, 3days
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// Said before this time
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
    /// The label at this place of the ledger (see phin labels); can be given more than once
    #[arg(long = "label-id", value_name = "SEQ")]
    label_ids: Vec<u64>,
}

impl ChosenArgs {
    pub(super) fn selection(self) -> anyhow::Result<Selection> {
        let now = serve::now();
        let moment = |name: &str, text: Option<String>| {
            text.map(|text| when::parse(&text, now).map_err(anyhow::Error::msg))
                .transpose()
                .with_context(|| format!("--{name}"))
        };
        Ok(Selection {
            reporter: self.reporter,
            key_name: self.key,
            site: self.site.map(|s| SiteId::parse(&s)).transpose()?,
            since: moment("since", self.since)?,
            until: moment("until", self.until)?,
            seqs: self.label_ids,
        })
    }
}

pub(super) fn run(args: Args) -> anyhow::Result<()> {
    let asked = UndoAsked {
        chosen: args.chosen.selection()?,
        dry_run: args.dry_run,
    };
    let undone: Undone = Door::open_judging(&args.door)?.tell("/undo", &asked)?;
    print!("{}", in_words(&undone));
    if let Some(seq) = undone.seq {
        eprintln!("undone; phin undo --label-id {seq} takes this back");
    }
    Ok(())
}

/// Sites named at most; the rest is counted.
const MOST_SITES: usize = 20;

fn in_words(undone: &Undone) -> String {
    let did = if undone.seq.is_some() {
        ""
    } else {
        "would be "
    };
    let mut text = format!("{} labels {did}taken back\n", undone.labels);
    if undone.rulings > 0 {
        text += &format!("{} earlier rulings {did}taken back\n", undone.rulings);
    }
    if undone.older > 0 {
        text += &format!(
            "{} of them the live model was trained on: its layers forget them {}, the model itself at the next training\n",
            undone.older,
            if undone.seq.is_some() { "now" } else { "then" }
        );
    }
    let sites = undone.by_site();
    text += &format!("{} sites\n", sites.len());
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
