//! Labelled comments in, counts out: in how many spam and ham comments each feature was. Counts can
//! be added, subtracted and merged in any order, and nothing else ever changes them.
//!
//! A label may be divided over the views of its comment (`model::deal`). So features are counted in
//! sixteenths of a comment. These are whole numbers, and their sums are exact.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use serde::{Deserialize, Serialize};

use crate::features::{FeatureId, Shares, View};
use crate::verdict::Label;

/// How often something was seen with each label. The unit depends on the place: comments, or
/// sixteenths of a comment ([`Counts::of`]).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Count {
    /// In spam comments.
    pub spam: u32,
    /// In ham comments.
    pub ham: u32,
}

impl Count {
    /// Comments of both labels.
    pub fn total(self) -> u32 {
        self.spam + self.ham
    }

    /// The part of one label.
    pub fn of(&mut self, label: Label) -> &mut u32 {
        match label {
            Label::Spam => &mut self.spam,
            Label::Ham => &mut self.ham,
        }
    }
}

/// Counts per feature, in sixteenths of a comment ([`Shares::WHOLE`]), and of whole comments. The
/// table is sparse: it holds no feature without a label, and subtracting the last comment leaves
/// nothing in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    features: HashMap<FeatureId, Count, BuildHasherDefault<SpreadId>>,
    comments: Count,
    /// Number of features of all comments of a label, as `[ham, spam]`.
    features_in: [u64; 2],
}

impl Counts {
    /// Counts one comment whole. `ids` are its buckets, each once.
    pub fn add(&mut self, ids: &[FeatureId], label: Label) {
        self.add_dealt(ids, &Shares::ALL, label);
    }

    /// Counts one comment. A feature adds the share of its view, in sixteenths.
    pub fn add_dealt(&mut self, ids: &[FeatureId], shares: &Shares, label: Label) {
        *self.comments.of(label) += 1;
        self.features_in[label as usize] += ids.len() as u64;
        for &id in ids {
            let share = shares.of(View::of(id));
            if share > 0 {
                *self.features.entry(id).or_default().of(label) += share;
            }
        }
    }

    /// Subtracts one comment that was added whole. Afterwards the counts are as before it was
    /// added.
    pub fn subtract(&mut self, ids: &[FeatureId], label: Label) {
        self.subtract_dealt(ids, &Shares::ALL, label);
    }

    /// Subtracts one comment that was added with these shares. Afterwards the counts are as before
    /// it was added.
    pub fn subtract_dealt(&mut self, ids: &[FeatureId], shares: &Shares, label: Label) {
        let comments = self.comments.of(label);
        *comments = comments.saturating_sub(1);
        let features_in = &mut self.features_in[label as usize];
        *features_in = features_in.saturating_sub(ids.len() as u64);
        for &id in ids {
            if let Some(count) = self.features.get_mut(&id) {
                let part = count.of(label);
                *part = part.saturating_sub(shares.of(View::of(id)));
                if count.total() == 0 {
                    self.features.remove(&id);
                }
            }
        }
    }

    /// Adds the counts of another.
    pub fn merge(&mut self, other: &Self) {
        self.comments.spam += other.comments.spam;
        self.comments.ham += other.comments.ham;
        for (mine, theirs) in self.features_in.iter_mut().zip(other.features_in) {
            *mine += theirs;
        }
        for (&id, count) in &other.features {
            let mine = self.features.entry(id).or_default();
            mine.spam += count.spam;
            mine.ham += count.ham;
        }
    }

    /// The count of one feature, in sixteenths of a comment.
    #[inline]
    pub fn of(&self, id: FeatureId) -> Count {
        self.features.get(&id).copied().unwrap_or_default()
    }

    /// Comments counted.
    pub fn comments(&self) -> Count {
        self.comments
    }

    /// How many more features a spam comment has than a ham comment, on average. `few` imagined
    /// comments of each label with the mean number of features of all are counted beside them, so
    /// that the first labels do not decide.
    pub fn longer_spam(&self, few: f64) -> f64 {
        let [ham, spam] = self.features_in.map(|n| n as f64);
        let all = f64::from(self.comments.total());
        if all == 0.0 {
            return 0.0;
        }
        let mean = (ham + spam) / all;
        let of =
            |features: f64, comments: u32| (features + few * mean) / (f64::from(comments) + few);
        of(spam, self.comments.spam) - of(ham, self.comments.ham)
    }

    /// Memory it takes, in bytes. The hash table is at most seven eighths full, its number of
    /// places is a power of two, and each place has one byte of its own beside the entry.
    pub fn bytes(&self) -> usize {
        let places = (self.features.capacity() * 8 / 7).next_power_of_two();
        size_of::<Self>() + places * (size_of::<(FeatureId, Count)>() + 1)
    }

    /// Number of different features.
    pub fn len(&self) -> usize {
        self.features.len()
    }

    /// Whether nothing is counted.
    pub fn is_empty(&self) -> bool {
        self.features.is_empty() && self.comments.total() == 0
    }

    /// All features with their counts, in ascending order of bucket.
    pub fn sorted(&self) -> Vec<(FeatureId, Count)> {
        let mut all: Vec<_> = self
            .features
            .iter()
            .map(|(&id, &count)| (id, count))
            .collect();
        all.sort_unstable_by_key(|&(id, _)| id);
        all
    }
}

/// The hasher of the table. Buckets are hashes already, so one multiplication is enough.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct SpreadId(u64);

impl Hasher for SpreadId {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.write_u32(u32::from(byte));
        }
    }

    fn write_u32(&mut self, id: u32) {
        // Fibonacci hashing: the factor is 2^64 over the golden ratio. The high bits of a product
        // are mixed best, and the table takes its place from the low bits, so the high ones are
        // turned down.
        self.0 = (self.0 ^ u64::from(id))
            .wrapping_mul(0x9e37_79b9_7f4a_7c15)
            .rotate_left(26);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Buckets of two views, the share of the label for each, and the label.
    fn labelled() -> impl Strategy<Value = (Vec<FeatureId>, Shares, Label)> {
        let bucket = (0_u32..200, any::<bool>())
            .prop_map(|(bucket, is_linked)| bucket + u32::from(is_linked) * View::Links.start());
        let ids = proptest::collection::btree_set(bucket, 0..30)
            .prop_map(|set| set.into_iter().collect());
        let shares = (0_u8..=16, 0_u8..=16).prop_map(|(text, links)| {
            let part = |sixteenths: u8| f64::from(sixteenths) / 16.0;
            Shares::ALL
                .with(View::Text, part(text))
                .with(View::Links, part(links))
        });
        (
            ids,
            shares,
            prop_oneof![Just(Label::Ham), Just(Label::Spam)],
        )
    }

    proptest! {
        #[test]
        fn learn_then_undo_is_identity(history in proptest::collection::vec(labelled(), 0..20), (ids, shares, label) in labelled()) {
            let mut counts = Counts::default();
            for (ids, shares, label) in &history {
                counts.add_dealt(ids, shares, *label);
            }
            let before = counts.clone();
            counts.add_dealt(&ids, &shares, label);
            counts.subtract_dealt(&ids, &shares, label);
            prop_assert_eq!(counts, before);
        }

        #[test]
        fn the_order_of_labels_does_not_matter(history in proptest::collection::vec(labelled(), 0..20).prop_shuffle()) {
            let mut forwards = Counts::default();
            let mut backwards = Counts::default();
            history.iter().for_each(|(ids, shares, label)| forwards.add_dealt(ids, shares, *label));
            history.iter().rev().for_each(|(ids, shares, label)| backwards.add_dealt(ids, shares, *label));
            prop_assert_eq!(forwards, backwards);
        }

        #[test]
        fn counting_in_parts_and_merging_is_counting_at_once(history in proptest::collection::vec(labelled(), 0..20), cut in 0_usize..20) {
            let mut whole = Counts::default();
            let (mut left, mut right) = (Counts::default(), Counts::default());
            for (at, (ids, shares, label)) in history.iter().enumerate() {
                whole.add_dealt(ids, shares, *label);
                if at < cut { left.add_dealt(ids, shares, *label) } else { right.add_dealt(ids, shares, *label) }
            }
            left.merge(&right);
            prop_assert_eq!(left, whole);
        }
    }
}
