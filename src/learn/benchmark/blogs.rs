//! The moderation queue of each blog in, how a model that never saw the blog judges it out, as it
//! was recorded and as a blog sends it. This is the first figure to look at, because all others are
//! measured on comments that somebody chose. No row of a blog teaches its own model.

use std::collections::BTreeMap;

use crate::learn::benchmark::error::TaskError;
use crate::learn::benchmark::figures::{self, is_ham, is_spam, is_unsure, percent};
use crate::learn::benchmark::folds::{QUEUES, left_out_blogs};
use crate::learn::benchmark::outcome::Outcome;
use crate::learn::benchmark::parallel::on_all_cores;
use crate::learn::benchmark::setting::Setting;
use crate::learn::evaluate::score::score_alone;
use crate::learn::metrics::measures::{Ranking, Rate, ScoredExample};
use crate::learn::train::catalogue::Catalogue;
use crate::learn::train::corpus::Example;
use crate::learn::train::dress::{Wardrobe, dress};
use crate::model::Model;
use crate::verdict::Label;

const TASK: &str = "blogs";

/// Comments of each class that a blog needs for a figure of its own.
const ENOUGH: usize = 9;

/// A row of a queue, judged twice.
pub(super) struct LeftOut {
    /// As the corpus has it.
    pub(super) recorded: ScoredExample,
    /// With all that a blog sends.
    pub(super) dressed: ScoredExample,
    /// Whether its label is believed.
    pub(super) trusted: bool,
    vietnamese: Vietnamese,
}

/// What of a row is Vietnamese.
#[derive(Debug, Clone, Copy, Default)]
struct Vietnamese {
    text: bool,
    signature: bool,
}

/// How rows are sent.
#[derive(Clone, Copy)]
enum Sent {
    Recorded,
    Dressed,
}

impl LeftOut {
    fn sent(&self, sent: Sent) -> &ScoredExample {
        match sent {
            Sent::Recorded => &self.recorded,
            Sent::Dressed => &self.dressed,
        }
    }
}

/// A row of a queue, not judged yet: as recorded, and with what the corpus made up taken out.
pub(super) struct Queued {
    recorded: Example,
    pub(super) cleaned: Example,
    trusted: bool,
}

impl Queued {
    /// Whether its label is believed.
    pub(super) fn is_trusted(&self) -> bool {
        self.trusted
    }
}

/// All rows of the queues whose label says something, in the order of their files.
pub(super) fn queues(setting: &Setting<'_>) -> Result<Vec<Queued>, TaskError> {
    let catalogue = Catalogue::read(&setting.training_data.join("corpora.toml"))?;
    let mut queued = Vec::new();
    for name in QUEUES {
        let Some(corpus) = catalogue.corpus(name) else {
            continue;
        };
        for mut row in setting.read(name)? {
            let trusted = row.trusted != Some(false);
            // Sites of wp_comments that left spam approved say nothing at all; blogs of the queues
            // are measured with their doubtful rows and without.
            if !trusted && name == "wp_comments" {
                continue;
            }
            row.trusted = None;
            let recorded = corpus.clean_as_recorded(row.clone());
            if let Some((recorded, cleaned)) = recorded.zip(corpus.clean(row)) {
                queued.push(Queued {
                    recorded,
                    cleaned,
                    trusted,
                });
            }
        }
    }
    Ok(queued)
}

/// Every row judged by a model that never saw its blog, on all cores.
pub(super) fn judged(setting: &Setting<'_>) -> Result<Vec<LeftOut>, TaskError> {
    let folds = left_out_blogs(setting)?;
    let queued = queues(setting)?;
    (setting.progress)("judging blogs left out", 0, queued.len());
    let one = |row: &Queued| {
        let blog = row.cleaned.group.as_deref().unwrap_or("");
        judge_row(folds.model_without(blog)?, row)
    };
    Ok(on_all_cores(&queued, one).into_iter().flatten().collect())
}

fn judge_row(model: &Model, row: &Queued) -> Option<LeftOut> {
    let is = |part: &str| row.recorded.vi.iter().any(|is| is == part);
    Some(LeftOut {
        recorded: score_alone(model, &row.recorded)?,
        dressed: score_alone(model, &dress(&row.cleaned, Wardrobe::Judging, 0))?,
        trusted: row.trusted,
        vietnamese: Vietnamese {
            text: is("text"),
            signature: is("author") || is("host"),
        },
    })
}

/// Judges whole blogs by models that never saw them.
pub(super) fn blogs(setting: &Setting<'_>) -> Result<Vec<Outcome>, TaskError> {
    let rows = judged(setting)?;
    (setting.tell)(&table(&rows));
    let mut outcomes = Vec::new();
    for (how, sent) in [("dressed", Sent::Dressed), ("as recorded", Sent::Recorded)] {
        for (which, all) in [("trusted", false), ("all", true)] {
            let part: Vec<&LeftOut> = rows.iter().filter(|row| all || row.trusted).collect();
            outcomes.extend(summary(&format!("{how}, {which}"), &part, sent));
        }
    }
    Ok(outcomes)
}

/// A test of a row that was judged.
type Is = fn(&ScoredExample) -> bool;

/// The figures of some rows.
fn summary(name: &str, rows: &[&LeftOut], sent: Sent) -> Vec<Outcome> {
    let all: Vec<&ScoredExample> = rows.iter().map(|row| row.sent(sent)).collect();
    let blogs = by_blog(rows);
    let mut outcomes = verdicts_and_order(name, &all, &areas(&blogs, sent));
    outcomes.extend(vietnamese(name, rows, sent));
    outcomes.extend(one_class_blogs(name, &blogs, sent));
    outcomes
}

/// The area under the curve of each blog that has enough of both classes.
fn areas(blogs: &BTreeMap<&str, Vec<&LeftOut>>, sent: Sent) -> Vec<f64> {
    let has_both = |blog: &&Vec<&LeftOut>| {
        [Label::Spam, Label::Ham].iter().all(|label| {
            let of = blog.iter().filter(|row| row.recorded.label == *label);
            of.count() >= ENOUGH
        })
    };
    blogs
        .values()
        .filter(has_both)
        .filter_map(|blog| Ranking::of(blog.iter().map(|row| row.sent(sent))).auc())
        .collect()
}

fn verdicts_and_order(name: &str, all: &[&ScoredExample], areas: &[f64]) -> Vec<Outcome> {
    let named = |figure: &str| format!("{name}: {figure}");
    let worst = areas.iter().copied().fold(1.0, f64::min);
    let of = |label| all.iter().copied().filter(move |row| row.label == label);
    let share =
        |figure: &str, label, is: Is| figures::share_of_groups(TASK, named(figure), of(label), is);
    let mut outcomes = vec![
        share("ham called spam", Label::Ham, is_spam),
        share("ham unsure", Label::Ham, is_unsure),
        share("spam caught", Label::Spam, is_spam),
        share("spam missed", Label::Spam, is_ham),
        figures::mean(TASK, named("AUC, mean of blogs"), areas),
        figures::outcome(TASK, named("AUC, worst blog"), worst, None, areas.len()),
        figures::auc(TASK, named("AUC, pooled"), all),
    ];
    for (rate, text) in [
        (0.001, ".1 %"),
        (0.005, ".5 %"),
        (0.01, "1 %"),
        (0.055, "5.5 %"),
    ] {
        let figure = named(&format!("recall at {text} FP, pooled"));
        outcomes.push(figures::recall_at(TASK, figure, all, rate));
    }
    outcomes
}

/// Spam that is Vietnamese by its signature, and by its text.
fn vietnamese(name: &str, rows: &[&LeftOut], sent: Sent) -> Vec<Outcome> {
    type Part = (&'static str, fn(&LeftOut) -> bool);
    let parts: [Part; 2] = [
        ("signed in Vietnamese", |row| row.vietnamese.signature),
        ("written in Vietnamese", |row| row.vietnamese.text),
    ];
    let mut outcomes = Vec::new();
    for (what, is) in parts {
        let part: Vec<&ScoredExample> = rows
            .iter()
            .filter(|row| is(row) && row.recorded.is_spam())
            .map(|row| row.sent(sent))
            .collect();
        for (figure, is) in [("caught", is_spam as Is), ("missed", is_ham)] {
            let rate = Rate::count(part.iter().copied(), is);
            let figure = format!("{name}: {what}, {figure}");
            outcomes.push(figures::share(TASK, figure, rate));
        }
    }
    outcomes
}

/// Blogs of one class alone say nothing about order, but something about verdicts.
fn one_class_blogs(name: &str, blogs: &BTreeMap<&str, Vec<&LeftOut>>, sent: Sent) -> Vec<Outcome> {
    [
        ("ham-only blogs", Label::Ham, "called spam", is_spam as Is),
        ("ham-only blogs", Label::Ham, "unsure", is_unsure),
        ("spam-only blogs", Label::Spam, "caught", is_spam),
        ("spam-only blogs", Label::Spam, "missed", is_ham),
    ]
    .into_iter()
    .map(|(what, label, figure, is)| {
        let alone = blogs.values().filter(|blog| {
            let other = blog.iter().filter(|row| row.recorded.label != label);
            other.count() < ENOUGH
        });
        let part = alone.flatten().map(|row| row.sent(sent));
        let part = part.filter(|row| row.label == label);
        figures::share_of_groups(TASK, format!("{name}: {what}, {figure}"), part, is)
    })
    .collect()
}

fn by_blog<'a>(rows: &[&'a LeftOut]) -> BTreeMap<&'a str, Vec<&'a LeftOut>> {
    let mut blogs: BTreeMap<&str, Vec<&LeftOut>> = BTreeMap::new();
    for row in rows {
        let blog = row.recorded.group.as_deref().unwrap_or("");
        blogs.entry(blog).or_default().push(row);
    }
    blogs
}

/// One line a blog, trusted rows alone: those with both classes first, by their area.
fn table(rows: &[LeftOut]) -> String {
    let trusted: Vec<&LeftOut> = rows.iter().filter(|row| row.trusted).collect();
    let mut lines: Vec<(f64, String)> = by_blog(&trusted)
        .into_iter()
        .map(|(name, blog)| {
            let dressed: Vec<&ScoredExample> = blog.iter().map(|row| &row.dressed).collect();
            line(name, &blog, &dressed)
        })
        .collect();
    lines.sort_by(|a, b| a.0.total_cmp(&b.0));
    let head = format!(
        "{:<44} {:>5} {:>5} {:>6} {:>6} {:>6} {:>6} {:>6} {:>6} {:>8}",
        "blog left out, dressed (trusted rows)",
        "ham",
        "spam",
        "FP %",
        "unsure",
        "caught",
        "missed",
        "AUC",
        "R@1%",
        "recorded"
    );
    let lines = lines.into_iter().map(|(_, line)| line);
    std::iter::once(head)
        .chain(lines)
        .collect::<Vec<String>>()
        .join("\n")
}

/// The line of a blog, and where it stands.
fn line(name: &str, blog: &[&LeftOut], dressed: &[&ScoredExample]) -> (f64, String) {
    let of = |label| {
        dressed
            .iter()
            .copied()
            .filter(move |row| row.label == label)
    };
    let (ham, spam) = (of(Label::Ham).count(), of(Label::Spam).count());
    let ranking = Ranking::of(dressed.iter().copied());
    let both = ham >= ENOUGH && spam >= ENOUGH;
    let area = ranking.auc().filter(|_| both);
    let recorded = Ranking::of(blog.iter().map(|row| &row.recorded)).auc();
    let shown = |area: Option<f64>| area.map_or("–".to_owned(), |area| format!("{area:.3}"));
    let recall = if both {
        percent(ranking.recall_at_fp(0.01))
    } else {
        "–".to_owned()
    };
    let line = format!(
        "{name:<44} {ham:>5} {spam:>5} {:>6} {:>6} {:>6} {:>6} {:>6} {recall:>6} {:>8}",
        percent(Rate::count(of(Label::Ham), is_spam)),
        percent(Rate::count(of(Label::Ham), is_unsure)),
        percent(Rate::count(of(Label::Spam), is_spam)),
        percent(Rate::count(of(Label::Spam), is_ham)),
        shown(area),
        shown(recorded.filter(|_| both)),
    );
    (area.unwrap_or(if ham > spam { 2.0 } else { 3.0 }), line)
}
