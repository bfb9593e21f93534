//! Held-out ham of many places in, with filled fields and three draws each; how much of it is
//! called spam or has to wait out; once without filled fields, to compare with older reports. It
//! measures no spam.

use crate::learn::benchmark::error::TaskError;
use crate::learn::benchmark::figures::{self, is_spam, is_unsure};
use crate::learn::benchmark::outcome::Outcome;
use crate::learn::benchmark::parallel::on_all_cores;
use crate::learn::benchmark::setting::Setting;
use crate::learn::benchmark::shipped::{HAM, held_out};
use crate::learn::evaluate::score::score_alone;
use crate::learn::metrics::measures::{ScoredExample, wilson};
use crate::learn::train::corpus::Example;
use crate::learn::train::dress::{Wardrobe, dress};
use crate::text;
use crate::verdict::Label;

const TASK: &str = "ham";
/// Times each row is dressed.
const DRAWS: u64 = 3;

/// Judges held-out honest comments: how many are called spam, how many wait.
pub(super) fn ham(setting: &Setting<'_>) -> Result<Vec<Outcome>, TaskError> {
    let parts = parts(setting)?;
    let mut outcomes = Vec::new();
    let (mut pooled, mut bare) = (Vec::new(), Vec::<ScoredExample>::new());
    let mut worst = [(0.0, 0); 2];
    for (at, (name, rows)) in parts.iter().enumerate() {
        (setting.progress)("judging honest comments", at, parts.len());
        let draws = |row: &Example| -> Vec<ScoredExample> {
            (0..DRAWS)
                .filter_map(|draw| {
                    score_alone(&setting.model, &dress(row, Wardrobe::Judging, draw))
                })
                .collect()
        };
        let judged: Vec<ScoredExample> = on_all_cores(rows, draws).into_iter().flatten().collect();
        for (figure, worst) in MEASURED.iter().zip(&mut worst) {
            let found = share(format!("{} {name}", figure.0), &judged, DRAWS, figure.1);
            if found.ours > worst.0 {
                *worst = (found.ours, found.n);
            }
            outcomes.push(found);
        }
        pooled.extend(judged);
        let alone = on_all_cores(rows, |row| score_alone(&setting.model, row));
        bare.extend(alone.into_iter().flatten());
    }
    for (figure, (ours, n)) in MEASURED.iter().zip(worst) {
        let interval = Some(wilson(ours, n as f64));
        outcomes.push(figures::outcome(
            TASK,
            format!("{} worst", figure.0),
            ours,
            interval,
            n,
        ));
        outcomes.push(share(
            format!("{} pooled", figure.0),
            &pooled,
            DRAWS,
            figure.1,
        ));
        outcomes.push(share(
            format!("bare: {} pooled", figure.0),
            &bare,
            1,
            figure.1,
        ));
    }
    Ok(outcomes)
}

/// Held-out honest comments by where they come from.
fn parts(setting: &Setting<'_>) -> Result<Vec<(String, Vec<Example>)>, TaskError> {
    let mut parts: Vec<(String, Vec<Example>)> = Vec::new();
    for name in HAM.into_iter().chain(["blog_queues"]) {
        let rows = held_out(setting, name, Label::Ham)?;
        // One link must not read as spam: comments with links are told apart where there are
        // enough.
        if name == "blog_haacked" {
            let (linked, plain): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| {
                let reading = text::read(&row.comment.text);
                !reading.links.is_empty()
            });
            parts.push((format!("{name}, with links"), linked));
            parts.push((format!("{name}, without"), plain));
        } else {
            parts.push((name.to_owned(), rows));
        }
    }
    Ok(parts)
}

/// What is counted.
type Measured = (&'static str, fn(&ScoredExample) -> bool);

const MEASURED: [Measured; 2] = [("FP", is_spam), ("unsure", is_unsure)];

/// A share over draws of the same rows; its interval is that of the rows, because draws of one row
/// depend on each other.
fn share(
    figure: String,
    judged: &[ScoredExample],
    draws: u64,
    is: impl Fn(&ScoredExample) -> bool,
) -> Outcome {
    let n = judged.len() / draws as usize;
    let ours = judged.iter().filter(|row| is(row)).count() as f64 / judged.len().max(1) as f64;
    figures::outcome(TASK, figure, ours, Some(wilson(ours, n.max(1) as f64)), n)
}
