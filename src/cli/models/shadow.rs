//! `phin models shadow`: a model in; a report of the verdicts in which it differs from the live one
//! out. Such a model answers no check.

use super::shelf::id_of;
use crate::cli::admin_client::AdminClient;
use crate::cli::data_dir::DataDirArgs;
use crate::cli::plain;
use crate::http::ShadowAsked;
use crate::moderation::{Part, ShadowReport};

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  phin models shadow models/mine     # from now on it judges every check too, and is not heard
  phin models shadow                 # where the two differ so far
  phin models shadow --json | jq '.last[].guid'
  phin models shadow off             # ends it, and prints the last report

The server must run, for only its checks are compared. The model learns every label as if it were live; campaigns, lists and settings
of sites are the server's. It takes as much memory as the live model and its labels, and about as much time again for each check, beside the
checks: what does not fit in is counted as dropped. It ends with the server; the figures begin anew when another model goes live.")]
pub(crate) struct Args {
    /// Id of a model in the data folder, `shipped`, or a folder, which is copied there first; `off`
    /// to end; nothing for the report
    #[arg(value_name = "MODEL|off")]
    model: Option<String>,
    /// Checks with two verdicts that are shown, the newest first; the server keeps the last 100
    #[arg(long, value_name = "N", default_value_t = 10)]
    last: usize,
    /// Print the whole report as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    data: DataDirArgs,
}

/// Begins, reports on or ends the comparison of live checks.
///
/// # Errors
/// No server runs, or it refuses.
pub(super) fn run(args: Args) -> anyhow::Result<()> {
    let client = AdminClient::open_running(&args.data)?;
    let report: ShadowReport = match args.model.as_deref() {
        None => client.get_as_is("/models/shadow")?,
        Some("off") => client.post_as_is("/models/shadow/off", &())?,
        Some(name) => {
            let id = id_of(&args.data.shelf(), name)?;
            let begun: ShadowReport = client.post("/models/shadow", &ShadowAsked { id })?;
            eprintln!(
                "{} judges beside {} from now on, and is not heard; phin models shadow tells where they differ",
                begun.candidate, begun.live
            );
            return Ok(());
        }
    };
    if args.json {
        println!("{}", serde_json::to_string_pretty(&report)?);
    } else {
        print!("{}", in_words(&plain::known(&report)?, args.last));
    }
    Ok(())
}

/// Sites named at most; the rest is counted.
const MOST_SITES: usize = 20;

fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 {
        0.0
    } else {
        100.0 * part as f64 / whole as f64
    }
}

fn in_words(report: &ShadowReport, last: usize) -> String {
    let ShadowReport {
        candidate,
        live,
        checks,
        differ,
        dropped,
        ..
    } = report;
    let mut text = format!(
        "{candidate} beside {live} since {}\n{checks} checks compared, {differ} have another verdict ({:.2} %), {dropped} not compared\n",
        crate::clock::show(report.since),
        share(*differ, *checks),
    );
    if report.went_live {
        text += "it went live itself, which ended the comparison\n";
    }
    if *checks == 0 {
        return text;
    }
    text += &format!(
        "its P(spam) is {:+.4} on average, and {:.4} away\n\nanswered  candidate    checks\n",
        report.mean_difference, report.mean_distance
    );
    for pair in &report.pairs {
        text += &format!(
            "{:<9} {:<9} {:>9}\n",
            pair.live.as_str(),
            pair.candidate.as_str(),
            pair.checks
        );
    }
    text += "\nlanguage     checks    differ\n";
    for part in &report.languages {
        text += &line(part);
    }
    text += "\nsite         checks    differ\n";
    for part in report.sites.iter().take(MOST_SITES) {
        text += &line(part);
    }
    if report.sites.len() > MOST_SITES {
        text += &format!("and {} more\n", report.sites.len() - MOST_SITES);
    }
    if !report.last.is_empty() && last > 0 {
        text += "\nthe last that differ\n";
    }
    for difference in report.last.iter().take(last) {
        text += &format!(
            "{}  {}  {} {:.4} -> {} {:.4}  {}  {}\n",
            difference.guid,
            crate::clock::show(difference.at),
            difference.live,
            difference.live_probability,
            difference.candidate,
            difference.candidate_probability,
            difference.lang,
            difference.site,
        );
    }
    text
}

fn line(part: &Part) -> String {
    let differ = format!("{} ({:.2} %)", part.differ, share(part.differ, part.checks));
    format!("{:<10} {:>8}    {differ}\n", part.name, part.checks)
}
