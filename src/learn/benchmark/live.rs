//! Each moderation queue in the order of time in, how every check is judged out, when only mistakes
//! and unsure ones get a label, as from a moderator; from nothing, and over a model that never saw
//! the blog. A label never comes before its check.

use std::collections::BTreeMap;

use crate::features::Features;
use crate::learn::benchmark::blogs::{Queued, queues};
use crate::learn::benchmark::error::TaskError;
use crate::learn::benchmark::figures::{self, is_ham, is_spam};
use crate::learn::benchmark::folds::left_out_blogs;
use crate::learn::benchmark::outcome::Outcome;
use crate::learn::benchmark::parallel::in_parallel;
use crate::learn::benchmark::setting::Setting;
use crate::learn::benchmark::site::{Site, is_labelled};
use crate::learn::metrics::measures::{Ranking, Rate, ScoredExample};
use crate::learn::train::corpus::Example;
use crate::learn::train::dress::{Wardrobe, dress};
use crate::model::Model;
use crate::verdict::Label;

const TASK: &str = "blogs-live";
/// Checks before the order of scores is measured.
const WARM: usize = 200;
/// Comments a blog needs to be a stream, and those of each class.
const LONG: usize = 100;
const ENOUGH: usize = 9;

/// Judges each blog in time order, and labels its mistakes on the way.
pub(super) fn blogs_live(setting: &Setting<'_>) -> Result<Vec<Outcome>, TaskError> {
    let folds = left_out_blogs(setting)?;
    let mut blogs: BTreeMap<String, Vec<Example>> = BTreeMap::new();
    for row in queues(setting)?.into_iter().filter(Queued::is_trusted) {
        let blog = row.cleaned.group.clone().unwrap_or_default();
        blogs.entry(blog).or_default().push(row.cleaned);
    }
    blogs.retain(|_, rows| {
        let of = |label| rows.iter().filter(|row| row.label == Some(label)).count();
        rows.len() >= LONG && of(Label::Spam) >= ENOUGH && of(Label::Ham) >= ENOUGH
    });
    let blogs: Vec<(String, Vec<Example>)> = blogs.into_iter().collect();
    let cold = Model::cold();
    let streams = in_parallel(blogs.len(), |at| {
        let (name, rows) = &blogs[at];
        let model = folds.model_without(name).unwrap_or(&cold);
        let read = read(rows);
        [&cold, model].map(|model| run(model, &read, name))
    });
    let mut outcomes = Vec::new();
    let mut lines = vec![format!(
        "{:<44} {:>5} {:>5} {:>12} {:>12} {:>8} {:>8}",
        "blog, over a model without it",
        "ham",
        "spam",
        "ham as spam",
        "spam missed",
        "labels",
        "AUC>200"
    )];
    for (at, how) in ["from nothing", "over a model"].into_iter().enumerate() {
        let each: Vec<&Vec<ScoredExample>> = streams.iter().map(|both| &both[at]).collect();
        let all = || each.iter().flat_map(|rows| rows.iter());
        let of = |label| all().filter(move |row| row.label == label);
        let named = |figure: &str| format!("{how}: {figure}");
        let areas: Vec<f64> = each.iter().filter_map(|rows| late_area(rows)).collect();
        outcomes.extend([
            figures::share_of_groups(TASK, named("ham called spam"), of(Label::Ham), is_spam),
            figures::share_of_groups(TASK, named("spam missed"), of(Label::Spam), is_ham),
            figures::share_of_groups(TASK, named("labels used"), all(), is_labelled),
            figures::mean(TASK, named("AUC after 200, mean of blogs"), &areas),
        ]);
    }
    for ((name, _), [_, over]) in blogs.iter().zip(&streams) {
        let of = |label| over.iter().filter(move |row| row.label == label);
        let wrong = Rate::count(of(Label::Ham), is_spam);
        let missed = Rate::count(of(Label::Spam), is_ham);
        lines.push(format!(
            "{name:<44} {:>5} {:>5} {:>12} {:>12} {:>8} {:>8}",
            wrong.of,
            missed.of,
            wrong.hits,
            missed.hits,
            over.iter().filter(|row| is_labelled(row)).count(),
            late_area(over).map_or("–".to_owned(), |area| format!("{area:.3}")),
        ));
    }
    (setting.tell)(&lines.join("\n"));
    Ok(outcomes)
}

/// The rows of a blog in time order, dressed and read.
fn read(rows: &[Example]) -> Vec<(Features, Label)> {
    let mut rows: Vec<&Example> = rows.iter().collect();
    rows.sort_by(|a, b| (&a.date, &a.id).cmp(&(&b.date, &b.id)));
    rows.into_iter()
        .filter_map(|row| {
            let dressed = dress(row, Wardrobe::Judging, 0);
            Some((Features::of(&dressed.comment), row.label?))
        })
        .collect()
}

fn run(model: &Model, rows: &[(Features, Label)], blog: &str) -> Vec<ScoredExample> {
    let mut site = Site::new(model);
    let check = |(features, label): &(Features, Label)| {
        let judged = site.judge(features, *label, Some(blog));
        if is_labelled(&judged) {
            site.label(features, *label);
        }
        judged
    };
    rows.iter().map(check).collect()
}

/// The area after the first checks, if both classes come again.
fn late_area(rows: &[ScoredExample]) -> Option<f64> {
    let late = rows.get(WARM..)?;
    let few = [Label::Spam, Label::Ham]
        .iter()
        .any(|label| late.iter().filter(|row| row.label == *label).count() < ENOUGH);
    (!few).then(|| Ranking::of(late).auc()).flatten()
}
