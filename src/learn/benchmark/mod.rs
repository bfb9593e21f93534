//! The published tasks: fixed corpora, fixed splits, one figure to beat each. Corpora in, a table of ours, floor and goal out. Nothing here is ever tuned on a test row.

pub mod attacks;
use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::model::Model;
use crate::verdict::Label;

use crate::learn::evaluate::score::judge_alone;
use crate::learn::metrics::figures::{Judged, mcc_accuracy_macro_f1};
use crate::learn::metrics::measures::{Rate, binary_figures};
use crate::learn::train::catalogue::{CatalogueError, HeldOut, Lesson};
use crate::learn::train::corpus::{self, BadLines, CorpusError, Example};
use crate::learn::train::fit::{self, Progress, Recipe, Standing, TrainError};
use crate::learn::train::rows::{Kinds, Prepared};

mod balance;
pub mod bars;
mod blogs;
mod campaigns;
mod cases;
mod caught;
mod choosing;
mod fields;
mod figures;
mod folds;
mod ham;
mod history;
pub mod learning;
mod live;
mod neighbours;
mod shipped;
mod site;

use crate::learn::benchmark::learning::{Learn, Stream};

/// One figure of a task beside its bars.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Outcome {
    /// Task it belongs to.
    pub task: &'static str,
    /// What is measured.
    pub figure: String,
    /// What we reach.
    pub ours: f64,
    /// Below (or above, for shares of errors) this the build fails: what we hold now.
    pub floor: Option<f64>,
    /// The floor that was asked for, where it is another.
    pub asked: Option<f64>,
    /// What we aim for.
    pub goal: Option<f64>,
    /// Whether larger is better.
    pub larger_is_better: bool,
    /// Comments judged.
    pub n: usize,
    /// 95 % interval.
    pub interval: Option<(f64, f64)>,
}

impl Outcome {
    /// Whether the floor is kept.
    pub fn holds(&self) -> bool {
        self.floor.is_none_or(|floor| {
            if self.larger_is_better {
                self.ours >= floor
            } else {
                self.ours <= floor
            }
        })
    }
}

/// Why a task cannot be run.
#[derive(Debug, thiserror::Error)]
pub enum TaskError {
    /// Its corpus is missing or broken.
    #[error(transparent)]
    Corpus(#[from] CorpusError),
    /// The catalogue is missing or broken.
    #[error(transparent)]
    Catalogue(#[from] CatalogueError),
    /// Its corpus teaches nothing.
    #[error(transparent)]
    Train(#[from] TrainError),
    /// There is no such task.
    #[error("there is no task {0:?}; the tasks are {names}", names = names().collect::<Vec<_>>().join(", "))]
    Unknown(String),
}

/// All tasks with what each is, in the order of the report: those on whole checks first, for they say what a blog will see. One more, `choosing`,
/// judges training parts alone: to choose a recipe by.
pub const TASKS: [(&str, &str); 21] = [
    (
        "ham",
        "held-out honest comments, dressed three times: called spam, unsure",
    ),
    (
        "fields",
        "honest comments with one field at a time set to each value of the dressing table",
    ),
    ("caught", "held-out spam, dressed; Vietnamese spam apart"),
    (
        "blogs",
        "whole blogs left out of training in five folds, each judged as recorded and dressed",
    ),
    (
        "blogs-live",
        "each blog in time order, only mistakes and unsure labelled",
    ),
    (
        "history",
        "a blog's whole past imported, then its next comments and honest guests",
    ),
    (
        "balance",
        "learning curves of three blogs by spam labels to one ham label, from 1:1 to 50:1",
    ),
    (
        "neighbours",
        "honest comments beside one that was rightly labelled spam",
    ),
    (
        "cases",
        "cases from public reports, with their own browser and with Chrome",
    ),
    (
        "calibration",
        "whether probabilities are shares, on held-out rows and on blogs left out",
    ),
    ("evasion", "held-out rows under each attack, dressed"),
    (
        "transfer",
        "each spam corpus by a model that never saw it, dressed",
    ),
    ("youtube", "four videos teach, the fifth judges (UCI 380)"),
    (
        "vispamreviews",
        "its own split: train and dev teach, test judges",
    ),
    ("sms", "five folds by text (UCI 228)"),
    (
        "stream-youtube",
        "from nothing, each comment judged, then learnt",
    ),
    (
        "stream-vi",
        "the same: Vietnamese scams among readers' comments",
    ),
    ("stream-wp", "the same: comment queues of WordPress sites"),
    (
        "learning",
        "errors after so many labels: from nothing, a model alone, all layers",
    ),
    (
        "campaigns",
        "a day of honest comments and campaigns on forty sites",
    ),
    (
        "categories",
        "whether our own held-out spam is called what it advertises",
    ),
];

/// Their names.
pub fn names() -> impl Iterator<Item = &'static str> {
    TASKS.into_iter().map(|(name, _)| name)
}

/// What a task needs.
pub struct Setting<'a> {
    /// Folder of the public corpora.
    pub corpora: PathBuf,
    /// Folder of our own training comments and of the catalogue.
    pub training_data: PathBuf,
    /// The model that the tasks on a shipped model judge.
    pub model: Model,
    /// How models are trained.
    pub recipe: Recipe,
    /// Whether blogs are left out one by one, and not in folds of many: ten times as long.
    pub one_by_one: bool,
    /// File of cases from public reports; beside the folder of the corpora if it is not named.
    pub cases: Option<PathBuf>,
    /// Told how far a long run is.
    pub progress: Progress<'a>,
    /// Told what is more than figures: tables.
    pub tell: &'a (dyn Fn(&str) + Sync),
    /// Given pictures: a name without ending, and SVG.
    pub draw: &'a (dyn Fn(&str, &str) + Sync),
    /// Models that more than one task needs, trained once.
    pub shared: Shared,
}

/// Models that more than one task needs.
#[derive(Default)]
pub struct Shared {
    folds: std::sync::OnceLock<crate::learn::benchmark::folds::LeftOutBlogs>,
}

impl Setting<'_> {
    fn read(&self, name: &str) -> Result<Vec<Example>, CorpusError> {
        corpus::read_all(
            &self.corpora.join(format!("{name}.jsonl.gz")),
            BadLines::Refuse,
        )
    }

    /// All that the shipped recipe learns from, read.
    fn shipped_lesson(&self) -> Result<(Lesson, Vec<Prepared>, Kinds), TaskError> {
        let mut lesson = Lesson::gather(
            &self.training_data,
            Some(&self.corpora),
            HeldOut::LeaveOut,
            self.recipe.seed,
        )?;
        if self.recipe.dress {
            lesson.dress(self.recipe.seed);
        }
        let standing_of = |at| lesson.standing(at);
        let (rows, kinds) = fit::prepare(&lesson.examples, standing_of, self.progress);
        Ok((lesson, rows, kinds))
    }

    /// A model of these examples alone.
    pub fn train(&self, examples: &[Example]) -> Result<Model, TrainError> {
        let (rows, kinds) = fit::prepare(examples, |_| Standing::default(), self.progress);
        fit::train(&rows, &kinds, &self.recipe, Vec::new(), self.progress)
            .map(|trained| trained.model)
    }
}

/// Runs one task.
pub fn run(name: &str, setting: &Setting<'_>) -> Result<Vec<Outcome>, TaskError> {
    match name {
        "blogs" => crate::learn::benchmark::blogs::blogs(setting),
        "youtube" => youtube(setting),
        "vispamreviews" => vispamreviews(setting),
        "sms" => sms(setting),
        "stream-youtube" => stream_youtube(setting),
        "stream-vi" => stream_vi(setting),
        "stream-wp" => stream_wp(setting),
        "learning" => crate::learn::benchmark::learning::learning(setting),
        "ham" => crate::learn::benchmark::ham::ham(setting),
        "fields" => crate::learn::benchmark::fields::fields(setting),
        "caught" => crate::learn::benchmark::caught::caught(setting),
        "cases" => crate::learn::benchmark::cases::cases(setting),
        "blogs-live" => crate::learn::benchmark::live::blogs_live(setting),
        "history" => crate::learn::benchmark::history::history(setting),
        "balance" => crate::learn::benchmark::balance::balance(setting),
        "neighbours" => crate::learn::benchmark::neighbours::neighbours(setting),
        "transfer" => crate::learn::benchmark::shipped::transfer(setting),
        "evasion" => crate::learn::benchmark::shipped::evasion(setting),
        "calibration" => crate::learn::benchmark::shipped::calibration(setting),
        "choosing" => crate::learn::benchmark::choosing::run(setting),
        "campaigns" => crate::learn::benchmark::campaigns::campaigns(setting),
        "categories" => crate::learn::benchmark::shipped::categories(setting),
        other => Err(TaskError::Unknown(other.to_owned())),
    }
}

fn judge(model: &Model, examples: &[&Example]) -> Vec<Judged> {
    let alone = |example: &&Example| judge_alone(model, example);
    examples.iter().filter_map(alone).collect()
}

/// Has cores do the same for each item; the order stays.
fn on_all_cores<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let share = items.len().div_ceil(cores).max(1);
    std::thread::scope(|scope| {
        let parts: Vec<_> = items
            .chunks(share)
            .map(|part| scope.spawn(|| part.iter().map(&work).collect::<Vec<R>>()))
            .collect();
        parts
            .into_iter()
            .flat_map(|part| part.join().expect("judging a comment does not panic"))
            .collect()
    })
}

/// Does so many things, as many at once as there are cores; the results are in their order.
fn in_parallel<R: Send>(count: usize, work: impl Fn(usize) -> R + Sync) -> Vec<R> {
    use std::sync::atomic::{AtomicUsize, Ordering};
    let next = AtomicUsize::new(0);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let mut done: Vec<(usize, R)> = std::thread::scope(|scope| {
        let take = || {
            let mut done = Vec::new();
            loop {
                let at = next.fetch_add(1, Ordering::Relaxed);
                if at >= count {
                    return done;
                }
                done.push((at, work(at)));
            }
        };
        let workers: Vec<_> = (0..cores.min(count)).map(|_| scope.spawn(take)).collect();
        workers
            .into_iter()
            .flat_map(|worker| worker.join().expect("training does not panic"))
            .collect()
    });
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, result)| result).collect()
}

fn youtube(setting: &Setting<'_>) -> Result<Vec<Outcome>, TaskError> {
    let all = setting.read("youtube_spam_uci")?;
    let mut by_video: BTreeMap<&str, Vec<&Example>> = BTreeMap::new();
    for example in &all {
        by_video
            .entry(example.group.as_deref().unwrap_or(""))
            .or_default()
            .push(example);
    }
    let mut pooled = Vec::new();
    for (video, test) in &by_video {
        let train: Vec<Example> = all
            .iter()
            .filter(|e| e.group.as_deref() != Some(video))
            .cloned()
            .collect();
        pooled.extend(judge(&setting.train(&train)?, test));
    }
    let all: Vec<&Judged> = pooled.iter().collect();
    Ok(vec![
        crate::learn::benchmark::figures::accuracy("youtube", "accuracy", &pooled),
        crate::learn::benchmark::figures::auc("youtube", "AUC", &all),
    ])
}

fn vispamreviews(setting: &Setting<'_>) -> Result<Vec<Outcome>, TaskError> {
    let all = setting.read("vi_vispamreviews")?;
    let part = |name: &str| {
        all.iter()
            .filter(|e| e.split.as_deref() == Some(name))
            .collect::<Vec<_>>()
    };
    // The cutoff is chosen on dev by a model that has not seen dev; the model that is tested has.
    let on_dev = judge_dev(setting, &all)?;
    let cutoff = best_macro_f1_cutoff(&on_dev);
    let both: Vec<Example> = part("train")
        .into_iter()
        .chain(part("dev"))
        .cloned()
        .collect();
    let on_test = judge(&setting.train(&both)?, &part("test"));
    let told = |figure, judged: &[Judged]| {
        crate::learn::benchmark::figures::of_rows("vispamreviews", figure, judged, |rows| {
            binary_figures(rows.iter().copied(), cutoff).map(|found| found.macro_f1)
        })
    };
    Ok(vec![
        told("macro-F1", &on_test),
        told("macro-F1 on dev", &on_dev),
    ])
}

/// Its dev part, judged by a model of its train part.
fn judge_dev(setting: &Setting<'_>, all: &[Example]) -> Result<Vec<Judged>, TaskError> {
    let part = |name: &'static str| all.iter().filter(move |e| e.split.as_deref() == Some(name));
    let train: Vec<Example> = part("train").cloned().collect();
    Ok(judge(
        &setting.train(&train)?,
        &part("dev").collect::<Vec<_>>(),
    ))
}

/// Macro-F1 on dev at the cutoff that is best there, and the number of comments.
fn vispamreviews_dev(setting: &Setting<'_>) -> Result<(f64, usize), TaskError> {
    let on_dev = judge_dev(setting, &setting.read("vi_vispamreviews")?)?;
    let cutoff = best_macro_f1_cutoff(&on_dev);
    let macro_f1 = mcc_accuracy_macro_f1(&on_dev, cutoff).map_or(0.0, |f| f.macro_f1);
    Ok((macro_f1, on_dev.len()))
}

fn best_macro_f1_cutoff(judged: &[Judged]) -> f64 {
    let candidates = (-60..=60).map(|step| f64::from(step) / 20.0);
    let quality = |at: f64| mcc_accuracy_macro_f1(judged, at).map_or(0.0, |f| f.macro_f1);
    candidates
        .max_by(|&a, &b| quality(a).total_cmp(&quality(b)))
        .unwrap_or(0.0)
}

fn sms(setting: &Setting<'_>) -> Result<Vec<Outcome>, TaskError> {
    let all = setting.read("sms_spam_uci")?;
    let fold_of: Vec<u64> = all.iter().map(|e| e.skeleton() % 5).collect();
    let mut pooled = Vec::new();
    for fold in 0..5 {
        let train: Vec<Example> = all
            .iter()
            .zip(&fold_of)
            .filter(|(_, f)| **f != fold)
            .map(|(e, _)| e.clone())
            .collect();
        let test: Vec<&Example> = all
            .iter()
            .zip(&fold_of)
            .filter(|(_, f)| **f == fold)
            .map(|(e, _)| e)
            .collect();
        pooled.extend(judge(&setting.train(&train)?, &test));
    }
    let all: Vec<&Judged> = pooled.iter().collect();
    Ok(vec![
        crate::learn::benchmark::figures::of_rows("sms", "MCC", &pooled, |rows| {
            binary_figures(rows.iter().copied(), 0.0).map(|found| found.mcc)
        }),
        crate::learn::benchmark::figures::recall_at("sms", "recall at .1 % FP", &all, 0.001),
    ])
}

/// The published streams.
pub fn streams(setting: &Setting<'_>) -> Result<Vec<Stream>, TaskError> {
    let youtube = setting.read("youtube_spam_uci")?;
    Ok(vec![
        Stream::of("stream-youtube", round_robin(&youtube)),
        Stream::of("stream-vi", &vietnamese(setting)?),
        Stream::of("stream-wp", &wordpress(setting)?),
    ])
}

fn prequential<'a>(model: &Model, rows: impl IntoIterator<Item = &'a Example>) -> Vec<Judged> {
    Stream::of("", rows).judge(model, Learn::All)
}

fn stream_youtube(setting: &Setting<'_>) -> Result<Vec<Outcome>, TaskError> {
    let all = setting.read("youtube_spam_uci")?;
    let recorded = prequential(&Model::cold(), round_robin(&all));
    Ok(after_200("stream-youtube", &recorded))
}

/// The figures of a stream once it is warm.
fn after_200(task: &'static str, recorded: &[Judged]) -> Vec<Outcome> {
    let after = &recorded[200.min(recorded.len())..];
    let all: Vec<&Judged> = after.iter().collect();
    vec![
        crate::learn::benchmark::figures::auc(task, "AUC after 200", &all),
        crate::learn::benchmark::figures::accuracy(task, "accuracy after 200", after),
    ]
}

fn round_robin(all: &[Example]) -> Vec<&Example> {
    let mut order: Vec<&str> = Vec::new();
    let mut by_site: BTreeMap<&str, Vec<&Example>> = BTreeMap::new();
    for example in all {
        let site = example.group.as_deref().unwrap_or("");
        if !by_site.contains_key(site) {
            order.push(site);
        }
        by_site.entry(site).or_default().push(example);
    }
    let longest = by_site.values().map(Vec::len).max().unwrap_or(0);
    (0..longest)
        .flat_map(|at| order.iter().map(move |site| (site, at)).collect::<Vec<_>>())
        .filter_map(|(site, at)| by_site[*site].get(at).copied())
        .collect()
}

fn vietnamese(setting: &Setting<'_>) -> Result<Vec<Example>, CorpusError> {
    use rand::seq::{IndexedRandom, SliceRandom};
    use rand::{SeedableRng, rngs::StdRng};
    let spam = setting.read("vi_smishing")?;
    let mut rng = StdRng::seed_from_u64(7);
    let ham: Vec<Example> = setting.read("vi_victsd")?;
    let mut stream: Vec<Example> = ham
        .choose_multiple(&mut rng, 1861)
        .cloned()
        .map(|e| Example {
            label: Some(Label::Ham),
            group: None,
            ..e
        })
        .chain(spam)
        .collect();
    stream.shuffle(&mut rng);
    Ok(stream)
}

fn stream_vi(setting: &Setting<'_>) -> Result<Vec<Outcome>, TaskError> {
    let recorded = prequential(&Model::cold(), &vietnamese(setting)?);
    let all: Vec<&Judged> = recorded.iter().collect();
    Ok(vec![
        crate::learn::benchmark::figures::recall_at("stream-vi", "recall at .1 % FP", &all, 0.001),
        crate::learn::benchmark::figures::share(
            "stream-vi",
            "errors",
            Rate::count(&recorded, Judged::is_error),
        ),
    ])
}

fn wordpress(setting: &Setting<'_>) -> Result<Vec<Example>, CorpusError> {
    let mut all: Vec<Example> = setting
        .read("wp_comments")?
        .into_iter()
        .filter(|e| e.label.is_some() && e.trusted != Some(false))
        .collect();
    all.sort_by(|a, b| (&a.date, &a.group).cmp(&(&b.date, &b.group)));
    Ok(all)
}

fn stream_wp(setting: &Setting<'_>) -> Result<Vec<Outcome>, TaskError> {
    let recorded = prequential(&Model::cold(), &wordpress(setting)?);
    Ok(after_200("stream-wp", &recorded))
}
