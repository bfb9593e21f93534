//! Labelled examples in, a candidate model out: counts, naive Bayes, weights, calibration, cutoffs. Offline, deterministic: same input and seed, same bytes.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};

use serde::{Deserialize, Serialize};

use crate::comment::{Behaviour, BrowserClock, Comment, Honeypot, Nonce};
use crate::features::{Features, Kind, View};
use crate::model::calibrate::{self, Calibration, CutoffRates, Scored};
use crate::model::card::{Apart, Card, Figures, Taught};
use crate::model::counts::Count;
use crate::model::layers::Influence;
use crate::model::stack::{Opinions, Stack};
use crate::model::{Entry, Model, Settings};
use crate::verdict::{BaseScore, Cutoffs, Label, ScoreProfile, Verdict, sigmoid};

use super::drift;
use super::evaluate::Judged;
use super::experts;
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
    /// Penalty on errors; of rows that are divided by their length it is as much larger as they are smaller.
    pub cost: f64,
    /// What each factor is before rows pull it away: naive Bayes believed this far.
    pub prior: f32,
    /// The same for character n-grams, of which there are many more.
    pub gram_prior: f32,
    /// The same for words of the signature.
    pub signature_prior: f32,
    /// Penalty on errors of the signature's rows.
    pub signature_cost: f64,
    /// What `Settings::content_power` may be: the one whose log loss on left-out parts is least is taken. Short texts of one site want less than the
    /// queues of many blogs (docs/DECISIONS.md, "Length").
    pub content_powers: Vec<f64>,
    /// What words and bias of a text in an untaught language may say together, in log-odds of the content's expert.
    pub foreign_words: f64,
    /// Spam comments with one home page, or else one linked domain, that count in full; more count less each. 0 for no bound.
    pub most_of_campaign: f64,
    /// The same for the comments of one blog with one label.
    pub most_of_group: f64,
    /// How far at most the two labels of one language are weighed against each other, so that its share of spam is nearer to that of all; 1 for not at all.
    pub most_of_language: f64,
    /// Rounds of the solver.
    pub epochs: usize,
    /// See `Settings::part_penalty`.
    pub part_penalty: f64,
    /// How much each spam comment counts once more with good words before it; 0 for not at all.
    pub padding: f32,
    /// Whether rows are dressed as a blog would send them before they teach (`learn::dress`).
    pub dress: bool,
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
            alpha: 0.5,
            cost: 0.1,
            prior: 0.05,
            gram_prior: 0.005,
            signature_prior: 0.05,
            signature_cost: 0.1,
            content_powers: vec![0.35, 0.2],
            foreign_words: -0.6,
            most_of_campaign: 10.0,
            most_of_group: 500.0,
            most_of_language: 4.0,
            epochs: 40,
            part_penalty: 3.0,
            padding: 0.01,
            dress: true,
            seed: 1,
            most_balance: 10.0,
            // There are ten rows of letters for each word. Honest people's texts come disguised too: through broken keyboards, proxies, fashion.
            loudness: BTreeMap::from([
                (Kind::Gram, 0.5),
                (Kind::SignedGram, 0.5),
                (Kind::Disguise, 0.15),
                (Kind::HomeShape, 0.5),
            ]),
            most_rows: 80_000,
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
    let once = once_each(rows);
    let mut rows: Vec<&Prepared> = once.iter().map(Cow::as_ref).collect();
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
    let tries = recipe.content_powers.len().max(1) * recipe.folds as usize;
    let steps = tries + 1;
    let mut tried: Vec<Tried<'_>> = Vec::new();
    for (at, &power) in recipe.content_powers.iter().enumerate() {
        let before = at * recipe.folds as usize;
        let report = |done: usize| progress("checking on left-out parts", before + done, steps);
        tried.push(leave_out(&all, &tables, kinds, recipe, power, &report));
    }
    progress("fitting the whole", tries, steps);
    let Tried {
        power,
        stack,
        rows: left_out_rows,
        opinions,
        unknown,
        ..
    } = tried
        .into_iter()
        .min_by(|a, b| a.log_loss.total_cmp(&b.log_loss))
        .unwrap_or_default();
    let sources: Vec<usize> = left_out_rows.iter().map(|row| row.source).collect();
    let scored: Vec<Scored> = left_out_rows
        .iter()
        .zip(&opinions)
        .map(|(row, said)| Scored {
            raw: stack.raw(said),
            language: row.language,
            label: row.label,
            prevalence: row.prevalence,
        })
        .collect();
    let fitted = experts::fit(&all, &tables, kinds, recipe, power).stacked(&stack);
    let calibration = Calibration::fit(&thin_out_ham(&scored));
    let of_all = calibrate::cutoffs(&scored, &calibration, recipe.rates);
    let of_all = of_all.unwrap_or(Cutoffs::UNMEASURED);
    let cutoffs = calibrate::cutoffs_by_language(&scored, &calibration, recipe.rates, of_all);
    let settings = Settings {
        comments: tables.by_field(),
        bias: fitted.bias,
        length_power: 0.0,
        content_power: fitted.content_power,
        foreign_words: fitted.foreign_words,
        signature_bias: fitted.signature_bias,
        echo: fitted.echo,
        name_alone: fitted.name_alone,
        reach: REACH.map(|reach| reach / calibration.slope),
        part_penalty: fitted.part_penalty,
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
            // Files of our own comments stand together by language; of the rest each source, a blog or a corpus, stands by itself.
            let own = taught.name.strip_prefix("training-data/");
            let folder = own.and_then(|name| name.split_once('/'));
            match folder {
                Some((folder, _)) => format!("training-data/{folder}"),
                None => taught.name.clone(),
            }
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

/// What experts said of rows that they did not learn.
struct Tried<'a> {
    /// The content power it was tried with.
    power: f64,
    stack: Stack,
    log_loss: f64,
    rows: Vec<&'a Prepared>,
    opinions: Vec<Opinions>,
    /// Features of each row, and how many of them its fold had never seen.
    unknown: Vec<(u32, u32)>,
}

impl Default for Tried<'_> {
    fn default() -> Self {
        Self {
            power: 0.0,
            stack: Stack::PLAIN,
            log_loss: f64::INFINITY,
            rows: Vec::new(),
            opinions: Vec::new(),
            unknown: Vec::new(),
        }
    }
}

/// Has each fold judged by experts that did not learn it, as many folds at once as there are cores.
fn leave_out<'a>(
    all: &[&'a Prepared],
    tables: &Tables,
    kinds: &Kinds,
    recipe: &Recipe,
    power: f64,
    report: &dyn Fn(usize),
) -> Tried<'a> {
    let judge_fold = |fold: u64| {
        let (inside, part): (Vec<&Prepared>, Vec<&Prepared>) =
            all.iter().partition(|row| row.fold(recipe.folds) == fold);
        let mut rest = Tables::clone(tables);
        inside.iter().for_each(|row| rest.subtract(row));
        let fitted = experts::fit(&part, &rest, kinds, recipe, power);
        let opinions: Vec<Opinions> = inside.iter().map(|row| fitted.opinions(row)).collect();
        let unknown: Vec<(u32, u32)> = inside
            .iter()
            .map(|row| {
                let unknown = rest.rarer(row, recipe.fewest_comments.max(1));
                (row.len() as u32, unknown as u32)
            })
            .collect();
        (inside, opinions, unknown)
    };
    let folds: Vec<u64> = (0..recipe.folds).collect();
    let mut tried = Tried {
        power,
        ..Tried::default()
    };
    for some in folds.chunks(cores()) {
        report(some[0] as usize);
        let judge_fold = &judge_fold;
        let done = std::thread::scope(|scope| {
            let running: Vec<_> = some
                .iter()
                .map(|&fold| scope.spawn(move || judge_fold(fold)))
                .collect();
            running
                .into_iter()
                .map(|fold| fold.join().expect("fitting does not panic"))
                .collect::<Vec<_>>()
        });
        for (inside, opinions, unknown) in done {
            tried.rows.extend(inside);
            tried.opinions.extend(opinions);
            tried.unknown.extend(unknown);
        }
    }
    let said = tried.rows.iter().zip(&tried.opinions);
    let said: Vec<(Opinions, Label, f32)> = said
        .map(|(row, said)| (*said, row.label, row.weight))
        .collect();
    tried.stack = Stack::fit(&said);
    tried.log_loss = tried.stack.log_loss(&said);
    tried
}

/// How far each view may move a score, in log-odds, in the order of `View::ALL`. Text, links, contacts and shape have no bound, name and home page a wide one.
/// Who sent it, by what browser, to which page says little by itself, whatever labels have seen so far. Whoever was approved before is believed a little, and a list of
/// the operator never decides alone.
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

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
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

/// Near-duplicates with the same label count once: fifty copies of one text are one opinion. Under other signatures these are further opinions, of the
/// signatures alone.
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
type Portraits = BTreeMap<String, ScoreProfile>;

/// How far single corpora lie apart, by language and verdict.
type ApartBy = BTreeMap<String, BTreeMap<Verdict, Apart>>;

/// How left-out comments looked, and how far single corpora lie apart among them. `features` are those of each comment, and of them the ones its fold had
/// never seen: a few more than the whole has never seen.
fn portraits(judged: &[Judged], features: &[(u32, u32)]) -> (Portraits, ApartBy) {
    let mut by_source: BTreeMap<&str, BTreeMap<Option<&str>, ScoreProfile>> = BTreeMap::new();
    for (judged, &(features, unknown)) in judged.iter().zip(features) {
        let sources = by_source.entry(judged.lang.group().code()).or_default();
        let source = sources.entry(judged.group.as_deref()).or_default();
        source.add(&BaseScore {
            log_odds: judged.log_odds,
            verdict: judged.verdict,
            features,
            unknown,
        });
    }
    let (mut portraits, mut all_apart) = (Portraits::new(), ApartBy::new());
    for (lang, sources) in by_source {
        let sources: Vec<ScoreProfile> = sources.into_values().collect();
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
