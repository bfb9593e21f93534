//! How the three layers become one opinion per feature: what the model knows, what all sites said since, what this site said.
//!
//! The model's opinion of a feature is a ratio with a strength (how many comments stand behind it, capped); labels are counted on top of it, this
//! site's more heavily. A feature nobody labelled keeps exactly the model's ratio, so undoing all labels gives back exactly the model.

use serde::{Deserialize, Serialize};

use super::bayes;
use super::counts::{Count, Counts};
use crate::features::{Feature, Kind};

/// How labels weigh against the model and each other.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Influence {
    /// Comments the model's opinion of one feature counts for at most.
    pub base_strength: f64,
    /// Comments one label of any site counts for.
    pub shared_label: f64,
    /// Comments one label of this site counts for, on top.
    pub site_label: f64,
    /// Smoothing of the live counts.
    pub alpha: f64,
    /// What the absence of a feature says for the other class, for a model without a trained bias: where spam is longer than ham, a comment has to be
    /// spammier than the sum of its words. Naive Bayes over presence would add `log(1 - P(f))` for every absent feature; this is its first-order sum.
    pub absence: f64,
    /// How far such a model believes that tomorrow brings as much spam as yesterday.
    pub prior: f64,
    /// Experiment.
    #[serde(skip)]
    pub fade: f64,
    /// Experiment.
    #[serde(skip)]
    pub pure: f64,
    /// Experiment.
    #[serde(skip)]
    pub own_bias: f64,
    /// How far the live evidence of each kind of feature is believed, in the order of `Kind::ALL`: kinds that overlap share what one would get.
    pub belief: Vec<f64>,
}

impl Default for Influence {
    fn default() -> Self {
        Self {
            base_strength: 10.0,
            shared_label: 1.0,
            site_label: 4.0,
            alpha: 0.2,
            prior: 1.0,
            absence: 0.02,
            fade: 0.0,
            pure: 0.0,
            own_bias: 0.0,
            belief: Kind::ALL.iter().map(|&kind| belief(kind)).collect(),
        }
    }
}

/// Chosen on the cold streams (docs/DECISIONS.md): redundant kinds share what one of them would get, rows of letters get nothing.
fn belief(kind: Kind) -> f64 {
    match kind {
        Kind::Shape | Kind::Typed => 1.5,
        Kind::Word
        | Kind::Whole
        | Kind::Host
        | Kind::Domain
        | Kind::Phone
        | Kind::EmailInText
        | Kind::Handle
        | Kind::Disguise => 1.0,
        Kind::AuthorWord
        | Kind::AuthorName
        | Kind::AuthorHost
        | Kind::AuthorDomain
        | Kind::EmailAddress
        | Kind::Network
        | Kind::Behaviour => 1.0,
        Kind::Pair
        | Kind::Suffix
        | Kind::Path
        | Kind::AuthorShape
        | Kind::HomeShape
        | Kind::AuthorSuffix
        | Kind::AuthorPath
        | Kind::EmailDomain
        | Kind::Agent
        | Kind::Page => 0.5,
        Kind::Marked | Kind::Stem | Kind::MarkedPair | Kind::Triple => 0.25,
        Kind::Gram => 0.0,
    }
}

/// The labels that came after the model, for one site.
#[derive(Debug, Clone, Copy)]
pub struct Live<'a> {
    /// Everybody's labels.
    pub shared: &'a Counts,
    /// This site's labels; also part of `shared`.
    pub site: Option<&'a Counts>,
}

/// Evidence of one feature, layer by layer; the three sum to the live log-ratio.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct LayerEvidence {
    /// Share of labels in it.
    pub live_share: f64,
    /// The model's log-odds.
    pub prior: f64,
    /// What shared labels move.
    pub shared: f64,
    /// What this site's labels move beyond that.
    pub site: f64,
}

/// Live counts brought to equal class sizes, so that a site with nineteen spam in twenty comments does not take every word for spam.
#[derive(Debug, Clone, Copy)]
pub(super) struct Balanced<'a> {
    counts: &'a Counts,
    spam_scale: f64,
    ham_scale: f64,
}

/// Comments of each class imagined beside the real ones, so that the first few labels do not tip the balance.
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

    /// What is counted for each feature, looked up in one go: the table is larger than the caches, and no look-up need wait for the sums between.
    pub(super) fn of_all(&self, features: &[Feature]) -> Vec<Count> {
        features
            .iter()
            .map(|feature| self.counts.of(feature.id))
            .collect()
    }

    /// Weighted spam and ham counts of a feature; `None` where nobody labelled it.
    #[inline]
    fn weigh(&self, count: Count) -> Option<(f64, f64)> {
        (count.total() > 0).then(|| {
            (
                f64::from(count.spam) * self.spam_scale,
                f64::from(count.ham) * self.ham_scale,
            )
        })
    }
}

/// What live labels add to the model's evidence for a feature; `None` if there are none.
pub(super) fn live_evidence(
    base: Count,
    base_comments: Count,
    shared: (&Balanced<'_>, Count),
    site: Option<(&Balanced<'_>, Count)>,
    influence: &Influence,
) -> Option<LayerEvidence> {
    let in_shared = shared.0.weigh(shared.1);
    let in_site = site.and_then(|(site, count)| site.weigh(count));
    if in_shared.is_none() && in_site.is_none() {
        return None;
    }
    let alpha = influence.alpha;
    let ratio = bayes::ratio(base, base_comments, bayes::ALPHA);
    let strength = f64::from(base.total()).min(influence.base_strength) + 2.0 * alpha;
    let spam_share = ratio / (1.0 + ratio);
    // Never below alpha, however one-sided the model: a label must be able to turn it round.
    let (mut spam, mut ham) = (
        (strength * spam_share).max(alpha),
        (strength * (1.0 - spam_share)).max(alpha),
    );
    let prior = (spam / ham).ln();
    // One logarithm per layer: that of how many times larger its labels make the odds.
    let mut add = |(s, h): (f64, f64)| {
        let before = spam / ham;
        (spam, ham) = (spam + s, ham + h);
        (spam / ham / before).ln()
    };
    let shared = in_shared.map_or(0.0, &mut add);
    let site = in_site.map_or(0.0, &mut add);
    let live = spam + ham - strength;
    let live_share = (live / (spam + ham)).max(0.0);
    if influence.pure > 0.0 {
        let (s, h) = in_shared.unwrap_or_default();
        let (s2, h2) = in_site.unwrap_or_default();
        let a = influence.alpha;
        let sh = ((s + a) / (h + a)).ln();
        let all = ((s + s2 + a) / (h + h2 + a)).ln();
        return Some(LayerEvidence {
            live_share,
            prior: 0.0,
            shared: live_share * sh,
            site: live_share * (all - sh),
        });
    }
    Some(LayerEvidence {
        live_share,
        prior,
        shared,
        site,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verdict::Label;

    #[test]
    fn a_label_moves_its_features_and_taking_it_back_leaves_no_trace() {
        let influence = Influence::default();
        let base = Count { spam: 0, ham: 50 };
        let comments = Count {
            spam: 100,
            ham: 100,
        };
        let mut counts = Counts::default();
        let evidence = |counts: &Counts| {
            live_evidence(
                base,
                comments,
                (&Balanced::of(counts, 1.0), counts.of(7)),
                None,
                &influence,
            )
        };
        assert_eq!(evidence(&counts), None);
        counts.add(&[7], Label::Spam);
        assert!(evidence(&counts).is_some_and(|e| e.shared > 1.0));
        counts.subtract(&[7], Label::Spam);
        assert_eq!(evidence(&counts), None);
    }

    #[test]
    fn a_site_is_heard_beyond_what_all_say() {
        let influence = Influence::default();
        let mut counts = Counts::default();
        counts.add(&[7], Label::Spam);
        let (shared, site) = (Balanced::of(&counts, 1.0), Balanced::of(&counts, 2.0));
        let both = live_evidence(
            Count::default(),
            Count::default(),
            (&shared, counts.of(7)),
            Some((&site, counts.of(7))),
            &influence,
        );
        assert!(both.is_some_and(|e| e.shared > 0.0 && e.site > 0.0));
    }
}
