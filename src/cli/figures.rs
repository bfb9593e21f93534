//! `phin figures`: what the filter did by day, site and language, and which of it people contradicted.

use std::io::Write;

use super::door::{Door, DoorArgs, path_with};
use crate::http::Figures;
use crate::moderation::Figure;

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  phin figures
  phin figures --site blog.example --days 7
  phin figures --json | jq .figures[].missed_spam

Labels count on the day of the check they answer, and only the last of each comment; what was undone counts nowhere. False positives are labels that call ham
what the machine called spam, missed spam the other way round: mistakes that somebody reported. What nobody reported is in neither.")]
pub(super) struct Args {
    /// Only this site
    #[arg(long)]
    site: Option<String>,
    /// So many days up to now, today among them
    #[arg(long, default_value_t = 30)]
    days: u32,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    door: DoorArgs,
}

pub(super) fn run(args: Args) -> anyhow::Result<()> {
    let days = args.days.to_string();
    let path = path_with(
        "/figures",
        &[("site", args.site.as_deref()), ("days", Some(&days))],
    );
    let figures: Figures = Door::open(&args.door)?.ask(&path)?;
    let mut output = std::io::BufWriter::new(std::io::stdout().lock());
    if args.json {
        writeln!(output, "{}", serde_json::to_string(&figures)?)?;
        return Ok(output.flush()?);
    }
    writeln!(
        output,
        "{:<10}  {:<3} {:>9} {:>9} {:>9} {:>9} {:>8} {:>9} {:>11}  site",
        "day", "", "false pos", "missed", "ham", "unsure", "spam", "discard", "labels"
    )?;
    let mut row = |day: &str, lang: &str, site: &str, figure: &Figure| {
        let verdicts = &figure.verdicts;
        writeln!(
            output,
            "{day:<10}  {lang:<3} {:>9} {:>9} {:>9} {:>9} {:>8} {:>9} {:>11}  {site}",
            figure.false_positives,
            figure.missed_spam,
            verdicts.ham,
            verdicts.unsure,
            verdicts.spam,
            verdicts.discard,
            figure.labels,
        )
    };
    let mut sum = Figure::default();
    for line in &figures.figures {
        sum += line.figure;
        row(
            &line.day.to_string(),
            &line.lang,
            line.site.as_str(),
            &line.figure,
        )?;
    }
    row("all", "", "", &sum)?;
    Ok(output.flush()?)
}
