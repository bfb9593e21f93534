//! Rows in, counts of each feature in spam and in ham out. Counts can be added and subtracted as in
//! `model::counts`, but every bucket has a place, because training fills a third of them. It weighs
//! nothing.

use crate::features::{FEATURE_BITS, FeatureId, Field};
use crate::model::counts::Count;
use crate::verdict::Label;

use crate::learn::train::rows::Prepared;

/// Counts of every bucket, of comments, and of comments by the parts of a check they came with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tables {
    features: Vec<Count>,
    comments: Count,
    by_field: [Count; Field::COUNT],
}

impl Default for Tables {
    fn default() -> Self {
        Self {
            features: vec![Count::default(); 1 << FEATURE_BITS],
            comments: Count::default(),
            by_field: [Count::default(); Field::COUNT],
        }
    }
}

impl Tables {
    /// What [`Tables::sorted`], [`Tables::comments`] and [`Tables::by_field`] gave.
    pub(crate) fn of(
        sorted: impl IntoIterator<Item = (FeatureId, Count)>,
        comments: Count,
        by_field: [Count; Field::COUNT],
    ) -> Self {
        let mut tables = Self {
            comments,
            by_field,
            ..Self::default()
        };
        for (id, count) in sorted {
            if let Some(place) = tables.features.get_mut(id as usize) {
                *place = count;
            }
        }
        tables
    }

    /// Counts one comment.
    pub(crate) fn add(&mut self, row: &Prepared) {
        self.count(row, |count, label| *count.of(label) += 1);
    }

    /// Subtracts one that was counted.
    pub(crate) fn subtract(&mut self, row: &Prepared) {
        self.count(row, |count, label| *count.of(label) -= 1);
    }

    /// Of a copy, the text is not counted.
    fn count(&mut self, row: &Prepared, by: impl Fn(&mut Count, Label)) {
        let counts_text = !row.is_copy;
        if counts_text {
            by(&mut self.comments, row.label);
        }
        for (field, count) in self.by_field.iter_mut().enumerate() {
            let is_there = row.fields >> field & 1 == 1;
            if is_there && (counts_text || field != Field::Text as usize) {
                by(count, row.label);
            }
        }
        let content = row.content.iter().filter(|_| counts_text);
        for &id in content.chain(&row.signature).chain(&row.circumstance) {
            by(&mut self.features[id as usize], row.label);
        }
    }

    /// How many features of a comment stand in fewer comments than this.
    pub(crate) fn rarer(&self, row: &Prepared, comments: u32) -> usize {
        let counts = row.buckets().map(|id| self.features[id as usize]);
        counts.filter(|count| count.total() < comments).count()
    }

    /// Adds all that another has counted.
    pub(crate) fn merge(&mut self, other: &Self) {
        let counts = |tables: &Self| {
            let all = tables.features.iter().chain(&tables.by_field);
            all.chain([&tables.comments]).copied().collect::<Vec<_>>()
        };
        let mine = self.features.iter_mut().chain(&mut self.by_field);
        for (mine, theirs) in mine.chain([&mut self.comments]).zip(counts(other)) {
            mine.spam += theirs.spam;
            mine.ham += theirs.ham;
        }
    }

    /// Comments counted.
    pub(crate) fn comments(&self) -> Count {
        self.comments
    }

    /// Comments that came with each part of a check.
    pub(crate) fn by_field(&self) -> [Count; Field::COUNT] {
        self.by_field
    }

    /// All features that occur, in ascending order of bucket.
    pub(crate) fn sorted(&self) -> Vec<(FeatureId, Count)> {
        let all = self.features.iter().enumerate();
        all.filter(|(_, count)| count.total() > 0)
            .map(|(id, &count)| (id as FeatureId, count))
            .collect()
    }
}
