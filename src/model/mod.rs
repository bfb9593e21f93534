//! Features in, a score and its reasons out: naive Bayes, re-weighted offline, corrected live, calibrated. Pure once loaded.
//!
//! `log_odds = offset(language) + slope * (bias + sum over views v of evidence(v))`, where the evidence of a view is the sum over its features of
//! `base(f) + belief(kind) * live(f)`, within the view's reach; of the content, `base` is divided by a power of its length (`evidence`)
//!
//! or, where that is worse, the same sum over the worst part of a long text, less a penalty (`evidence`);
//!
//! - `base(f) = u(f) * r(f)`: evidence fitted by linfa-bayes (`bayes`), believed as far as `weights` found;
//! - `live(f)`: what labels since then change about `r(f)` (`layers`), a sum over counts and so exactly reversible;
//! - `slope` and `offset` turn it into log-odds that mean what they say (`calibrate`).

pub mod bayes;
pub mod calibrate;
pub mod card;
pub mod categories;
pub mod counts;
mod deal;
pub mod evidence;
mod explain;
pub mod layers;
pub mod promotion;
pub mod pull;
mod score;
pub mod shelf;
pub mod stack;
mod unaided;
pub mod weights;

use serde::{Deserialize, Serialize};

use crate::features::{FEATURE_BITS, FeatureId, Field, View};
use crate::text::Language;
use crate::verdict::{Carried, Clue, Cutoffs};
use calibrate::Calibration;
use card::Card;
use categories::Categories;
use counts::Count;
use layers::Influence;

pub use crate::verdict::MOST_CLUES;

/// What a comment scored.
#[derive(Debug, Clone, PartialEq)]
pub struct Score {
    /// Before calibration.
    pub raw: f64,
    /// Calibrated log-odds of spam.
    pub log_odds: f64,
    /// Strongest clues, strongest first.
    pub clues: Vec<Clue>,
    /// What everything else adds; clues and rest sum to `log_odds`.
    pub rest: f64,
    /// Features the model or a label knows.
    pub known: usize,
    /// How much of the evidence each layer carried.
    pub carried: Carried,
    /// Whether labels had anything to say. If not, the score is the model's own.
    pub is_labelled: bool,
    /// What labels say of its links, numbers and addresses, in log-odds: who they belong to has been told spam or ham before.
    pub identities: f64,
}

/// A trained model, ready to score.
#[derive(Debug, Clone)]
pub struct Model {
    /// Its identity and history.
    pub card: Card,
    /// What is not per feature.
    pub settings: Settings,
    /// What tells one kind of spam from another; `None` for a model that was never taught any.
    pub categories: Option<Categories>,
    /// `u(f) * r(f)` by bucket, in units of `unit`; `2^FEATURE_BITS` of them. As small as they are in the file, so that more of them fit into the caches.
    weights: Vec<i16>,
    unit: f32,
    /// Training counts by bucket, capped at 65,535: their ratio and strength are what live labels correct.
    counts: Vec<[u16; 2]>,
}

/// A model's figures that are not per feature.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// Comments trained on that came with each part of a check, in the order of `Field`.
    pub comments: [Count; Field::COUNT],
    /// Constant of the raw score.
    pub bias: f64,
    /// The raw score is divided by `max(features, 1)^length_power`: 0 adds evidence up, 1 averages it.
    pub length_power: f64,
    /// The content's trained evidence is divided by its features to this power: 0 adds up, 1 averages.
    pub content_power: f64,
    /// What the trained evidence of words may add at most in a language that nobody taught.
    pub foreign_words: f64,
    /// Constant of a signature, where a comment has one.
    pub signature_bias: f64,
    /// How far the text's evidence is believed of the words of a signature with a home page.
    pub echo: f64,
    /// How far the trained weights of a signature are believed of a name alone; with a home page they are believed as they are.
    pub name_alone: f64,
    /// How far each view may move the raw score, in the order of `View`: a sender or a list alone makes spam of nothing. The text and what stands in it
    /// have no such bound.
    pub reach: [f64; View::ALL.len()],
    /// What the worst part of a long text must exceed the whole by, to be what counts (`evidence`).
    pub part_penalty: f64,
    /// Raw score to log-odds.
    pub calibration: Calibration,
    /// By language, in the order of `Language::GROUPS`.
    pub cutoffs: [Cutoffs; Language::GROUPS.len()],
    /// How labels weigh.
    pub influence: Influence,
}

impl Settings {
    /// A model that knows nothing: all it will ever say comes from labels.
    pub fn cold() -> Self {
        let calibration = Calibration {
            slope: 2.5,
            ..Calibration::IDENTITY
        };
        let mut reach = [f64::INFINITY; View::ALL.len()];
        reach[View::Listed as usize] = 2.0 / calibration.slope;
        Self {
            comments: [Count::default(); Field::COUNT],
            bias: 0.0,
            length_power: 0.5,
            content_power: 0.0,
            foreign_words: 0.0,
            signature_bias: 0.0,
            echo: 0.0,
            name_alone: 1.0,
            reach,
            part_penalty: f64::INFINITY,
            calibration,
            cutoffs: [Cutoffs::UNMEASURED; Language::GROUPS.len()],
            influence: Influence::default(),
        }
    }

    /// Cutoffs for a language.
    pub fn cutoffs(&self, language: Language) -> &Cutoffs {
        &self.cutoffs[language.group_at()]
    }
}

/// One feature as a model keeps it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Entry {
    /// Bucket.
    pub id: FeatureId,
    /// Training counts.
    pub count: Count,
    /// `u(f) * r(f)`.
    pub weight: f32,
}

impl Model {
    /// Builds a model from its parts.
    pub fn new(card: Card, settings: Settings, entries: impl IntoIterator<Item = Entry>) -> Self {
        let entries: Vec<Entry> = entries.into_iter().collect();
        let unit = unit_of(&entries);
        let rounded = entries.into_iter().map(|entry| RoundedEntry {
            id: entry.id,
            count: cap(entry.count),
            // What is a hundred times louder than nearly all others is cut; `as` saturates.
            weight: (entry.weight / unit).round() as i16,
        });
        Self::of_rounded(card, settings, unit, rounded)
    }

    /// The same from entries as a file keeps them.
    fn of_rounded(
        card: Card,
        settings: Settings,
        unit: f32,
        entries: impl IntoIterator<Item = RoundedEntry>,
    ) -> Self {
        let buckets = 1_usize << FEATURE_BITS;
        let mut model = Self {
            card,
            settings,
            categories: None,
            weights: vec![0; buckets],
            unit,
            counts: vec![[0; 2]; buckets],
        };
        for entry in entries {
            let Some(weight) = model.weights.get_mut(entry.id as usize) else {
                continue;
            };
            *weight = entry.weight;
            model.counts[entry.id as usize] = entry.count;
        }
        model
    }

    /// A model that knows nothing yet and learns from labels alone.
    pub fn cold() -> Self {
        Self::new(Card::cold(), Settings::cold(), [])
    }

    /// Whether it was never trained: all it says comes from labels, its bias too.
    fn is_cold(&self) -> bool {
        self.settings.comments[Field::Text as usize].total() == 0
    }

    /// All features it keeps, ascending.
    pub fn entries(&self) -> impl Iterator<Item = Entry> + '_ {
        self.rounded_entries().map(|entry| Entry {
            id: entry.id,
            count: uncap(entry.count),
            weight: f32::from(entry.weight) * self.unit,
        })
    }

    fn rounded_entries(&self) -> impl Iterator<Item = RoundedEntry> + '_ {
        self.weights
            .iter()
            .zip(&self.counts)
            .enumerate()
            .filter(|(_, (weight, count))| **weight != 0 || **count != [0; 2])
            .map(|(id, (&weight, &count))| RoundedEntry {
                id: id as FeatureId,
                count,
                weight,
            })
    }
}

/// One feature as tables and files keep it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct RoundedEntry {
    id: FeatureId,
    count: [u16; 2],
    weight: i16,
}

/// Steps that nearly all weights are rounded to, each way.
const WEIGHT_STEPS: f32 = 2_047.0;

/// Weights that may be louder than that: a few hand-set ones must not coarsen all others.
const LOUDEST: usize = 8;

fn unit_of(entries: &[Entry]) -> f32 {
    let mut loudest: Vec<f32> = entries.iter().map(|e| e.weight.abs()).collect();
    let place = LOUDEST.min(loudest.len().saturating_sub(1));
    if loudest.is_empty() {
        return 1.0;
    }
    let (_, &mut loud, _) = loudest.select_nth_unstable_by(place, |a, b| b.total_cmp(a));
    if loud > 0.0 { loud / WEIGHT_STEPS } else { 1.0 }
}

fn cap(count: Count) -> [u16; 2] {
    let cap = |n: u32| u16::try_from(n).unwrap_or(u16::MAX);
    [cap(count.spam), cap(count.ham)]
}

fn uncap([spam, ham]: [u16; 2]) -> Count {
    Count {
        spam: u32::from(spam),
        ham: u32::from(ham),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::comment::Comment;
    use crate::features::Features;
    use crate::verdict::Label;
    use counts::Counts;
    use layers::Live;

    fn score(model: &Model, text: &str, labels: &Counts) -> Score {
        let features = Features::of(&Comment::from_text(text));
        model.score(
            &features,
            Live {
                shared: labels,
                site: Some(labels),
            },
        )
    }

    #[test]
    fn clues_and_rest_add_up() {
        let mut labels = Counts::default();
        let features = Features::of(&Comment::from_text("vay tiền nhanh"));
        labels.add(&features.ids(), Label::Spam);
        let score = score(&Model::cold(), "vay tiền nhanh trong ngày", &labels);
        let sum: f64 = score.clues.iter().map(|c| c.weight).sum();
        assert!((sum + score.rest - score.log_odds).abs() < 1e-9);
        let words: Vec<&str> = score.clues.iter().map(|c| c.text.as_str()).collect();
        assert!(words.contains(&"vay tiền nhanh"), "{words:?}");
        assert!(score.clues.len() <= MOST_CLUES && score.log_odds > 1.0);
    }

    #[test]
    fn a_taken_back_label_leaves_the_old_score() {
        let mut labels = Counts::default();
        let model = Model::cold();
        labels.add(
            &Features::of(&Comment::from_text("hay quá")).ids(),
            Label::Ham,
        );
        let before = score(&model, "vay tiền hay quá", &labels);
        let ids = Features::of(&Comment::from_text("vay tiền")).ids();
        labels.add(&ids, Label::Spam);
        assert!(score(&model, "vay tiền hay quá", &labels).log_odds > before.log_odds);
        labels.subtract(&ids, Label::Spam);
        assert_eq!(score(&model, "vay tiền hay quá", &labels), before);
    }

    #[test]
    fn scores_are_finite_for_any_length() {
        let text = "vay tiền ".repeat(20_000);
        assert!(
            score(&Model::cold(), &text, &Counts::default())
                .log_odds
                .is_finite()
        );
        assert!(
            score(&Model::cold(), "", &Counts::default())
                .log_odds
                .is_finite()
        );
    }
}
