//! Held-out spam of five corpora with filled fields in, how much of it is caught and missed out,
//! Vietnamese spam apart, because that is what phin is for. It measures no honest comment.

use crate::learn::benchmark::error::TaskError;
use crate::learn::benchmark::figures::{self, is_ham, is_spam};
use crate::learn::benchmark::outcome::Outcome;
use crate::learn::benchmark::parallel::on_all_cores;
use crate::learn::benchmark::setting::Setting;
use crate::learn::benchmark::shipped::{SPAM, held_out};
use crate::learn::evaluate::score::score_alone;
use crate::learn::metrics::measures::{Rate, ScoredExample};
use crate::learn::train::catalogue::{HeldOut, TrainingExamples};
use crate::learn::train::corpus::Example;
use crate::learn::train::dress::{Wardrobe, dress};
use crate::text;
use crate::verdict::Label;

const TASK: &str = "caught";

/// Judges held-out spam: how much is caught, how much is missed.
pub(super) fn caught(setting: &Setting<'_>) -> Result<Vec<Outcome>, TaskError> {
    let mut outcomes = Vec::new();
    let (mut pooled, mut bare) = (Vec::new(), Vec::new());
    let mut worst = 1.0_f64;
    let mut vietnamese = own_vietnamese(setting)?;
    for name in SPAM.into_iter().chain(["blog_queues"]) {
        let rows = held_out(setting, name, Label::Spam)?;
        let judged = judge_dressed(setting, &rows);
        for (figure, is) in [
            ("caught", is_spam as fn(&ScoredExample) -> bool),
            ("missed", is_ham),
        ] {
            let rate = Rate::count(&judged, is);
            outcomes.push(figures::share(TASK, format!("{name}, {figure}"), rate));
        }
        worst = worst.min(Rate::count(&judged, is_spam).value().unwrap_or(1.0));
        pooled.extend(judged);
        let alone = on_all_cores(&rows, |row| score_alone(&setting.model, row));
        bare.extend(alone.into_iter().flatten());
        let of_vietnam = rows
            .into_iter()
            .filter(|row| name == "vi_smishing" || !row.vi.is_empty());
        vietnamese.extend(of_vietnam);
    }
    let mut both = |name: &str, judged: &[ScoredExample]| {
        for (figure, is) in [
            ("caught", is_spam as fn(&ScoredExample) -> bool),
            ("missed", is_ham),
        ] {
            let figure = format!("{name}{figure}");
            outcomes.push(figures::share(TASK, figure, Rate::count(judged, is)));
        }
    };
    both("pooled, ", &pooled);
    both("bare: pooled, ", &bare);
    both("Vietnamese, ", &judge_dressed(setting, &vietnamese));
    let quiet: Vec<Example> = vietnamese.into_iter().filter(is_quiet).collect();
    both(
        "Vietnamese without link or number, ",
        &judge_dressed(setting, &quiet),
    );
    outcomes.push(figures::outcome(
        TASK,
        "worst corpus, caught",
        worst,
        None,
        pooled.len(),
    ));
    Ok(outcomes)
}

/// Our own Vietnamese spam that no model learns.
fn own_vietnamese(setting: &Setting<'_>) -> Result<Vec<Example>, TaskError> {
    let own = TrainingExamples::gather(
        &setting.training_data,
        None,
        HeldOut::Keep,
        setting.config.seed,
    )?;
    let is_wanted = |row: &Example| {
        row.is_held_out() && row.label == Some(Label::Spam) && row.lang.as_deref() == Some("vi")
    };
    Ok(own.examples.into_iter().filter(is_wanted).collect())
}

/// Whether the words alone must tell: no link, number or handle in the text, and no home page of
/// its own.
fn is_quiet(row: &Example) -> bool {
    let reading = text::read(&row.comment.text);
    row.comment.author.url.is_none()
        && reading.links.is_empty()
        && reading.phones.is_empty()
        && reading.emails.is_empty()
        && reading.handles.is_empty()
}

fn judge_dressed(setting: &Setting<'_>, rows: &[Example]) -> Vec<ScoredExample> {
    let one = |row: &Example| score_alone(&setting.model, &dress(row, Wardrobe::Judging, 0));
    on_all_cores(rows, one).into_iter().flatten().collect()
}
