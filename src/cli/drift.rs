//! What was measured of drift in; sentences, or the whole table, out. Silent where nothing has
//! changed.

use std::io::Write;

use crate::moderation::{Against, Drift, DriftLine, Grade};

/// Warnings in sentences: only of comments that are not like those before, or not like those that
/// the model was measured on.
///
/// # Errors
/// They cannot be written.
pub(super) fn in_words(output: &mut impl Write, lines: &[DriftLine]) -> std::io::Result<()> {
    let warnings: Vec<String> = lines.iter().flat_map(warnings).collect();
    if warnings.is_empty() {
        return Ok(());
    }
    writeln!(output)?;
    for warning in warnings {
        writeln!(output, "{warning}")?;
    }
    writeln!(
        output,
        "The filter may judge such comments worse than it says. Look at some (phin queue), label them, then train on the labels (phin models retrain). All numbers: phin figures --drift"
    )
}

fn warnings(line: &DriftLine) -> Vec<String> {
    let Drift { past, card, .. } = &line.drift;
    let references = [(past, "before"), (card, "when the model was made")];
    references
        .into_iter()
        .filter_map(|(against, then)| warning(line, against, then))
        .collect()
}

/// A sentence on one comparison, if the two sides lie apart.
fn warning(line: &DriftLine, against: &Against, then: &str) -> Option<String> {
    let begins = match against.grade {
        Grade::Alarm => "Alarm: comments",
        Grade::Moved => "Comments",
        Grade::CardSilent | Grade::TooFew | Grade::Steady => return None,
    };
    let days = match line.days {
        1 => "the last whole day".to_owned(),
        days => format!("the last {days} whole days"),
    };
    if line.lang == "all" {
        return Some(format!(
            "{begins} of {days} come in other languages than {then}."
        ));
    }
    let verdict = line.drift.verdict.map_or(String::new(), |verdict| {
        format!(" that the model by itself calls {verdict}")
    });
    let moved = |index: Option<f64>| index.is_some_and(|index| index >= APART);
    let how = match (moved(against.score_index), moved(against.unknown_index)) {
        (true, true) => "score otherwise and have more or fewer unknown words",
        (false, true) => "have more or fewer unknown words",
        _ => "score otherwise",
    };
    Some(format!(
        "{begins} of {days} in {}{verdict} {how} than {then}.",
        language(&line.lang)
    ))
}

/// A stability index from which the two sides lie apart.
const APART: f64 = 0.10;

fn language(code: &str) -> &str {
    match code {
        "vi" => "Vietnamese",
        "en" => "English",
        "und" => "no language that is sure",
        "other" => "other languages",
        code => code,
    }
}

/// All that was measured, for those who know what a stability index is.
///
/// # Errors
/// It cannot be written.
pub(super) fn table(output: &mut impl Write, lines: &[DriftLine]) -> std::io::Result<()> {
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
