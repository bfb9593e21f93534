//! Labelled examples in, a candidate model out: counts, naive Bayes, weights, calibration, cutoffs.
//! Deterministic: same input and seed, same bytes. It never changes the live model.

use std::borrow::Cow;
use std::collections::HashSet;

use crate::features::View;
use crate::learn::metrics::figures::ScoredExample;
use crate::learn::train::behaviour_prior::suppose_behaviour;
use crate::learn::train::cross_validation::{Tried, leave_out};
use crate::learn::train::experts::{self, Fitted};
use crate::learn::train::feature_counts::Tables;
use crate::learn::train::left_out_figures::{figures, portraits};
use crate::learn::train::rows::Kinds;
use crate::learn::train::sample;
use crate::model::calibrate::{self, Calibration, Scored};
use crate::model::card::{Card, Taught};
use crate::model::counts::Count;
use crate::model::layers::Influence;
use crate::model::{Entry, Model, Settings};
use crate::verdict::{Cutoffs, Label, sigmoid};

pub use crate::learn::train::config::TrainConfig;
pub use crate::learn::train::rows::{Prepared, Progress, RowMeta, prepare};

/// What training cannot do without.
#[derive(Debug, thiserror::Error)]
pub enum TrainError {
    /// A class is missing.
    #[error("there is nothing to learn from: {spam} spam and {ham} ham comments; both are needed")]
    OneClass {
        /// Spam comments found.
        spam: u32,
        /// Ham comments found.
        ham: u32,
    },
}

/// A candidate, and how it judged the comments each fold left out.
pub struct Trained {
    /// The model, not yet saved.
    pub model: Model,
    /// Its judgements on left-out comments, fold by fold: not in the order of the rows.
    pub left_out: Vec<ScoredExample>,
}

/// What a model is made of: counts of all comments, and the rows that weights, calibration and
/// cutoffs are fitted on.
#[derive(Debug)]
pub(crate) struct Material<'a> {
    /// Counts of all comments.
    pub(crate) tables: Cow<'a, Tables>,
    /// All of them, or a sample.
    pub(crate) rows: Vec<&'a Prepared>,
    pub(crate) kinds: &'a Kinds,
    pub(crate) taught: Vec<Taught>,
}

/// Trains a candidate: calibrated and cut on comments each fold did not see, then fitted on all.
/// `kinds` are those that [`prepare`] found with the rows, and `taught[row.source]` is where a row
/// came from; it may be empty. `progress` is called with steps done and steps in all.
///
/// # Errors
///
/// If the rows hold no spam or no ham.
pub fn train<'a>(
    rows: impl IntoIterator<Item = &'a Prepared>,
    kinds: &Kinds,
    config: &TrainConfig,
    taught: Vec<Taught>,
    progress: Progress<'_>,
) -> Result<Trained, TrainError> {
    let once = once_each(rows);
    let mut rows: Vec<&Prepared> = once.iter().map(Cow::as_ref).collect();
    let mut tables = Tables::default();
    for row in &rows {
        tables.add(row);
    }
    sample::thin(&mut rows, config.most_rows);
    let material = Material {
        tables: Cow::Owned(tables),
        rows,
        kinds,
        taught,
    };
    train_on(material, config, progress)
}

/// The same from counts and rows that are there already.
///
/// # Errors
///
/// If the counts hold no spam or no ham.
pub(crate) fn train_on(
    material: Material<'_>,
    config: &TrainConfig,
    progress: Progress<'_>,
) -> Result<Trained, TrainError> {
    let Material {
        tables,
        rows,
        kinds,
        taught,
    } = material;
    let Count { spam, ham } = tables.comments();
    if spam == 0 || ham == 0 {
        return Err(TrainError::OneClass { spam, ham });
    }
    let best = best_power(&rows, &tables, kinds, config, progress);
    let scored = best.scored();
    let fitted = experts::fit(&rows, &tables, kinds, config, best.power).stacked(&best.stack);
    let settings = settings(&fitted, &tables, &scored, config);
    let entries = entries(&fitted, &tables, settings.calibration.slope, config);
    let mut left_out = judge(&scored, &settings);
    for (judged, row) in left_out.iter_mut().zip(&best.rows) {
        judged.group = taught.get(row.source).map(group_of);
    }
    let mut card = Card::unsaved(config.seed);
    (card.spam, card.ham, card.features, card.corpora) = (spam, ham, entries.len(), taught);
    card.left_out = Some(figures(&left_out));
    (card.portraits, card.apart) = portraits(&left_out, &best.unknown);
    Ok(Trained {
        model: Model::new(card, settings, entries),
        left_out,
    })
}

/// Tries each content power on left-out folds; the one with the least log loss is taken, the first
/// of equals. The rows alone do not tell which is best: short texts of one site need a smaller
/// power than the queues of many blogs (docs/DECISIONS.md, "Content is divided by a power of its
/// length").
fn best_power<'a>(
    rows: &[&'a Prepared],
    tables: &Tables,
    kinds: &Kinds,
    config: &TrainConfig,
    progress: Progress<'_>,
) -> Tried<'a> {
    let folds = config.folds as usize;
    let tries = config.content_powers.len().max(1) * folds;
    let steps = tries + 1;
    let mut tried: Vec<Tried<'_>> = Vec::new();
    for (at, &power) in config.content_powers.iter().enumerate() {
        let before = at * folds;
        let report = |done: usize| progress("checking on left-out parts", before + done, steps);
        tried.push(leave_out(rows, tables, kinds, config, power, &report));
    }
    progress("fitting the whole", tries, steps);
    tried
        .into_iter()
        .min_by(|a, b| a.log_loss.total_cmp(&b.log_loss))
        .unwrap_or_default()
}

/// All numbers of a model that do not belong to one feature. Calibration and cutoffs come from
/// left-out rows, because a model looks surer than it is on rows that it learnt.
fn settings(fitted: &Fitted, tables: &Tables, scored: &[Scored], config: &TrainConfig) -> Settings {
    let calibration = Calibration::fit(&thin_out_ham(scored));
    let of_all = calibrate::cutoffs(scored, &calibration, config.rates);
    let of_all = of_all.unwrap_or(Cutoffs::UNMEASURED);
    let cutoffs = calibrate::cutoffs_by_language(scored, &calibration, config.rates, of_all);
    Settings {
        comments: tables.by_field(),
        bias: fitted.bias,
        length_power: 0.0,
        content_power: fitted.content_power,
        foreign_words: fitted.foreign_words,
        signature_bias: fitted.signature_bias,
        echo: fitted.echo,
        name_alone: fitted.name_alone,
        // `REACH` is in log-odds and the sums of views are in raw units.
        reach: REACH.map(|reach| reach / calibration.slope),
        part_penalty: fitted.part_penalty,
        calibration,
        cutoffs,
        influence: Influence::default(),
    }
}

/// One entry for each feature that enough comments have, in ascending order of ids, and after them
/// what is assumed of forms.
fn entries(fitted: &Fitted, tables: &Tables, slope: f64, config: &TrainConfig) -> Vec<Entry> {
    let mut entries: Vec<Entry> = tables
        .sorted()
        .into_iter()
        .filter(|(_, count)| count.total() >= config.fewest_comments)
        .map(|(id, count)| Entry {
            id,
            count,
            weight: fitted.weights[id as usize],
        })
        .collect();
    suppose_behaviour(&mut entries, slope);
    entries
}

/// The group of a row from its source. Files of our own comments stand together by language; of the
/// rest each source, a blog or a corpus, stands by itself.
fn group_of(source: &Taught) -> String {
    let own = source.name.strip_prefix("training-data/");
    match own.and_then(|name| name.split_once('/')) {
        Some((folder, _)) => format!("training-data/{folder}"),
        None => source.name.clone(),
    }
}

/// How far each view may move a score, in log-odds, in the order of `View::ALL`. Text, links,
/// contacts and shape have no limit; name and home page have a wide one. Sender, browser and page
/// say little by themselves, whatever labels have seen so far. The form may add the 6 log-odds of a
/// filled hidden field (docs/DECISIONS.md, "Facts about the form have assumed weights"). An
/// approved person counts a little, and an operator's list never decides alone.
const REACH: [f64; View::ALL.len()] = [
    f64::INFINITY,
    f64::INFINITY,
    f64::INFINITY,
    f64::INFINITY,
    12.0,
    4.0,
    1.5,
    1.5,
    6.0,
    2.5,
    2.0,
];

/// Near-duplicates with the same label count once: fifty copies of one text are one opinion. With
/// other signatures they are further opinions, about the signatures alone.
fn once_each<'a>(rows: impl IntoIterator<Item = &'a Prepared>) -> Vec<Cow<'a, Prepared>> {
    let (mut seen, mut seen_texts) = (HashSet::new(), HashSet::new());
    rows.into_iter()
        .filter(|row| row.weight > 0.0 && seen.insert((row.likeness, row.label)))
        .map(|row| {
            let is_copy = !seen_texts.insert((row.skeleton, row.label));
            if is_copy == row.is_copy {
                return Cow::Borrowed(row);
            }
            let mut row = row.clone();
            row.is_copy = is_copy;
            Cow::Owned(row)
        })
        .collect()
}

/// Probabilities are calibrated for a stream with at most this many ham for each spam. With a
/// hundred times more ham in training, all spam would look doubtful.
const HAM_PER_SPAM: usize = 6;

/// All spam, and every n-th ham, so that there are few enough of them.
fn thin_out_ham(scored: &[Scored]) -> Vec<Scored> {
    let spam = scored
        .iter()
        .filter(|s| s.label == Label::Spam)
        .count()
        .max(1);
    let ham = scored.len() - spam.min(scored.len());
    let keep_every = (ham / (spam * HAM_PER_SPAM)).max(1);
    let mut seen = 0;
    scored
        .iter()
        .filter(|s| {
            s.label == Label::Spam || {
                seen += 1;
                seen % keep_every == 0
            }
        })
        .copied()
        .collect()
}

/// What a model of these settings says of rows by their raw scores.
fn judge(scored: &[Scored], settings: &Settings) -> Vec<ScoredExample> {
    scored
        .iter()
        .map(|s| {
            let log_odds = settings.calibration.log_odds(s.raw, s.language);
            ScoredExample {
                label: s.label,
                log_odds,
                probability: sigmoid(log_odds),
                verdict: settings.cutoffs(s.language).judge(log_odds),
                lang: s.language,
                group: None,
            }
        })
        .collect()
}
