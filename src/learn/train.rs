//! Labelled examples in, a candidate model out: counts, naive Bayes, weights, calibration, cutoffs. Offline, deterministic: same input and seed, same bytes.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};

use rand::SeedableRng;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use serde::{Deserialize, Serialize};

use crate::comment::{Behaviour, BrowserClock, Comment, Honeypot, Nonce};
use crate::features::{FEATURE_BITS, FeatureId, Features, Kind};
use crate::model::calibrate::{self, Calibration, CutoffRates, Scored};
use crate::model::card::{Apart, Card, Figures, Taught};
use crate::model::counts::Count;
use crate::model::layers::Influence;
use crate::model::weights::{self, Evidence, Row, SolverOptions};
use crate::model::{Entry, Model, Settings, bayes, worst};
use crate::text::Language;
use crate::verdict::{Cutoffs, Label, Portrait, Unaided, Verdict, sigmoid};

use super::drift;
use super::evaluate::Judged;
use super::rows::Kinds;
use super::sample;
use super::tables::Tables;

pub use super::rows::{Prepared, Progress, Standing, prepare};

/// How a model is trained.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Recipe {
    /// Smoothing of the counts.
    pub alpha: f64,
    /// Penalty on errors, for a row of average length.
    pub cost: f64,
    /// What each factor is before rows pull it away: naive Bayes believed this far.
    pub prior: f32,
    /// The same for rows of letters, of which there are many more.
    pub gram_prior: f32,
    /// Rounds of the solver.
    pub epochs: usize,
    /// See `Settings::length_power`.
    pub length_power: f64,
    /// See `Settings::part_penalty`.
    pub part_penalty: f64,
    /// How much each spam comment counts once more with good words before it; 0 for not at all.
    pub padding: f32,
    /// Seed of everything random.
    pub seed: u64,
    /// Times a spam row counts more than its share when ham prevails, at most.
    pub most_balance: f64,
    /// How loudly each kind of feature speaks to the solver; those not named at 1.
    pub loudness: BTreeMap<Kind, f32>,
    /// Rows that weights, calibration and cutoffs are fitted on, at most: a sample by the hash of the text where there are more. Counts are of all.
    pub most_rows: usize,
    /// Features seen in fewer comments are not kept.
    pub fewest_comments: u32,
    /// Parts left out in turn for calibration.
    pub folds: u64,
    /// Where the cutoffs go.
    pub rates: CutoffRates,
}

impl Default for Recipe {
    fn default() -> Self {
        Self {
            alpha: 0.1,
            cost: 0.1,
            prior: 0.05,
            gram_prior: 0.005,
            epochs: 40,
            length_power: 0.0,
            part_penalty: 3.0,
            padding: 0.01,
            seed: 1,
            most_balance: 10.0,
            // There are ten rows of letters for each word. Honest people's texts come disguised too: through broken keyboards, proxies, fashion.
            loudness: BTreeMap::from([(Kind::Gram, 0.5), (Kind::Disguise, 0.15)]),
            most_rows: 40_000,
            fewest_comments: 1,
            folds: 4,
            rates: CutoffRates::default(),
        }
    }
}

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
    /// Its judgements on left-out comments, in the order of the rows.
    pub left_out: Vec<Judged>,
}

/// What a model is made of: counts of all comments, and the rows that weights, calibration and cutoffs are fitted on.
#[derive(Debug)]
pub(super) struct Material<'a> {
    /// Counts of all comments.
    pub(super) tables: Cow<'a, Tables>,
    /// All of them, or a sample.
    pub(super) rows: Vec<&'a Prepared>,
    pub(super) kinds: &'a Kinds,
    pub(super) taught: Vec<Taught>,
}

/// Trains a candidate: calibrated and cut on comments each fold did not see, then fitted on all.
pub fn train<'a>(
    rows: impl IntoIterator<Item = &'a Prepared>,
    kinds: &Kinds,
    recipe: &Recipe,
    taught: Vec<Taught>,
    progress: Progress<'_>,
) -> Result<Trained, TrainError> {
    let mut rows = once_each(rows);
    let mut tables = Tables::default();
    for row in &rows {
        tables.add(row);
    }
    sample::thin(&mut rows, recipe.most_rows);
    let material = Material {
        tables: Cow::Owned(tables),
        rows,
        kinds,
        taught,
    };
    train_on(material, recipe, progress)
}

/// The same from counts and rows that are there already.
pub(super) fn train_on(
    material: Material<'_>,
    recipe: &Recipe,
    progress: Progress<'_>,
) -> Result<Trained, TrainError> {
    let Material {
        tables,
        rows: all,
        kinds,
        taught,
    } = material;
    let Count { spam, ham } = tables.comments();
    if spam == 0 || ham == 0 {
        return Err(TrainError::OneClass { spam, ham });
    }
    let mut scored = Vec::with_capacity(all.len());
    let mut sources = Vec::with_capacity(all.len());
    let mut unknown = Vec::with_capacity(all.len());
    for fold in 0..recipe.folds {
        progress(
            "checking on left-out parts",
            fold as usize,
            recipe.folds as usize + 1,
        );
        let inside = |row: &&Prepared| (row.skeleton >> 7) % recipe.folds == fold;
        let part: Vec<&Prepared> = all.iter().copied().filter(|row| !inside(row)).collect();
        let mut rest = Tables::clone(&tables);
        for row in all.iter().filter(|row| inside(row)) {
            rest.subtract(row);
        }
        let fitted = fit(&part, &rest, kinds, recipe);
        sources.extend(all.iter().copied().filter(inside).map(|row| row.source));
        unknown.extend(all.iter().copied().filter(inside).map(|row| {
            let unknown = rest.rarer(row, recipe.fewest_comments.max(1));
            (row.ids.len() as u32, unknown as u32)
        }));
        scored.extend(all.iter().copied().filter(inside).map(|row| Scored {
            raw: fitted.raw(row, recipe.length_power, recipe.part_penalty),
            language: row.language,
            label: row.label,
            prevalence: row.prevalence,
        }));
    }
    progress(
        "fitting the whole",
        recipe.folds as usize,
        recipe.folds as usize + 1,
    );
    let fitted = fit(&all, &tables, kinds, recipe);
    let calibration = Calibration::fit(&thin_out_ham(&scored));
    let for_all = calibrate::cutoffs(&scored, &calibration, None, recipe.rates)
        .unwrap_or(Cutoffs::UNMEASURED);
    let cutoffs = Language::GROUPS.map(|language| {
        calibrate::cutoffs(&scored, &calibration, Some(language), recipe.rates).unwrap_or(for_all)
    });
    let settings = Settings {
        comments: tables.by_field(),
        bias: fitted.bias,
        length_power: recipe.length_power,
        part_penalty: recipe.part_penalty,
        calibration,
        cutoffs,
        influence: Influence::default(),
    };
    let mut entries: Vec<Entry> = tables
        .sorted()
        .into_iter()
        .filter(|(_, count)| count.total() >= recipe.fewest_comments)
        .map(|(id, count)| Entry {
            id,
            count,
            weight: fitted.weights[id as usize],
        })
        .collect();
    suppose_behaviour(&mut entries, calibration.slope);
    let mut card = Card::unsaved(recipe.seed);
    let mut left_out = judge(&scored, &settings);
    for (judged, &source) in left_out.iter_mut().zip(&sources) {
        judged.group = taught.get(source).map(|taught| {
            taught
                .name
                .rsplit_once('/')
                .map_or(taught.name.as_str(), |(folder, _)| folder)
                .to_owned()
        });
    }
    (card.spam, card.ham, card.features, card.corpora) = (spam, ham, entries.len(), taught);
    card.left_out = Some(figures(&left_out));
    (card.portraits, card.apart) = portraits(&left_out, &unknown);
    Ok(Trained {
        model: Model::new(card, settings, entries),
        left_out,
    })
}

/// What the behaviour in a form means before labels say better, in log-odds: no corpus records it. The hidden field is one that no person sees (some
/// programs that fill in forms do); a form that was never loaded, or that no script ran in, happens to people with a stale page or a text browser.
const SUPPOSED: [(Behaviour, f64); 3] = [
    (
        Behaviour {
            honeypot: Some(Honeypot::Filled),
            ..NOTHING_SEEN
        },
        6.0,
    ),
    (
        Behaviour {
            nonce: Some(Nonce::Failed),
            ..NOTHING_SEEN
        },
        1.0,
    ),
    (
        Behaviour {
            browser_clock: Some(BrowserClock::Silent),
            ..NOTHING_SEEN
        },
        0.5,
    ),
];

const NOTHING_SEEN: Behaviour = Behaviour {
    honeypot: None,
    nonce: None,
    key_presses: None,
    browser_clock: None,
};

/// Adds what is supposed to what rows have shown; where rows have shown something, that stands.
fn suppose_behaviour(entries: &mut Vec<Entry>, slope: f64) {
    for (behaviour, log_odds) in SUPPOSED {
        let seen = Features::of(&Comment {
            behaviour,
            ..Comment::default()
        });
        for feature in seen.items.iter().filter(|f| f.kind == Kind::Behaviour) {
            if entries.iter().all(|entry| entry.id != feature.id) {
                entries.push(Entry {
                    id: feature.id,
                    count: Count::default(),
                    weight: (log_odds / slope) as f32,
                });
            }
        }
    }
}

/// Near-duplicates with the same label count once: fifty copies of one text are one opinion.
fn once_each<'a>(rows: impl IntoIterator<Item = &'a Prepared>) -> Vec<&'a Prepared> {
    let mut seen = HashSet::new();
    rows.into_iter()
        .filter(|row| row.weight > 0.0 && seen.insert((row.skeleton, row.label)))
        .collect()
}

/// A fitted score function, before calibration.
pub(super) struct Fitted {
    pub(super) weights: Vec<f32>,
    pub(super) bias: f64,
}

impl Fitted {
    pub(super) fn raw(&self, row: &Prepared, length_power: f64, part_penalty: f64) -> f64 {
        let sum = |ids: &[FeatureId]| -> f64 {
            ids.iter()
                .map(|&id| f64::from(self.weights[id as usize]))
                .sum()
        };
        let ends = row.parts.iter().skip(1).map(|&end| end as usize);
        let (everywhere, text) = row
            .ids
            .split_at(row.parts.first().map_or(row.ids.len(), |&at| at as usize));
        let first = everywhere.len();
        let mut from = 0;
        let evidence = worst::Evidence {
            everywhere: self.bias + sum(everywhere),
            parts: ends
                .map(|end| end - first)
                .chain((!row.parts.is_empty()).then_some(text.len()))
                .map(|end| sum(&text[std::mem::replace(&mut from, end)..end]))
                .collect(),
        };
        evidence.sum(part_penalty) / (row.ids.len().max(1) as f64).powf(length_power)
    }
}

fn fit(rows: &[&Prepared], tables: &Tables, kinds: &Kinds, recipe: &Recipe) -> Fitted {
    let comments = tables.by_field();
    let features = tables.sorted();
    let comments_of = |id| comments[kinds.field(id) as usize];
    let ratios = bayes::fit(&features, comments_of, recipe.alpha);
    let buckets = 1_usize << FEATURE_BITS;
    let mut evidence: Vec<Evidence> = vec![[0.0; 2]; buckets];
    let mut weights = vec![0.0_f32; buckets];
    for (&(id, count), &ratio) in features.iter().zip(&ratios) {
        let loud = kinds
            .of(id)
            .and_then(|kind| recipe.loudness.get(&kind))
            .copied()
            .unwrap_or(1.0);
        let without = |count: Count, own: Label| {
            let rest = match own {
                Label::Spam => Count {
                    spam: count.spam.saturating_sub(1),
                    ..count
                },
                Label::Ham => Count {
                    ham: count.ham.saturating_sub(1),
                    ..count
                },
            };
            bayes::log_ratio(rest, comments_of(id), recipe.alpha) as f32 * loud
        };
        evidence[id as usize] = [without(count, Label::Ham), without(count, Label::Spam)];
        weights[id as usize] = ratio as f32 * loud;
    }
    let all = tables.comments();
    let balance = (f64::from(all.ham) / f64::from(all.spam.max(1)))
        .clamp(1.0 / recipe.most_balance, recipe.most_balance);
    let scale_of =
        |row: &Prepared| 1.0 / (row.ids.len().max(1) as f64).powf(2.0 * recipe.length_power);
    let solver_rows: Vec<Row<'_>> = rows
        .iter()
        .map(|row| {
            let class = match row.label {
                Label::Spam => balance.max(1.0),
                Label::Ham => (1.0 / balance).max(1.0),
            };
            Row {
                weight: (f64::from(row.weight) * class * scale_of(row)) as f32,
                ids: &row.ids,
                label: row.label,
            }
        })
        .collect();
    let padded = padded(rows, recipe);
    let padded_rows = padded.iter().map(|(at, ids)| Row {
        weight: solver_rows[*at].weight * recipe.padding,
        ids,
        label: Label::Spam,
    });
    let solver_rows: Vec<Row<'_>> = solver_rows.iter().copied().chain(padded_rows).collect();
    let prior: Vec<f32> = kinds
        .all()
        .map(|kind| {
            if kind == Some(Kind::Gram) {
                recipe.gram_prior
            } else {
                recipe.prior
            }
        })
        .collect();
    let options = SolverOptions {
        cost: recipe.cost,
        epochs: recipe.epochs,
        tolerance: 0.01,
        seed: recipe.seed,
    };
    let (factors, bias) = weights::solve(&solver_rows, &evidence, prior, &options, |_| {});
    for (weight, factor) in weights.iter_mut().zip(&factors) {
        *weight *= factor;
    }
    Fitted { weights, bias }
}

/// Every spam comment once more, behind a sentence or two of an honest one in its language: what its features are then, and its place among the rows.
/// The solver learns from them that good words do not excuse; nothing is counted.
fn padded(rows: &[&Prepared], recipe: &Recipe) -> Vec<(usize, Vec<FeatureId>)> {
    if recipe.padding <= 0.0 {
        return Vec::new();
    }
    let mut random = StdRng::seed_from_u64(recipe.seed);
    let donors = Language::GROUPS.map(|language| {
        let honest = rows.iter().filter(|row| {
            row.label == Label::Ham
                && row.language.group() == language
                && row.parts.len() > PADDING_PARTS
        });
        honest.collect::<Vec<_>>()
    });
    let spam = rows
        .iter()
        .enumerate()
        .filter(|(_, row)| row.label == Label::Spam);
    spam.filter_map(|(at, row)| {
        let of_language = Language::GROUPS
            .iter()
            .position(|l| *l == row.language.group())?;
        let donor = donors[of_language].choose(&mut random)?;
        let (from, to) = (donor.parts[0] as usize, donor.parts[PADDING_PARTS] as usize);
        let mut ids = [&row.ids, &donor.ids[from..to]].concat();
        ids.sort_unstable();
        ids.dedup();
        Some((at, ids))
    })
    .collect()
}

/// Parts of an honest comment put before a spam comment.
const PADDING_PARTS: usize = 2;

/// Probabilities are stated for a stream with at most this many ham per spam; a model trained on a hundred times more ham would doubt all spam.
const HAM_PER_SPAM: usize = 6;

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

fn judge(scored: &[Scored], settings: &Settings) -> Vec<Judged> {
    scored
        .iter()
        .map(|s| {
            let log_odds = settings.calibration.log_odds(s.raw, s.language);
            Judged {
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

/// How left-out comments looked, by language.
type Portraits = BTreeMap<String, Portrait>;

/// How far single corpora lie apart, by language and verdict.
type ApartBy = BTreeMap<String, BTreeMap<Verdict, Apart>>;

/// How left-out comments looked, and how far single corpora lie apart among them. `features` are those of each comment, and of them the ones its fold had
/// never seen: a few more than the whole has never seen.
fn portraits(judged: &[Judged], features: &[(u32, u32)]) -> (Portraits, ApartBy) {
    let mut by_source: BTreeMap<&str, BTreeMap<Option<&str>, Portrait>> = BTreeMap::new();
    for (judged, &(features, unknown)) in judged.iter().zip(features) {
        let sources = by_source.entry(judged.lang.code()).or_default();
        let source = sources.entry(judged.group.as_deref()).or_default();
        source.add(&Unaided {
            log_odds: judged.log_odds,
            verdict: judged.verdict,
            features,
            unknown,
        });
    }
    let (mut portraits, mut all_apart) = (Portraits::new(), ApartBy::new());
    for (lang, sources) in by_source {
        let sources: Vec<Portrait> = sources.into_values().collect();
        let portrait = portraits.entry(lang.to_owned()).or_default();
        sources.iter().for_each(|source| *portrait += *source);
        let apart = drift::apart(&sources);
        if !apart.is_empty() {
            all_apart.insert(lang.to_owned(), apart);
        }
    }
    (portraits, all_apart)
}

pub(super) fn figures(judged: &[Judged]) -> Figures {
    let found = super::evaluate::Figures::of(&judged.iter().collect::<Vec<_>>());
    Figures {
        comments: found.n,
        false_positives: found.false_positives.value(),
        missed_spam: found.missed_spam.value(),
        unsure: found.unsure.value(),
        auc: found.roc_auc.map(|e| e.value),
        calibration_error: found.calibration_error,
    }
}
