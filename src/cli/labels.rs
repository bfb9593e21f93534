//! `phin labels`: flags in; who said what, when, and where it counts now, out; decisions of the
//! operator among them. Changes nothing.

use std::io::Write;

use super::admin_client::AdminClient;
use super::data_dir::DataDirArgs;
use super::selection::SelectionArgs;
use crate::moderation::{LabelLine, Where};

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  phin labels --since 2h
  phin labels --quarantined
  phin labels --key shop --json | jq .site

Where a label counts: everywhere; own-site (no other key confirms it, and its key or reporter has no credit); quarantined (on its own site, because many others
say the opposite of near copies); superseded (by a later label of the same comment); undone; unreadable (until the next retrain).")]
pub(super) struct Args {
    #[command(flatten)]
    chosen: SelectionArgs,
    /// Only those that many others contradict
    #[arg(long)]
    quarantined: bool,
    /// Print JSON Lines
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    data: DataDirArgs,
}

/// Prints the labels that are wanted.
///
/// # Errors
/// There is no store, it cannot be opened, or the server refuses.
pub(super) fn run(args: Args) -> anyhow::Result<()> {
    let chosen = args.chosen.selection()?;
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
        match (&line.ruling, line.label) {
            (Some(ruling), _) => writeln!(output, "{ruling}")?,
            (None, label) => writeln!(
                output,
                "{:<5} {}  key {}  by {}",
                label.map_or("", |l| l.as_str()),
                line.site.as_ref().map_or("", |s| s.as_str()),
                line.key_name.as_deref().unwrap_or(""),
                line.reporter.as_deref().unwrap_or("-"),
            )?,
        }
    }
    output.flush()?;
    Ok(())
}
