//! `phin figures`: flags in; out what the filter did by day, site and language, and which of it
//! people contradicted. Changes nothing.

use std::io::Write;

use super::admin_client::{AdminClient, path_with};
use super::data_dir::DataDirArgs;
use super::drift;
use super::period_args::PeriodArgs;
use crate::http::Figures;
use crate::moderation::{Audited, EstimateLine, Figure, Interval};

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  phin figures
  phin figures --site blog.example --days 7
  phin figures --json | jq .figures[].missed_spam
  phin figures --drift                             # do comments still look as before? all numbers

Labels count on the day of the check they answer, and only the last label of each comment; labels that were undone do not count. False positives are labels
that call ham what the filter called spam; missed spam is the opposite. Both are mistakes that somebody reported. Mistakes that nobody reported are estimated
below, with a 95 % interval, from the audited checks that people answered (phin queue). Unsure checks are in no rate: they were left to people. Sites that
answer no audit are left out of the estimate, and counted. Last come warnings, if there are any: comments of the last day or week that are not like those of
the four weeks before, so that the filter may be less sure of them than it says.")]
pub(super) struct Args {
    #[command(flatten)]
    period: PeriodArgs,
    /// Show all that was measured of drift, as a table
    #[arg(long)]
    drift: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    data: DataDirArgs,
}

/// Prints the figures.
///
/// # Errors
/// There is no store, it cannot be opened, or the server refuses.
pub(super) fn run(args: Args) -> anyhow::Result<()> {
    let path = path_with("/figures", &args.period.fields());
    let client = AdminClient::open_judging(&args.data)?;
    let figures: Figures = match args.json {
        true => client.get_as_is(&path)?,
        false => client.get(&path)?,
    };
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
    if figures.figures.is_empty() {
        writeln!(output, "no check in these days")?;
    }
    let is_drawn =
        |line: &&EstimateLine| line.estimate.of_spam.samples + line.estimate.of_ham.samples > 0;
    let drawn: Vec<&EstimateLine> = figures.estimates.iter().filter(is_drawn).collect();
    match drawn.is_empty() {
        true => writeln!(
            output,
            "\nno check was drawn for an audit in these days, so the mistakes that nobody reports are not known"
        )?,
        false => writeln!(
            output,
            "\nestimated from audits, with a 95 % interval (phin queue shows what still waits for an answer):"
        )?,
    }
    for line in drawn {
        show(&mut output, line)?;
    }
    let lines = figures.drift.unwrap_or_default();
    if args.drift && lines.is_empty() {
        eprintln!("no drift was measured yet: it takes checks of whole days");
    }
    match args.drift {
        true => drift::table(&mut output, &lines)?,
        false => drift::in_words(&mut output, &lines)?,
    }
    Ok(output.flush()?)
}

fn show(output: &mut impl Write, line: &EstimateLine) -> std::io::Result<()> {
    let (lang, estimate) = (line.lang.as_deref().unwrap_or("all"), &line.estimate);
    writeln!(
        output,
        "{lang:<3}  false positives  {} of ham         {}",
        in_percent(estimate.false_positives),
        audited("spam", &estimate.of_spam)
    )?;
    writeln!(
        output,
        "{lang:<3}  missed spam      {} of spam        {}",
        in_percent(estimate.missed_spam),
        audited("ham", &estimate.of_ham)
    )
}

fn in_percent(rate: Option<Interval>) -> String {
    // From nothing to everything: no audit was answered.
    let told = rate.filter(|rate| rate.high - rate.low < 0.999);
    told.map_or_else(
        || format!("{:<26}", "not known"),
        |Interval { value, low, high }| {
            let [value, low, high] = [value, low, high].map(|share| 100.0 * share);
            format!("{value:6.2} % ({low:5.2} to {high:6.2})")
        },
    )
}

/// What the estimate stands on.
fn audited(side: &str, audited: &Audited) -> String {
    let Audited {
        checks,
        samples,
        answered,
        reported,
        wrong,
        left_out,
    } = audited;
    let found = wrong.map_or_else(String::new, |wrong| {
        let [value, low, high] =
            [wrong.value, wrong.low, wrong.high].map(|share| share * (checks - left_out) as f64);
        format!(", so about {value:.0} ({low:.0} to {high:.0}) are wrong")
    });
    let unheard = match left_out {
        0 => String::new(),
        unheard => format!("; {unheard} more on sites that answer nothing"),
    };
    format!(
        "{} {side} verdicts, {samples} drawn, {answered} answered, {reported} reported{found}{unheard}",
        checks - left_out
    )
}
