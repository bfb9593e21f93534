//! Entries of features in, the tables of a model out, and back. A model is its card, its settings,
//! and what it keeps for each bucket. This file neither scores nor reads files.

use super::card::Card;
use super::categories::Categories;
use super::counts::Count;
use super::settings::Settings;
use crate::features::{FEATURE_BITS, FeatureId, Field};

/// A trained model, ready to score.
#[derive(Debug, Clone)]
pub struct Model {
    /// Its identity and history.
    pub card: Card,
    /// Figures that do not belong to single features.
    pub settings: Settings,
    /// What tells one category of spam from another; `None` for a model that was not taught any.
    pub categories: Option<Categories>,
    /// `u(f) * r(f)` in units of `unit`: `2^FEATURE_BITS` numbers, one for each bucket. They are
    /// 16-bit, as in the file, so that more of them fit into the caches.
    pub(super) weights: Vec<i16>,
    pub(super) unit: f32,
    /// Training counts `[spam, ham]` in comments, one pair for each bucket, capped at 65,535.
    /// Labels correct the ratio and the strength that follow from them.
    pub(super) counts: Vec<[u16; 2]>,
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
            // `as` saturates: a weight of more than 32,767 units, sixteen times the largest of
            // nearly all others, is cut to that.
            weight: (entry.weight / unit).round() as i16,
        });
        Self::of_rounded(card, settings, unit, rounded)
    }

    /// The same from entries as a file keeps them. Entries beyond the last bucket are ignored.
    pub(super) fn of_rounded(
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

    /// Whether it was never trained. Then all its evidence comes from labels, and its bias too.
    pub(super) fn is_cold(&self) -> bool {
        self.settings.comments[Field::Text as usize].total() == 0
    }

    /// All features it keeps, in ascending order of bucket.
    pub fn entries(&self) -> impl Iterator<Item = Entry> + '_ {
        self.rounded_entries().map(|entry| Entry {
            id: entry.id,
            count: uncap(entry.count),
            weight: f32::from(entry.weight) * self.unit,
        })
    }

    pub(super) fn rounded_entries(&self) -> impl Iterator<Item = RoundedEntry> + '_ {
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
pub(super) struct RoundedEntry {
    pub(super) id: FeatureId,
    pub(super) count: [u16; 2],
    pub(super) weight: i16,
}

/// Nearly all weights are rounded to this many steps on each side of 0.
const WEIGHT_STEPS: f32 = 2_047.0;

/// This many weights may be larger than that: a few weights that were set by hand must not make the
/// steps of all others coarser.
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

pub(super) fn uncap([spam, ham]: [u16; 2]) -> Count {
    Count {
        spam: u32::from(spam),
        ham: u32::from(ham),
    }
}
