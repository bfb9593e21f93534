//! Counts of labels in, weighted counts out, as if both labels had been given equally often. Counts
//! are read and never changed.

use super::counts::{Count, Counts};
use crate::features::{Feature, Kind, Shares};

/// Counts of one layer of labels, scaled to classes of equal size. Without that, a site with
/// nineteen spam labels of twenty would take every word for spam.
#[derive(Debug, Clone, Copy)]
pub(super) struct Balanced<'a> {
    counts: &'a Counts,
    spam_scale: f64,
    ham_scale: f64,
}

/// Imagined comments of each class beside the labelled ones, so that the first few labels do not
/// tip the balance (docs/DECISIONS.md, "The smoothing of labels knows how common a feature is").
pub(super) const IMAGINED: f64 = 2.0;

impl<'a> Balanced<'a> {
    pub(super) fn of(counts: &'a Counts, label_weight: f64) -> Self {
        let comments = counts.comments();
        let (spam, ham) = (
            f64::from(comments.spam) + IMAGINED,
            f64::from(comments.ham) + IMAGINED,
        );
        // Both classes are scaled to the mean of their sizes: all labels together keep their
        // weight.
        let half = (spam + ham) / 2.0;
        Self {
            counts,
            spam_scale: label_weight * half / spam,
            ham_scale: label_weight * half / ham,
        }
    }

    /// The counts of each feature, in the order of `features`. They are looked up in one loop: the
    /// table is larger than the caches, and this way no look-up waits for the sums between.
    pub(super) fn of_all(&self, features: &[Feature]) -> Vec<Count> {
        features
            .iter()
            .map(|feature| self.counts.of(feature.id))
            .collect()
    }

    /// Weighted counts of a feature, in comments. Those of the imagined comments are in `spam` and
    /// `ham`, and not in `labels`. `None` where no label has the feature.
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

/// A count of labels, which is in sixteenths of a comment, as comments: `[spam, ham]`.
fn comments_of(count: Count) -> [f64; 2] {
    [count.spam, count.ham].map(|sixteenths| f64::from(sixteenths) / f64::from(Shares::WHOLE))
}

/// A feature's labels in one layer, weighted, in comments.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Weighed {
    pub(super) spam: f64,
    pub(super) ham: f64,
    pub(super) labels: f64,
}

/// How often the imagined comments have a feature. If they had none, twelve labels that are all
/// spam would make spam of what all comments have: their page, a browser.
#[derive(Debug, Clone, Copy)]
pub(super) enum Usual {
    /// As often as the model's training comments of each label: shares `[spam, ham]`, 0 to 1.
    OfModel([f64; 2]),
    /// As often as all labelled comments. For a kind whose field no training comment had, and which
    /// every comment may have.
    OfLabels,
    /// Never. For a kind whose field no training comment had, and which belongs to few comments,
    /// such as a word.
    Never,
}

impl Usual {
    pub(super) fn of(kind: Kind, base: Count, base_comments: Count) -> Self {
        // No model is trained on evidence lists, and a long list matches honest comments too. A
        // list that matches both labels alike must say nothing (docs/DECISIONS.md, "An evidence
        // list is a feature, not a rule").
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
                // Spam and ham labels are put together here: both classes are expected to have the
                // feature equally often.
                let all = f64::from(comments.total()) + 2.0 * IMAGINED;
                let [spam, ham] = comments_of(count);
                [IMAGINED * (spam + ham) / all; 2]
            }
            Self::Never => [0.0; 2],
        }
    }
}
