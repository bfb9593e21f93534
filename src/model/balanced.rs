//! Counts of labels in, weighted counts out, as if there were as many of each kind. Counts are read
//! and never changed.

use super::counts::{Count, Counts};
use crate::features::{Feature, Kind, Shares};

/// Live counts brought to equal class sizes, so that a site with nineteen spam in twenty comments
/// does not take every word for spam.
#[derive(Debug, Clone, Copy)]
pub(super) struct Balanced<'a> {
    counts: &'a Counts,
    spam_scale: f64,
    ham_scale: f64,
}

/// Comments of each class imagined beside the real ones, so that the first few labels do not tip
/// the balance.
pub(super) const IMAGINED: f64 = 2.0;

impl<'a> Balanced<'a> {
    pub(super) fn of(counts: &'a Counts, label_weight: f64) -> Self {
        let comments = counts.comments();
        let (spam, ham) = (
            f64::from(comments.spam) + IMAGINED,
            f64::from(comments.ham) + IMAGINED,
        );
        let half = (spam + ham) / 2.0;
        Self {
            counts,
            spam_scale: label_weight * half / spam,
            ham_scale: label_weight * half / ham,
        }
    }

    /// What is counted for each feature, looked up in one go: the table is larger than the caches,
    /// and no look-up need wait for the sums between.
    pub(super) fn of_all(&self, features: &[Feature]) -> Vec<Count> {
        features
            .iter()
            .map(|feature| self.counts.of(feature.id))
            .collect()
    }

    /// Weighted spam and ham counts of a feature, those of the imagined comments with them, and the
    /// weight of the real ones; `None` where nobody labelled it.
    #[inline]
    pub(super) fn weigh(&self, count: Count, usual: Usual) -> Option<Weighed> {
        (count.total() > 0).then(|| {
            let [in_spam, in_ham] = usual.in_imagined(self.counts.comments(), count);
            let [spam, ham] = comments_of(count);
            Weighed {
                spam: (spam + in_spam) * self.spam_scale,
                ham: (ham + in_ham) * self.ham_scale,
                labels: spam * self.spam_scale + ham * self.ham_scale,
            }
        })
    }
}

/// A live count, which is in sixteenths, in comments: `[spam, ham]`.
fn comments_of(count: Count) -> [f64; 2] {
    [count.spam, count.ham].map(|sixteenths| f64::from(sixteenths) / f64::from(Shares::WHOLE))
}

/// A feature's labels in one layer, weighted.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Weighed {
    pub(super) spam: f64,
    pub(super) ham: f64,
    pub(super) labels: f64,
}

/// How often the imagined comments have a feature. Without it, twelve labels that are all spam make
/// spam of whatever all comments have: their page, a browser.
#[derive(Debug, Clone, Copy)]
pub(super) enum Usual {
    /// As often as the model's comments of each label, as `[spam, ham]`.
    OfModel([f64; 2]),
    /// As often as all labelled comments: the model never saw the part of a check that it is about,
    /// and every comment may have it.
    OfLabels,
    /// Never: a word that the model never saw is this comment's own.
    Never,
}

impl Usual {
    pub(super) fn of(kind: Kind, base: Count, base_comments: Count) -> Self {
        // No model saw the operator's lists, and a long one meets honest comments too: what all
        // labelled comments meet says nothing.
        if kind == Kind::Listed {
            return Self::OfLabels;
        }
        if base_comments.spam == 0 || base_comments.ham == 0 {
            return if kind.is_of_all_comments() {
                Self::OfLabels
            } else {
                Self::Never
            };
        }
        let rate = |with: u32, all: u32| f64::from(with) / f64::from(all);
        Self::OfModel([
            rate(base.spam, base_comments.spam),
            rate(base.ham, base_comments.ham),
        ])
    }

    fn in_imagined(self, comments: Count, count: Count) -> [f64; 2] {
        match self {
            Self::OfModel(rates) => rates.map(|rate| IMAGINED * rate),
            Self::OfLabels => {
                let all = f64::from(comments.total()) + 2.0 * IMAGINED;
                let [spam, ham] = comments_of(count);
                [IMAGINED * (spam + ham) / all; 2]
            }
            Self::Never => [0.0; 2],
        }
    }
}
