//! Blogs in the order of time in, error rates after a number of labels and a picture out: how fast
//! a blog is learnt when spam labels outnumber ham labels once, 4, 12 and 50 times. The model never
//! saw the blogs; a curve ends where the blog has no more labels of one class.

use std::collections::HashMap;

use crate::features::Features;
use crate::learn::benchmark::blogs::{Queued, queues};
use crate::learn::benchmark::error::TaskError;
use crate::learn::benchmark::figures::{self, is_ham, is_spam, is_unsure, percent};
use crate::learn::benchmark::folds::QUEUES;
use crate::learn::benchmark::outcome::Outcome;
use crate::learn::benchmark::parallel::in_parallel;
use crate::learn::benchmark::setting::Setting;
use crate::learn::benchmark::site::Site;
use crate::learn::evaluate::plots::balance::{Curve, Panel, learning_by_balance};
use crate::learn::metrics::measures::{Rate, ScoredExample};
use crate::learn::train::corpus::Example;
use crate::learn::train::dress::{Wardrobe, dress};
use crate::learn::train::fit::{self, TrainConfig};
use crate::model::Model;
use crate::verdict::Label;

const TASK: &str = "balance";
/// Blogs with many labels of trusted people; the second has ten times the ham of the others.
const BLOGS: [&str; 3] = [
    "hendrixjoseph/hendrixjoseph.github.io",
    "cwage/quietlife.net",
    "EdwinWenink/archive_fever",
];
/// A blog whose honest readers write on a blog that has few of its own.
const GUESTS: &str = "yasoob/personal_blog";
/// Spam labels to one ham label.
const BALANCES: [usize; 4] = [1, 4, 12, 50];
/// Labels after which later comments are judged.
const AFTER: [usize; 7] = [0, 10, 30, 100, 300, 1_000, 2_000];
/// Of each class, the share that teaches: what comes first.
const TAUGHT: (usize, usize) = (2, 3);
/// Later comments judged at most, and guests.
const MOST_HONEST: usize = 600;
const MOST_SPAM: usize = 300;
const MOST_GUESTS: usize = 200;
/// What is measured, in the order of [`measure`].
const MEASURES: [&str; 3] = ["honest called spam", "honest held", "spam missed"];

/// One blog: what teaches in the order of time, and what is judged.
struct Blog {
    name: &'static str,
    ham: Vec<Features>,
    spam: Vec<Features>,
    honest_later: Vec<Features>,
    spam_later: Vec<Features>,
}

/// The figures after so many labels.
struct Point {
    labels: usize,
    ham: usize,
    rates: [Rate; 3],
}

/// Draws the curves under the name `balance`, tells a table, and gives the figures after 100 labels
/// and at the end of each curve.
pub(super) fn balance(setting: &Setting<'_>) -> Result<Vec<Outcome>, TaskError> {
    let model = stranger(setting)?;
    let blogs = blogs(setting)?;
    let many = blogs.len() * BALANCES.len();
    let runs: Vec<Vec<Point>> = in_parallel(many, |at| {
        let (blog, spam_to_ham) = (at / BALANCES.len(), BALANCES[at % BALANCES.len()]);
        run(&model, &blogs[blog], spam_to_ham)
    });
    let mut outcomes = Vec::new();
    let mut lines = vec![format!(
        "{:<40} {:>5} {:>6} {:>4} {:>20} {:>14} {:>14}",
        "blog, over a model without it",
        "ratio",
        "labels",
        "ham",
        MEASURES[0],
        MEASURES[1],
        MEASURES[2]
    )];
    for (at, points) in runs.iter().enumerate() {
        let (blog, spam_to_ham) = (&blogs[at / BALANCES.len()], BALANCES[at % BALANCES.len()]);
        for point in points {
            let [spam, held, missed] = point.rates.map(percent);
            lines.push(format!(
                "{:<40} {:>5} {:>6} {:>4} {spam:>18} % {held:>12} % {missed:>12} %",
                blog.name,
                format!("{spam_to_ham}:1"),
                point.labels,
                point.ham,
            ));
        }
        let reported = points.iter().filter(|point| point.labels == 100);
        let last = points.last().filter(|point| point.labels > 100);
        for point in reported.chain(last) {
            for (measure, rate) in MEASURES.into_iter().zip(point.rates) {
                let short = blog.name.split('/').next().unwrap_or(blog.name);
                let figure = format!("{short}, {spam_to_ham}:1, {}: {measure}", point.labels);
                outcomes.push(figures::share(TASK, figure, rate));
            }
        }
    }
    for blog in &blogs {
        lines.push(format!(
            "{}: {} honest and {} spam judged",
            blog.name,
            blog.honest_later.len(),
            blog.spam_later.len()
        ));
    }
    (setting.tell)(&lines.join("\n"));
    if let Some(svg) = learning_by_balance(&AFTER, &panels(&blogs, &runs)) {
        (setting.draw)(TASK, &svg);
    }
    Ok(outcomes)
}

/// A row of panels for each measure, a column for each blog.
fn panels(blogs: &[Blog], runs: &[Vec<Point>]) -> Vec<Vec<Panel>> {
    let panel = |measure: usize, blog: usize| {
        let curves = BALANCES.iter().enumerate().map(|(at, spam_to_ham)| Curve {
            name: format!("{spam_to_ham}:1"),
            percents: runs[blog * BALANCES.len() + at]
                .iter()
                .map(|point| 100.0 * point.rates[measure].value().unwrap_or(0.0))
                .collect(),
        });
        let name = blogs[blog].name.split('/').next().unwrap_or_default();
        Panel {
            title: format!("{name}: {}, %", MEASURES[measure]),
            curves: curves.collect(),
        }
    };
    (0..MEASURES.len())
        .map(|measure| (0..blogs.len()).map(|blog| panel(measure, blog)).collect())
        .collect()
}

/// Labels in the order of time, one ham before each so many spam, and what is thought of later
/// comments on the way.
fn run(model: &Model, blog: &Blog, spam_to_ham: usize) -> Vec<Point> {
    let mut site = Site::new(model);
    let (mut ham, mut spam) = (blog.ham.iter(), blog.spam.iter());
    let mut points = Vec::new();
    let mut labels = 0;
    for after in AFTER {
        while labels < after {
            let (label, next) = match labels % (spam_to_ham + 1) {
                0 => (Label::Ham, ham.next()),
                _ => (Label::Spam, spam.next()),
            };
            let Some(features) = next else {
                return points;
            };
            site.label(features, label);
            labels += 1;
        }
        points.push(Point {
            labels,
            ham: labels.div_ceil(spam_to_ham + 1),
            rates: measure(&site, blog),
        });
    }
    points
}

fn measure(site: &Site<'_>, blog: &Blog) -> [Rate; 3] {
    let judge = |rows: &[Features], label| -> Vec<ScoredExample> {
        let rows = rows.iter();
        rows.map(|row| site.judge(row, label, None)).collect()
    };
    let honest = judge(&blog.honest_later, Label::Ham);
    let spam = judge(&blog.spam_later, Label::Spam);
    [
        Rate::count(&honest, is_spam),
        Rate::count(&honest, is_unsure),
        Rate::count(&spam, is_ham),
    ]
}

/// The blogs, of trusted rows alone.
fn blogs(setting: &Setting<'_>) -> Result<Vec<Blog>, TaskError> {
    let mut rows: HashMap<String, Vec<Example>> = HashMap::new();
    for row in queues(setting)?.into_iter().filter(Queued::is_trusted) {
        let group = row.cleaned.group.clone().unwrap_or_default();
        if is_strange(&group) {
            rows.entry(group).or_default().push(row.cleaned);
        }
    }
    let of = |name: &str, label: Label| -> Vec<Example> {
        let mut of = rows.get(name).cloned().unwrap_or_default();
        of.retain(|row| row.label == Some(label));
        of.sort_by(|a, b| (&a.date, &a.id).cmp(&(&b.date, &b.id)));
        of
    };
    let mut guests = of(GUESTS, Label::Ham);
    some_of(&mut guests, MOST_GUESTS);
    let guests = read(&guests);
    Ok(BLOGS
        .into_iter()
        .map(|name| {
            let mut ham = of(name, Label::Ham);
            let mut spam = of(name, Label::Spam);
            let mut honest_later = ham.split_off(ham.len() * TAUGHT.0 / TAUGHT.1);
            let mut spam_later = spam.split_off(spam.len() * TAUGHT.0 / TAUGHT.1);
            some_of(&mut honest_later, MOST_HONEST);
            some_of(&mut spam_later, MOST_SPAM);
            let mut honest_later = read(&honest_later);
            if honest_later.len() < MOST_GUESTS {
                honest_later.extend(guests.iter().cloned());
            }
            Blog {
                name,
                ham: read(&ham),
                spam: read(&spam),
                honest_later,
                spam_later: read(&spam_later),
            }
        })
        .collect())
}

/// So many of them at most, by the hash of their id.
fn some_of(rows: &mut Vec<Example>, most: usize) {
    rows.sort_by_cached_key(|row| rapidhash::v3::rapidhash_v3(row.id.as_bytes()));
    rows.truncate(most);
}

fn read(rows: &[Example]) -> Vec<Features> {
    let one = |row: &Example| Features::of(&dress(row, Wardrobe::Judging, 0).comment);
    rows.iter().map(one).collect()
}

fn is_strange(group: &str) -> bool {
    BLOGS.contains(&group) || group == GUESTS
}

/// A model of all that may teach but these blogs. Of the configuration it takes what is quick, as
/// the shipped model found it best: one content power, two folds.
fn stranger(setting: &Setting<'_>) -> Result<Model, TaskError> {
    let (training, rows, kinds) = setting.shipped_examples()?;
    // Rows and examples stand side by side: they hold labelled examples alone.
    let others = rows
        .iter()
        .zip(training.examples.iter().zip(&training.sources));
    let others = others.filter(|(_, (example, source))| {
        let is_queue = QUEUES.contains(&training.taught[**source].corpus());
        !(is_queue && is_strange(example.group.as_deref().unwrap_or("")))
    });
    let config = TrainConfig {
        content_powers: vec![0.35],
        folds: 2,
        ..setting.config.clone()
    };
    let others = others.map(|(row, _)| row);
    let trained = fit::train(others, &kinds, &config, Vec::new(), setting.progress)?;
    Ok(trained.model)
}
