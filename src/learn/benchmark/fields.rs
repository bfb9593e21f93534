//! Honest comments with filled fields in, how far the score moves out, when one field is set to
//! each value that may be drawn for it. The browser, a mailbox at a small provider or a hyphen in
//! the home page must say nothing about a comment. It changes one field at a time, never two.

use crate::learn::benchmark::error::TaskError;
use crate::learn::benchmark::figures::{self, is_spam};
use crate::learn::benchmark::outcome::Outcome;
use crate::learn::benchmark::parallel::on_all_cores;
use crate::learn::benchmark::setting::Setting;
use crate::learn::benchmark::shipped::held_out;
use crate::learn::evaluate::score::score_alone;
use crate::learn::metrics::measures::{Rate, ScoredExample};
use crate::learn::train::catalogue::{HeldOut, TrainingExamples};
use crate::learn::train::corpus::Example;
use crate::learn::train::dress::{self, Value, Wardrobe};
use crate::verdict::Label;

const TASK: &str = "fields";
/// Honest rows of each language.
const ROWS: usize = 1_000;

/// What a value does to honest comments.
struct Shift {
    value: Value,
    /// Mean change of the log-odds against the same rows as they are dressed.
    mean: f64,
    /// Half the width of its 95 % interval.
    spread: f64,
    false_positives: Rate,
}

/// Sets one field at a time, and measures how far the scores move.
pub(super) fn fields(setting: &Setting<'_>) -> Result<Vec<Outcome>, TaskError> {
    let rows: Vec<Example> = honest(setting)?
        .iter()
        .map(|row| dress::dress(row, Wardrobe::Judging, 0))
        .collect();
    let judge = |row: &Example| score_alone(&setting.model, row);
    let as_dressed: Vec<ScoredExample> = on_all_cores(&rows, judge).into_iter().flatten().collect();
    let before = Rate::count(&as_dressed, is_spam);
    let mut shifts = Vec::new();
    for (at, value) in dress::values().into_iter().enumerate() {
        (setting.progress)("setting one field", at, 90);
        let set = |row: &Example| {
            judge(&Example {
                comment: value.apply(row, Wardrobe::Judging),
                ..row.clone()
            })
        };
        let judged: Vec<ScoredExample> = on_all_cores(&rows, set).into_iter().flatten().collect();
        shifts.push(Shift::of(value, &judged, &as_dressed));
    }
    (setting.tell)(&table(&shifts, before));
    Ok(outcomes(&shifts, before, rows.len()))
}

impl Shift {
    /// What changed between the same rows, with the value and without.
    fn of(value: Value, with: &[ScoredExample], without: &[ScoredExample]) -> Self {
        let changes: Vec<f64> = with
            .iter()
            .zip(without)
            .map(|(now, then)| now.log_odds - then.log_odds)
            .collect();
        let n = changes.len() as f64;
        let mean = changes.iter().sum::<f64>() / n;
        let variance = changes.iter().map(|c| (c - mean).powi(2)).sum::<f64>() / (n - 1.0);
        Self {
            value,
            mean,
            spread: 1.96 * (variance / n).sqrt(),
            false_positives: Rate::count(with, is_spam),
        }
    }
}

/// The largest shift of all fields and of each, and the worst rate of false positives, over `n`
/// rows.
fn outcomes(shifts: &[Shift], before: Rate, n: usize) -> Vec<Outcome> {
    let largest = |shifts: &mut dyn Iterator<Item = &Shift>| {
        shifts
            .max_by(|a, b| a.mean.abs().total_cmp(&b.mean.abs()))
            .map(|shift| (shift.mean.abs(), shift.spread))
            .unwrap_or((0.0, 0.0))
    };
    let outcome = |figure: String, (most, spread): (f64, f64)| {
        figures::outcome(TASK, figure, most, Some((most - spread, most + spread)), n)
    };
    let mut outcomes = vec![outcome(
        "largest shift of log-odds".to_owned(),
        largest(&mut shifts.iter()),
    )];
    let mut names: Vec<&str> = shifts.iter().map(|shift| shift.value.field).collect();
    names.dedup();
    for field in names {
        let of_field = &mut shifts.iter().filter(|shift| shift.value.field == field);
        outcomes.push(outcome(
            format!("largest shift, {field}"),
            largest(of_field),
        ));
    }
    let share = |rate: Rate| rate.value().unwrap_or(0.0);
    let most = shifts.iter().map(|shift| shift.false_positives);
    let most = most.max_by(|a, b| share(*a).total_cmp(&share(*b)));
    outcomes.push(figures::share(TASK, "FP as dressed", before));
    outcomes.push(figures::share(
        TASK,
        "FP, worst value",
        most.unwrap_or_default(),
    ));
    outcomes
}

/// Held-out honest comments, half of them Vietnamese: from newspapers, blogs and our own.
fn honest(setting: &Setting<'_>) -> Result<Vec<Example>, TaskError> {
    let own = TrainingExamples::gather(
        &setting.training_data,
        None,
        HeldOut::Keep,
        setting.config.seed,
    )?;
    let own = |lang: &str| -> Vec<Example> {
        let is_wanted = |row: &&Example| {
            row.is_held_out() && row.label == Some(Label::Ham) && row.lang.as_deref() == Some(lang)
        };
        // Only their words: their fields are their own, and would hide what is set.
        let bare = |row: &Example| Example {
            comment: crate::comment::Comment::from_text(row.comment.text.clone()),
            ..row.clone()
        };
        own.examples.iter().filter(is_wanted).map(bare).collect()
    };
    let mut rows = Vec::new();
    for (lang, corpora) in [
        ("vi", ["vi_victsd", "vi_aivivn"]),
        ("en", ["blog_haacked", "reddit_goemotions"]),
    ] {
        let mut of_language = own(lang);
        let missing = ROWS.saturating_sub(of_language.len()) / corpora.len();
        for name in corpora {
            let mut found = held_out(setting, name, Label::Ham)?;
            found.sort_by_cached_key(|row| rapidhash::v3::rapidhash_v3(row.id.as_bytes()));
            of_language.extend(found.into_iter().take(missing));
        }
        rows.extend(of_language);
    }
    Ok(rows)
}

fn table(shifts: &[Shift], before: Rate) -> String {
    let mut lines = vec![format!(
        "{:<14} {:<28} {:>8} {:>6} {:>7}   (FP as dressed {:.2} %)",
        "field",
        "set to",
        "log-odds",
        "+-",
        "FP %",
        before.value().unwrap_or(0.0) * 100.0
    )];
    for shift in shifts {
        lines.push(format!(
            "{:<14} {:<28} {:>+8.2} {:>6.2} {:>7.2}",
            shift.value.field,
            shift.value.name,
            shift.mean,
            shift.spread,
            shift.false_positives.value().unwrap_or(0.0) * 100.0
        ));
    }
    lines.join("\n")
}
