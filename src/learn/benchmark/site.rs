//! Labels of one site in, one by one, the verdict of its next comment out. The counts of all sites
//! and those of the site are the same here, as on the first site of a server, whose labels nobody
//! contradicts. It keeps no ledger.

use crate::features::{Features, Outline, Shares};
use crate::learn::evaluate::score::score;
use crate::learn::metrics::measures::ScoredExample;
use crate::model::Model;
use crate::model::counts::Counts;
use crate::model::layers::Live;
use crate::verdict::{Label, Verdict};

/// A site and the counts of its labels.
pub(super) struct Site<'a> {
    model: &'a Model,
    shared: Counts,
    own: Counts,
}

impl<'a> Site<'a> {
    /// A site without labels.
    pub(super) fn new(model: &'a Model) -> Self {
        Self {
            model,
            shared: Counts::default(),
            own: Counts::default(),
        }
    }

    /// Judges a comment.
    pub(super) fn judge(
        &self,
        features: &Features,
        label: Label,
        group: Option<&str>,
    ) -> ScoredExample {
        let live = Live {
            shared: &self.shared,
            site: Some(&self.own),
        };
        score(self.model, features, live, label, group).1
    }

    /// Learns the label of a comment.
    pub(super) fn label(&mut self, features: &Features, label: Label) {
        self.learn(features, label, |shares| shares);
    }

    /// A past comment and its label, in the order of time. Only a mistake or an unsure one teaches
    /// words: of 2,496 labels of a past 193 do, and no honest comment after it is called spam
    /// (docs/DECISIONS.md, "An import teaches like a moderator").
    pub(super) fn import(&mut self, features: &Features, label: Label) {
        let judged = self.judge(features, label, None);
        if is_labelled(&judged) {
            self.label(features, label);
        } else {
            self.learn(features, label, Shares::without_words);
        }
    }

    fn learn(&mut self, features: &Features, label: Label, of: fn(Shares) -> Shares) {
        let ids = features.ids();
        let shares = of(self.model.deal(&ids, &Outline::of(features), label));
        self.shared.add_dealt(&ids, &shares, label);
        self.own.add_dealt(&ids, &shares, label);
    }
}

/// Whether a moderator labels it: what waits for a decision, and what was decided wrongly.
pub(super) fn is_labelled(judged: &ScoredExample) -> bool {
    judged.verdict == Verdict::Unsure || judged.verdict.side() != Some(judged.label)
}
