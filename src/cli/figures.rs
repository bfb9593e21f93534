//! `phin figures`: flags in; out what the filter did by day, site and language, and which of it
//! people contradicted. Changes nothing.

use std::io::Write;

use super::admin_client::{AdminClient, path_with};
use super::data_dir::DataDirArgs;
use super::period_args::PeriodArgs;
use crate::http::Figures;
use crate::moderation::{Audited, Drift, DriftLine, EstimateLine, Figure, Grade, Interval};

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  phin figures
  phin figures --site blog.example --days 7
  phin figures --json | jq .figures[].missed_spam

Labels count on the day of the check they answer, and only the last label of each comment; labels that were undone do not count. False positives are labels
that call ham what the filter called spam; missed spam is the opposite. Both are mistakes that somebody reported. Mistakes that nobody reported are estimated
below, with a 95 % interval, from the audited checks that people answered (phin queue). Unsure checks are in no rate: they were left to people. Sites that
answer no audit are left out of the estimate, and counted. Last comes drift: do the checks of the last day and week look like those of the four weeks before?")]
pub(super) struct Args {
    #[command(flatten)]
    period: PeriodArgs,
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
    writeln!(
        output,
        "\nestimated from audits, with a 95 % interval (phin queue shows what still waits for an answer):"
    )?;
    for line in &figures.estimates {
        show(&mut output, line)?;
    }
    show_drift(&mut output, &figures.drift.unwrap_or_default())?;
    Ok(output.flush()?)
}

fn show_drift(output: &mut impl Write, lines: &[DriftLine]) -> std::io::Result<()> {
    writeln!(
        output,
        "\ndrift of whole days, by what the live model by itself finds: from its own checks of the 28 days before, and from the left-out comments on its card
(stability indices of scores and of unknown features, in the last line of languages: from .10 they lie apart; an alarm from .25, against the card farther out, as far as single corpora lie apart)"
    )?;
    writeln!(
        output,
        "{:<3}  {:<6}  {:>4} {:>9} {:>8}   {:>9} {:>6} {:>7}  {:<16}   {:>6} {:>7} {:>12}  card",
        "",
        "",
        "days",
        "checks",
        "unknown",
        "before",
        "scores",
        "unknown",
        "before",
        "scores",
        "unknown",
        "alarm from"
    )?;
    if lines
        .iter()
        .all(|line| line.drift.verdict.is_none() || line.drift.comments == 0)
    {
        writeln!(
            output,
            "no check of this model in the last seven whole days"
        )?;
    }
    for DriftLine { lang, days, drift } in lines {
        let Drift {
            verdict,
            comments,
            unknown,
            past,
            card,
        } = drift;
        let verdict = verdict.map_or("all", |verdict| verdict.as_str());
        let share = unknown.map_or("-".to_owned(), |share| format!("{:.1} %", 100.0 * share));
        let limits = format!(
            "{} {}",
            index(card.alarm_from.scores),
            index(card.alarm_from.unknown)
        );
        writeln!(
            output,
            "{lang:<3}  {verdict:<6}  {days:>4} {comments:>9} {share:>8}   {:>9} {:>6} {:>7}  {:<16}   {:>6} {:>7} {limits:>12}  {}",
            past.comments,
            index(past.score_index),
            index(past.unknown_index),
            in_a_word(past.grade),
            index(card.score_index),
            index(card.unknown_index),
            in_a_word(card.grade),
        )?;
    }
    Ok(())
}

fn index(index: Option<f64>) -> String {
    index.map_or("-".to_owned(), |index| format!("{index:.2}"))
}

fn in_a_word(grade: Grade) -> &'static str {
    match grade {
        Grade::CardSilent => "does not say",
        Grade::TooFew => "too few to tell",
        Grade::Steady => "steady",
        Grade::Moved => "apart",
        Grade::Alarm => "ALARM",
    }
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
    rate.map_or_else(
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
