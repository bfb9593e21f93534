//! Held-out rows in, figures of the shipped model and its configuration out: on corpora never seen,
//! on attacks, on calibration and on categories of spam. No row that it judges taught the model
//! that judges it.

use std::collections::BTreeMap;

use crate::learn::benchmark::attacks::{ATTACKS, Attack};
use crate::learn::benchmark::bars;
use crate::learn::benchmark::error::TaskError;
use crate::learn::benchmark::figures::{self, is_spam};
use crate::learn::benchmark::outcome::Outcome;
use crate::learn::benchmark::parallel::{in_parallel, on_all_cores};
use crate::learn::benchmark::setting::Setting;
use crate::learn::evaluate::score::score_alone;
use crate::learn::metrics::measures::{Rate, ScoredExample, wilson};
use crate::learn::train::catalogue::{self, Catalogue, HeldOut, TrainingExamples};
use crate::learn::train::categories::{Figures, Named};
use crate::learn::train::corpus::{self, BadLines, Example};
use crate::learn::train::dress::{Wardrobe, dress};
use crate::learn::train::fit::{self, TrainConfig};
use crate::model::Model;
use crate::text::{Undone, markup};
use crate::verdict::{Label, Verdict};

/// Corpora of ham, and those of spam.
pub(super) const HAM: [&str; 6] = [
    "vi_victsd",
    "vi_vihsd",
    "blog_haacked",
    "reddit_goemotions",
    "news_ucc",
    "vi_aivivn",
];
pub(super) const SPAM: [&str; 4] = [
    "youtube_spam_uci",
    "sms_spam_uci",
    "vi_smishing",
    "wp_comments",
];

/// Held-out rows of a corpus with one label, cleaned as the catalogue says.
pub(super) fn held_out(
    setting: &Setting<'_>,
    name: &str,
    label: Label,
) -> Result<Vec<Example>, TaskError> {
    let catalogue = Catalogue::read(&setting.training_data.join("corpora.toml"))?;
    let rows = setting.read(name)?.into_iter().filter(Example::is_held_out);
    let rows = rows.filter_map(|row| match catalogue.corpus(name) {
        Some(corpus) if corpus.ships => corpus.clean(row),
        _ => presumed_ham(name, row),
    });
    Ok(rows.filter(|row| row.label == Some(label)).collect())
}

/// Rows of corpora that may not ship but may measure.
fn presumed_ham(corpus: &str, mut row: Example) -> Option<Example> {
    let kind = row.kind.as_deref().unwrap_or("");
    if corpus == "vi_vihsd" {
        let reading = crate::text::read(&row.comment.text);
        let advert = !reading.phones.is_empty()
            || !reading.links.is_empty()
            || !reading.handles.is_empty()
            || reading.folded.contains("zalo")
            || reading.folded.split(' ').any(|w| w == "ib");
        if kind != "presumed_ham:CLEAN" || advert {
            return None;
        }
    }
    row.comment.text = markup::strip(&row.comment.text, &mut Undone::default())
        .text
        .into_owned();
    row.label = Some(Label::Ham);
    Some(row)
}

/// Rows as a blog sends them.
fn dressed(rows: &[Example]) -> Vec<Example> {
    on_all_cores(rows, |row| dress(row, Wardrobe::Judging, 0))
}

fn judge_all(model: &Model, rows: &[Example]) -> Vec<ScoredExample> {
    let one = |row: &Example| score_alone(model, row);
    on_all_cores(rows, one).into_iter().flatten().collect()
}

/// The order of scores for corpora that a model never saw, dressed.
pub(super) fn transfer(setting: &Setting<'_>) -> Result<Vec<Outcome>, TaskError> {
    let (training, rows, kinds) = setting.shipped_examples()?;
    let mut ham = Vec::new();
    for name in HAM {
        ham.extend(dressed(&held_out(setting, name, Label::Ham)?));
    }
    let catalogue = Catalogue::read(&setting.training_data.join("corpora.toml"))?;
    // The order of scores is all that counts here: nothing needs calibrating.
    let config = TrainConfig {
        folds: 0,
        ..setting.config.clone()
    };
    let names: Vec<&str> = SPAM.into_iter().chain(["blog_queues"]).collect();
    let models = in_parallel(names.len(), |at| {
        let is_of = |source: usize| training.taught[source].corpus() == names[at];
        let without = rows.iter().filter(|row| !is_of(row.source));
        fit::train(without, &kinds, &config, Vec::new(), &|_, _, _| ())
    });
    let mut outcomes = Vec::new();
    let mut areas = Vec::new();
    for (name, trained) in names.into_iter().zip(models) {
        let model = trained?.model;
        let spam = setting
            .read(name)?
            .into_iter()
            .filter_map(|row| catalogue.corpus(name).and_then(|corpus| corpus.clean(row)));
        let spam: Vec<Example> = spam.filter(|row| row.label == Some(Label::Spam)).collect();
        let mut judged = judge_all(&model, &ham);
        judged.extend(judge_all(&model, &dressed(&spam)));
        // Rows of the ham corpora have groups of their own, which no campaign of spam shares: each
        // row stands alone.
        judged.iter_mut().for_each(|row| row.group = None);
        let all: Vec<&ScoredExample> = judged.iter().collect();
        let found = figures::auc("transfer", format!("AUC {name}"), &all);
        // The queues are a world of their own: the mean is that of the corpora it always was.
        if name != "blog_queues" {
            areas.push(found.ours);
        }
        outcomes.push(found);
    }
    outcomes.push(figures::mean("transfer", "AUC, mean", &areas));
    Ok(outcomes)
}

/// Queue rows that attacks are tried on: a sample, or one corpus would be most of them.
const MOST_ATTACKED: usize = 600;

/// Held-out spam and ham under each attack.
pub(super) fn evasion(setting: &Setting<'_>) -> Result<Vec<Outcome>, TaskError> {
    const TASK: &str = "evasion";
    let (spam, ham) = attackable(setting)?;
    // Only spam that is caught as it is can be kept under attack.
    let is_caught = |row: &Example| score_alone(&setting.model, row).is_some_and(|j| is_spam(&j));
    let caught = on_all_cores(&spam, is_caught);
    let caught: Vec<Example> = spam
        .into_iter()
        .zip(caught)
        .filter_map(|(row, caught)| caught.then_some(row))
        .collect();
    let plain = Rate::count(&judge_all(&setting.model, &ham), is_spam);
    let plain_fp = plain.value().unwrap_or(0.0);
    let mut outcomes = vec![figures::share(TASK, "FP unattacked", plain)];
    outcomes[0].larger_is_better = false;
    for (at, attack) in ATTACKS.iter().enumerate() {
        (setting.progress)("attacking", at, ATTACKS.len());
        let kept = judge_attacked(&setting.model, attack, &caught);
        let name = format!("kept: {}", attack.name);
        outcomes.push(bars::EVASION.on(figures::share(TASK, name, Rate::count(&kept, is_spam))));
        for (language, judged) in by_language(kept, &caught) {
            let rate = Rate::count(&judged, is_spam);
            outcomes.push(figures::share(TASK, format!("  {language}"), rate));
        }
        let hit = judge_attacked(&setting.model, attack, &ham);
        let hit = Rate::count(&hit, is_spam);
        let found = figures::share(TASK, format!("FP: {}", attack.name), hit);
        outcomes.push(Outcome {
            // Good words before an honest comment make 2.2 times as many (30 November 2026); asked
            // for is twice.
            floor: Some(2.5 * plain_fp),
            asked: Some(2.0 * plain_fp),
            goal: Some(plain_fp),
            larger_is_better: false,
            ..found
        });
    }
    Ok(outcomes)
}

/// Held-out spam and ham that attacks are tried on, dressed.
fn attackable(setting: &Setting<'_>) -> Result<(Vec<Example>, Vec<Example>), TaskError> {
    let (mut spam, mut ham) = (Vec::new(), Vec::new());
    for name in SPAM.into_iter().chain(["blog_queues"]) {
        let mut rows = held_out(setting, name, Label::Spam)?;
        rows.sort_by_cached_key(|row| rapidhash::v3::rapidhash_v3(row.id.as_bytes()));
        spam.extend(rows.into_iter().take(MOST_ATTACKED));
    }
    let own = TrainingExamples::gather(
        &setting.training_data,
        None,
        HeldOut::Keep,
        setting.config.seed,
    )?;
    let own = |label| {
        let rows = own.examples.iter();
        rows.filter(move |row| row.is_held_out() && row.label == Some(label))
            .cloned()
    };
    spam.extend(own(Label::Spam));
    for name in HAM {
        // A sample: two dozen attacks on all of it would take minutes and tell the same.
        ham.extend(held_out(setting, name, Label::Ham)?.into_iter().take(800));
    }
    ham.extend(own(Label::Ham));
    Ok((dressed(&spam), dressed(&ham)))
}

fn judge_attacked(model: &Model, attack: &Attack, rows: &[Example]) -> Vec<ScoredExample> {
    let one = |row: &Example| {
        let mut row = row.clone();
        row.comment.text = (attack.apply)(&row.comment.text);
        score_alone(model, &row)
    };
    on_all_cores(rows, one).into_iter().flatten().collect()
}

/// Vietnamese and the rest. `judged` and `rows` stand side by side.
fn by_language(
    judged: Vec<ScoredExample>,
    rows: &[Example],
) -> BTreeMap<&'static str, Vec<ScoredExample>> {
    let mut by_language: BTreeMap<&str, Vec<ScoredExample>> = BTreeMap::new();
    for (judged, row) in judged.into_iter().zip(rows) {
        let language = match row.lang.as_deref() {
            Some("vi") => "vi",
            _ => "en",
        };
        by_language.entry(language).or_default().push(judged);
    }
    by_language
}

/// How far stated probabilities are from the shares of spam, and where errors lie.
pub(super) fn calibration(setting: &Setting<'_>) -> Result<Vec<Outcome>, TaskError> {
    const TASK: &str = "calibration";
    let (mut judged, mut bare) = (Vec::new(), Vec::new());
    for name in HAM.into_iter().chain(SPAM).chain(["blog_queues"]) {
        for label in [Label::Ham, Label::Spam] {
            let rows = held_out(setting, name, label)?;
            judged.extend(judge_all(&setting.model, &dressed(&rows)));
            bare.extend(judge_all(&setting.model, &rows));
        }
    }
    let errors = judged.iter().filter(|row| row.is_error());
    let in_unsure = Rate::count(errors, |row| row.verdict == Verdict::Unsure);
    let blogs = crate::learn::benchmark::blogs::judged(setting)?;
    let blogs: Vec<ScoredExample> = blogs
        .into_iter()
        .filter(|row| row.trusted)
        .map(|row| row.dressed)
        .collect();
    judged
        .iter_mut()
        .chain(&mut bare)
        .for_each(|row| row.group = None);
    Ok(vec![
        figures::calibration_error(TASK, "ECE, dressed", &judged),
        figures::calibration_error(TASK, "ECE, blogs left out", &blogs),
        figures::calibration_error(TASK, "bare: ECE", &bare),
        figures::share(TASK, "errors that are unsure", in_unsure),
    ])
}

/// Whether our own held-out spam is called what it is, by folder of the training data; verdicts
/// play no part.
pub(super) fn categories(setting: &Setting<'_>) -> Result<Vec<Outcome>, TaskError> {
    let mut named: BTreeMap<String, Vec<Named>> = BTreeMap::new();
    for file in catalogue::own_files(&setting.training_data)? {
        let folder = file.parent().and_then(|dir| dir.file_name());
        let folder = folder.unwrap_or_default().to_string_lossy().into_owned();
        let rows = corpus::read_all(&file, BadLines::Refuse)?;
        // A model without categories calls everything nothing, and misses its floors.
        let judged = rows
            .iter()
            .filter(|row| row.is_held_out())
            .filter_map(|row| match &setting.model.categories {
                Some(categories) => Named::of(categories, row),
                None => Named::unknown(row),
            });
        named.entry(folder).or_default().extend(judged);
    }
    let mut outcomes = Vec::new();
    for lang in ["vi", "en"] {
        let judged = named.remove(lang).unwrap_or_default();
        let found = Figures::of(&judged);
        let n = judged.len();
        let share = |name: &str, ours: f64, n: usize| {
            let interval = Some(wilson(ours, n.max(1) as f64));
            figures::outcome("categories", format!("{lang} {name}"), ours, interval, n)
        };
        let answered = (found.answered * n as f64).round() as usize;
        outcomes.extend([
            share("accuracy", found.accuracy, n),
            figures::outcome(
                "categories",
                format!("{lang} macro-F1"),
                found.macro_f1,
                None,
                n,
            ),
            share("share named", found.answered, n),
            share("right when named", found.precision, answered),
        ]);
    }
    Ok(outcomes)
}
