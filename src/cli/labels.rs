//! `phin labels`: flags in; labels out, with who gave them, when, and where they count now, and the
//! operator events among them. Changes nothing.

use std::io::Write;

use super::admin_client::AdminClient;
use super::data_dir::DataDirArgs;
use super::plain::in_one_line;
use super::selection::SelectionArgs;
use crate::moderation::{LabelLine, Where};

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  phin labels --since 2h
  phin labels --quarantined
  phin labels --domain casino.example
  phin labels --key shop --json | jq .site

The text of a comment is shown while it is kept (retention_days), under its label.

Where a label counts:
  everywhere   on all sites
  own-site     on its own site only: its key or reporter is not trusted yet, and no other key confirms it
  quarantined  on its own site only: many other labels contradict it on near copies of the comment
  superseded   nowhere: there is a later label of the same comment, or the last one only agrees with the filter, so that nothing is to be learnt
  undone       nowhere: it was taken back
  unreadable   nowhere until the next retrain: another version of phin wrote it")]
pub(super) struct Args {
    #[command(flatten)]
    chosen: SelectionArgs,
    /// Only those that many other labels contradict
    #[arg(long)]
    quarantined: bool,
    /// Print JSON Lines
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    data: DataDirArgs,
}

/// Characters of a text that are shown; JSON has all of it.
const SHOWN: usize = 120;

fn beginning(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}

/// Prints the labels that are wanted.
///
/// # Errors
/// There is no store, it cannot be opened, or the server refuses.
pub(super) fn run(args: Args) -> anyhow::Result<()> {
    let chosen = args.chosen.asked()?;
    let client = AdminClient::open(&args.data)?;
    let lines: Vec<LabelLine> = match args.json {
        true => client.post_as_is("/labels", &chosen)?,
        false => client.post("/labels", &chosen)?,
    };
    let mut output = std::io::BufWriter::new(std::io::stdout().lock());
    let wanted = |line: &&LabelLine| !args.quarantined || line.counts == Where::Quarantined;
    for line in lines.iter().filter(wanted) {
        if args.json {
            writeln!(output, "{}", serde_json::to_string(line)?)?;
            continue;
        }
        let counts = serde_json::to_value(line.counts)?;
        let counts = counts.as_str().unwrap_or("");
        write!(
            output,
            "{:>8}  {}  {counts:<12}",
            line.seq,
            crate::clock::show(line.at)
        )?;
        if let Some(event) = &line.ruling {
            writeln!(output, "{event}")?;
            continue;
        }
        writeln!(
            output,
            "{:<5} {}  key {}  by {}",
            line.label.map_or("", |l| l.as_str()),
            line.site.as_ref().map_or("", |s| s.as_str()),
            line.key_name.as_deref().unwrap_or(""),
            line.reporter.as_deref().unwrap_or("-"),
        )?;
        if let Some(text) = &line.text {
            writeln!(output, "{:>10}{}", "", beginning(&in_one_line(text)))?;
        }
    }
    output.flush()?;
    if !lines.iter().any(|line| wanted(&line)) {
        eprintln!("no label fits");
    }
    Ok(())
}
