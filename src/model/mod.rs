//! Features in, a score and its reasons out: naive Bayes, re-weighted offline, corrected live, calibrated. Pure once loaded.
//!
//! `log_odds = offset(language) + slope * length(n) * (bias + sum over features of base(f) + belief(kind) * live(f))`
//!
//! or, where that is worse, the same sum over the worst part of a long text, less a penalty (`worst`);
//!
//! - `base(f) = u(f) * r(f)`: evidence fitted by linfa-bayes (`bayes`), believed as far as `weights` found;
//! - `live(f)`: what labels since then change about `r(f)` (`layers`), a sum over counts and so exactly reversible;
//! - `slope` and `offset` turn it into log-odds that mean what they say (`calibrate`).

pub mod bayes;
pub mod calibrate;
pub mod card;
pub mod categories;
pub mod counts;
pub mod layers;
pub mod promotion;
pub mod pull;
pub mod shelf;
mod unaided;
pub mod weights;
pub mod worst;

use serde::{Deserialize, Serialize};

use crate::features::{FEATURE_BITS, FeatureId, Features, Field, Kind, Reason};
use crate::text::Language;
use crate::verdict::{Carried, Clue, Cutoffs, Layer};
use calibrate::Calibration;
use card::Card;
use categories::Categories;
use counts::{Count, Counts};
use layers::{Balanced, Influence, Live, live_evidence};

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
    /// What the worst part of a long text must exceed the whole by, to be what counts (`worst`).
    pub part_penalty: f64,
    /// Raw score to log-odds.
    pub calibration: Calibration,
    /// By language, in the order of `Language::GROUPS`.
    pub cutoffs: [Cutoffs; 3],
    /// How labels weigh.
    pub influence: Influence,
}

impl Settings {
    /// A model that knows nothing: all it will ever say comes from labels.
    pub fn cold() -> Self {
        Self {
            comments: [Count::default(); Field::COUNT],
            bias: 0.0,
            length_power: 0.5,
            part_penalty: f64::INFINITY,
            calibration: Calibration {
                slope: 2.5,
                ..Calibration::IDENTITY
            },
            cutoffs: [Cutoffs::UNMEASURED; 3],
            influence: Influence::default(),
        }
    }

    /// Cutoffs for a language.
    pub fn cutoffs(&self, language: Language) -> &Cutoffs {
        match language {
            Language::Vietnamese => &self.cutoffs[0],
            Language::English => &self.cutoffs[1],
            Language::Undetermined | Language::Other(_) => &self.cutoffs[2],
        }
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

    /// Scores a comment's features under the model and the labels since.
    pub fn score(&self, features: &Features, live: Live<'_>) -> Score {
        let influence = &self.settings.influence;
        let shared = Balanced::of(live.shared, influence.shared_label);
        let site = live
            .site
            .map(|site| Balanced::of(site, influence.site_label));
        let quiet = live.shared.is_empty() && live.site.is_none_or(Counts::is_empty);
        let mut evidence = worst::Evidence {
            everywhere: self.settings.bias,
            parts: vec![0.0; features.parts()],
        };
        let mut known = 0;
        let mut spoken: Vec<Spoken> = Vec::with_capacity(features.items.len());
        // All weights are fetched before any is looked at: the tables are larger than the caches, and a fetch need not wait for the one before.
        let weights: Vec<i16> = features
            .items
            .iter()
            .map(|feature| self.weights[feature.id as usize])
            .collect();
        let (mut in_base, mut in_shared, mut in_site) = (Vec::new(), Vec::new(), Vec::new());
        if !quiet {
            in_base = features
                .items
                .iter()
                .map(|feature| self.counts[feature.id as usize])
                .collect();
            in_shared = shared.of_all(&features.items);
            in_site = site.map_or_else(Vec::new, |site| site.of_all(&features.items));
        }
        for (at, (feature, weight)) in features.items.iter().zip(weights).enumerate() {
            let weight = f64::from(weight) * f64::from(self.unit);
            let part = if evidence.parts.is_empty() {
                None
            } else {
                features.part_of(feature)
            };
            let mut speak = |weight: f64, layer: Layer| {
                match part {
                    Some(part) => evidence.parts[part] += weight,
                    None => evidence.everywhere += weight,
                }
                spoken.push(Spoken {
                    weight,
                    at: at as u32,
                    part: part.map_or(EVERYWHERE, |part| part as u8),
                    layer,
                });
            };
            let mut is_known = weight != 0.0;
            let mut base = weight;
            let mut by_labels = None;
            let belief = influence
                .belief
                .get(feature.kind as usize)
                .copied()
                .unwrap_or(0.0);
            if !quiet && belief > 0.0 {
                let of_site = site.as_ref().map(|site| (site, in_site[at]));
                if let Some(evidence) = live_evidence(
                    feature.kind,
                    uncap(in_base[at]),
                    self.settings.comments[feature.kind.field() as usize],
                    (&shared, in_shared[at]),
                    of_site,
                    influence,
                ) {
                    base = evidence.base(weight, belief);
                    by_labels = Some((belief * evidence.shared, belief * evidence.site));
                    is_known = true;
                }
            }
            if base != 0.0 {
                speak(base, Layer::Base);
            }
            if let Some((shared, site)) = by_labels {
                speak(shared, Layer::Shared);
                speak(site, Layer::Site);
            }
            known += usize::from(is_known);
        }
        if self.is_cold() {
            evidence.everywhere += layers::bias_of_labels(live, influence);
        }
        let length = 1.0 / (features.items.len().max(1) as f64).powf(self.settings.length_power);
        let worst = evidence.worst(self.settings.part_penalty);
        let raw = worst.map_or(evidence.whole(), |(_, worst)| worst) * length;
        let log_odds = self.settings.calibration.log_odds(raw, features.language);
        let factor = self.settings.calibration.slope * length;
        let (mut strongest, mut carried) = (Strongest::default(), Carried::default());
        for Spoken {
            weight,
            at,
            part,
            layer,
        } in spoken
        {
            let is_heard = part == EVERYWHERE
                || worst.is_none_or(|(from, _)| {
                    (from..from + worst::WINDOW).contains(&usize::from(part))
                });
            if is_heard {
                let at = at as usize;
                match layer {
                    Layer::Base => carried.base += weight.abs(),
                    Layer::Shared => carried.shared += weight.abs(),
                    Layer::Site => carried.site += weight.abs(),
                }
                strongest.offer(at, weight, layer, features.items[at].kind);
            }
        }
        let clues: Vec<Clue> = strongest.into_clues(features, factor);
        let rest = log_odds - clues.iter().map(|clue| clue.weight).sum::<f64>();
        let all = carried.base + carried.shared + carried.site;
        if all > 0.0 {
            for part in [&mut carried.base, &mut carried.shared, &mut carried.site] {
                *part /= all;
            }
        }
        Score {
            raw,
            log_odds,
            clues,
            rest,
            known,
            carried,
        }
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

/// One contribution to the sum; small, for there are hundreds.
struct Spoken {
    weight: f64,
    /// Place of its feature.
    at: u32,
    /// Part of the text it stands in, or [`EVERYWHERE`]; there are at most 64 (`features::parts`).
    part: u8,
    layer: Layer,
}

/// What speaks of the whole comment.
const EVERYWHERE: u8 = u8::MAX;

/// Keeps the few strongest contributions.
#[derive(Default)]
struct Strongest {
    kept: [Option<(f64, f64, usize, Layer)>; MOST_CLUES],
    floor: f64,
}

impl Strongest {
    #[inline]
    fn offer(&mut self, at: usize, weight: f64, layer: Layer, kind: Kind) {
        // A row of letters says less to a reader than a word of the same weight.
        let rank = weight.abs() * if kind == Kind::Gram { 0.3 } else { 1.0 };
        if rank <= self.floor {
            return;
        }
        let place = self
            .kept
            .iter()
            .position(|kept| kept.is_none_or(|(other, ..)| other < rank));
        if let Some(place) = place {
            self.kept[place..].rotate_right(1);
            self.kept[place] = Some((rank, weight, at, layer));
            self.floor = self.kept[MOST_CLUES - 1].map_or(0.0, |(rank, ..)| rank);
        }
    }

    fn into_clues(self, features: &Features, factor: f64) -> Vec<Clue> {
        self.kept
            .into_iter()
            .flatten()
            .map(|(_, weight, at, layer)| {
                let Reason { en, vi, text } = features.reason(&features.items[at]);
                Clue {
                    reason: en,
                    reason_vi: vi,
                    text,
                    weight: weight * factor,
                    layer,
                }
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::comment::Comment;
    use crate::verdict::Label;

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
        assert_eq!(score.clues.len(), MOST_CLUES);
        assert!(score.log_odds > 1.0);
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
