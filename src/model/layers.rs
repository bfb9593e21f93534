//! How the three layers become one opinion per feature: what the model knows, what all sites said
//! since, what this site said.
//!
//! Behind the model's opinion of a feature `f` stand
//! `s = min(comments trained on with f, 10) + 2 alpha` comments, of which a part `p` were spam;
//! behind the labels `v = all sites' labels with f + 2 * this site's`. Then the feature says
//!
//! `(1 - w) * base(f) + belief(kind) * (r(f) - (1 - w) * r_model(f))`, with `w = v / (s + v)`,
//! `r_model(f) = ln (s p / s (1 - p))` and
//! `r(f) = ln ((s p + spam labels) / (s (1 - p) + ham labels))`.
//!
//! A spam label counts for a feature as far as it was dealt to the feature's view (`deal`). Behind
//! a feature that many share (a network, a name, a provider) stand 8 comments more, half of them
//! spam where the model knows none. Labels that speak for a comment are believed less for words and
//! for what all comments have (`score`).
//!
//! Labels of both kinds count as if there were as many of each, two imagined comments of each kind
//! among them. Those have `f` as often as the model's comments of their kind, so that a site where
//! only spam was ever labelled learns what its spam has beyond others, and not what every comment
//! has.
//!
//! No label, `w = 0`: exactly what the model says, so undoing all labels gives back exactly the
//! model. Many, `w -> 1`: what the labels say, and the model's weight is gone. One label of this
//! site is worth two comments of the model and of the other sites, so a site that labels is soon
//! carried by itself, word by word, beginning with the words it sees most.

use serde::{Deserialize, Serialize};

use super::balanced::{Balanced, IMAGINED, Usual, Weighed};
use super::bayes;
use super::counts::{Count, Counts};
use crate::features::Kind;

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
    /// What the absence of a feature says for the other class, for a model without a trained bias:
    /// where spam is longer than ham, a comment has to be spammier than the sum of its words. Naive
    /// Bayes over presence would add `log(1 - P(f))` for every absent feature; this is its
    /// first-order sum.
    pub absence: f64,
    /// How far such a model believes that tomorrow brings as much spam as yesterday.
    pub prior: f64,
    /// What labels say of the content of a comment under a trained model is multiplied by this, in
    /// log-odds, and divided by the root of its features: a long comment is not to be louder for
    /// its length. A model that knows nothing does the same with its slope.
    pub scale: f64,
    /// And by this where the text is in a language that nobody taught the model: it cannot say how
    /// honest people write there.
    pub foreign: f64,
    /// Comments that stand behind a feature which many honest people share, beside those of the
    /// model: one label is not enough to taint a network.
    pub common: f64,
    /// How far the live evidence of each kind of feature is believed, in the order of `Kind::ALL`:
    /// kinds that overlap share what one would get.
    pub belief: Vec<f64>,
}

impl Default for Influence {
    fn default() -> Self {
        Self {
            base_strength: 10.0,
            shared_label: 1.0,
            site_label: 2.0,
            alpha: 0.2,
            prior: 1.0,
            absence: 0.02,
            scale: 8.0,
            foreign: 0.4,
            common: 8.0,
            belief: Kind::ALL.iter().map(|&kind| belief(kind)).collect(),
        }
    }
}

/// Chosen on the cold streams (docs/DECISIONS.md): redundant kinds share what one of them would
/// get, character n-grams get nothing.
fn belief(kind: Kind) -> f64 {
    match kind {
        // The same text once more, where it names nobody: whoever said so meant it.
        Kind::Whole => 2.0,
        Kind::Shape | Kind::Typed => 1.5,
        Kind::Word
        | Kind::Host
        | Kind::Domain
        | Kind::Phone
        | Kind::EmailInText
        | Kind::Handle
        | Kind::Disguise => 1.0,
        Kind::Person
        | Kind::PersonHere
        | Kind::AuthorName
        | Kind::AuthorHost
        | Kind::AuthorDomain
        | Kind::EmailAddress
        | Kind::Behaviour
        | Kind::Listed => 1.0,
        // Many bear one name, and many share a network.
        Kind::AuthorWord
        | Kind::Network
        | Kind::Pair
        | Kind::SignedPair
        | Kind::EmailShape
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
        // Words of a signature speak as words of the name and of the home page already.
        Kind::Gram | Kind::SignedGram | Kind::SignedWord => 0.0,
    }
}

/// The labels that came after the model, for one site.
#[derive(Debug, Clone, Copy)]
pub struct Live<'a> {
    /// Everybody's labels.
    pub shared: &'a Counts,
    /// This site's labels; most of them are also part of `shared`.
    pub site: Option<&'a Counts>,
}

/// What labels say of one feature, and how far the model still speaks.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct LayerEvidence {
    /// `w`: the share of labels in all that is known of the feature, in 0..=1.
    pub live_share: f64,
    /// `r_model`: the model's log-odds, before labels.
    pub model: f64,
    /// What shared labels move it by.
    pub shared: f64,
    /// What this site's labels move it by, beyond that.
    pub site: f64,
}

impl LayerEvidence {
    /// What is left of the model's trained weight of a feature.
    pub(super) fn left(&self, trained: f64) -> f64 {
        trained * (1.0 - self.live_share)
    }

    /// The model's odds as labels believe them, in the place of the weight that is gone.
    pub(super) fn in_its_place(&self, belief: f64) -> f64 {
        self.live_share * belief * self.model
    }
}

/// What live labels add to the model's evidence for a feature; `None` if there are none.
///
/// `shared` and `site` are the balanced counts of all sites and of this one, each with the counts
/// of this feature (in sixteenths of a comment). `base` counts training comments with the feature,
/// of `base_comments` in all.
pub(super) fn live_evidence(
    kind: Kind,
    base: Count,
    base_comments: Count,
    shared: (&Balanced<'_>, Count),
    site: Option<(&Balanced<'_>, Count)>,
    influence: &Influence,
) -> Option<LayerEvidence> {
    let usual = Usual::of(kind, base, base_comments);
    let (in_shared, in_site) = weigh_apart(shared, site, usual);
    if in_shared.is_none() && in_site.is_none() {
        return None;
    }
    let behind = Behind::of(kind, base, base_comments, influence);
    let (mut spam, mut ham) = (behind.spam, behind.ham);
    // One logarithm per layer: that of how many times larger its labels make the odds. So the parts
    // of the two layers sum to what all labels together move.
    let mut add = |more: Weighed| {
        let before = spam / ham;
        (spam, ham) = (spam + more.spam, ham + more.ham);
        (spam / ham / before).ln()
    };
    let shared = in_shared.map_or(0.0, &mut add);
    let site = in_site.map_or(0.0, &mut add);
    let labels = |weighed: Option<Weighed>| weighed.map_or(0.0, |weighed| weighed.labels);
    let live = labels(in_shared) + labels(in_site);
    Some(LayerEvidence {
        live_share: live / (behind.strength + live),
        model: (behind.spam / behind.ham).ln(),
        shared,
        site,
    })
}

/// Labels of other sites, and labels of this site: what all sites share holds most of what this one
/// says, and that part is the site's.
fn weigh_apart(
    shared: (&Balanced<'_>, Count),
    site: Option<(&Balanced<'_>, Count)>,
    usual: Usual,
) -> (Option<Weighed>, Option<Weighed>) {
    let own = site.map_or_else(Count::default, |(_, count)| count);
    // Saturating: a site's own labels need not all have been shared.
    let others = Count {
        spam: shared.1.spam.saturating_sub(own.spam),
        ham: shared.1.ham.saturating_sub(own.ham),
    };
    let own_shared = Count {
        spam: shared.1.spam - others.spam,
        ham: shared.1.ham - others.ham,
    };
    let in_shared = shared.0.weigh(others, usual);
    let in_site = site.and_then(|(site, count)| {
        let own = site.weigh(count, usual)?;
        let own_shared = shared.0.weigh(own_shared, usual).unwrap_or_default();
        Some(Weighed {
            spam: own.spam + own_shared.spam,
            ham: own.ham + own_shared.ham,
            labels: own.labels + own_shared.labels,
        })
    });
    (in_shared, in_site)
}

/// The comments that stand behind the model's opinion of a feature.
struct Behind {
    /// `s`: how many, in comments.
    strength: f64,
    spam: f64,
    ham: f64,
}

impl Behind {
    fn of(kind: Kind, base: Count, base_comments: Count, influence: &Influence) -> Self {
        let alpha = influence.alpha;
        let ratio = bayes::ratio(base, base_comments, bayes::ALPHA);
        // Of a model that knows something: a cold one is carried by its labels alone.
        let is_cold = base_comments.total() == 0;
        let common = if kind.is_common() && !is_cold {
            influence.common
        } else {
            0.0
        };
        let strength = f64::from(base.total()).min(influence.base_strength) + 2.0 * alpha + common;
        let spam_share = ratio / (1.0 + ratio);
        // Never below alpha, however one-sided the model: a label must be able to turn it round.
        Self {
            strength,
            spam: (strength * spam_share).max(alpha),
            ham: (strength * (1.0 - spam_share)).max(alpha),
        }
    }
}

/// Labels after which a site's own share of spam counts as much as everybody's.
const OWN_SHARE_LABELS: f64 = 20.0;

/// The bias of a model that was never trained: how much spam there is, on this site as far as it
/// has labels and else on all, and what absent features say.
pub(super) fn bias_of_labels(live: Live<'_>, influence: &Influence) -> f64 {
    let spam_to_ham = |counts: &Counts| {
        let comments = counts.comments();
        ((f64::from(comments.spam) + IMAGINED) / (f64::from(comments.ham) + IMAGINED)).ln()
    };
    let mut prior = spam_to_ham(live.shared);
    if let Some(site) = live.site {
        let labels = f64::from(site.comments().total());
        prior += labels / (labels + OWN_SHARE_LABELS) * (spam_to_ham(site) - prior);
    }
    influence.prior * prior - influence.absence * live.shared.longer_spam(IMAGINED)
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
                Kind::Word,
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

    /// Evidence of a feature that five ham comments in a hundred of the model had, after labels of
    /// this site and of others, all spam.
    fn after(own: u32, others: u32) -> Option<LayerEvidence> {
        let (mut site, mut shared) = (Counts::default(), Counts::default());
        for n in 0..own + others {
            shared.add(&[7], Label::Spam);
            if n < own {
                site.add(&[7], Label::Spam);
            }
        }
        let hundred = Count {
            spam: 100,
            ham: 100,
        };
        live_evidence(
            Kind::Word,
            Count { spam: 0, ham: 5 },
            hundred,
            (&Balanced::of(&shared, 1.0), shared.of(7)),
            Some((&Balanced::of(&site, 4.0), site.of(7))),
            &Influence::default(),
        )
    }

    /// What site labels, all spam, say of a feature that all of them have, if so many ham comments
    /// in a hundred of the model had it.
    fn said_by_spam_alone(kind: Kind, ham: u32, model: u32) -> f64 {
        let mut site = Counts::default();
        for _ in 0..12 {
            site.add(&[7], Label::Spam);
        }
        let all = Count {
            spam: model,
            ham: model,
        };
        let evidence = live_evidence(
            kind,
            Count { spam: ham, ham },
            all,
            (&Balanced::of(&Counts::default(), 1.0), Count::default()),
            Some((&Balanced::of(&site, 4.0), site.of(7))),
            &Influence::default(),
        );
        evidence.map_or(0.0, |e| e.model + e.site)
    }

    #[test]
    fn what_all_comments_have_says_nothing_even_where_all_labels_are_spam() {
        #[track_caller]
        fn check(kind: Kind, ham: u32, model: u32, expected: std::ops::Range<f64>) {
            let said = said_by_spam_alone(kind, ham, model);
            assert!(expected.contains(&said), "{said}");
        }
        check(Kind::Word, 0, 100, 3.0..9.0);
        check(Kind::Word, 95, 100, -0.3..0.3);
        // A model without a single check that told its page.
        check(Kind::Page, 0, 0, -0.3..0.3);
        check(Kind::Word, 0, 0, 3.0..9.0);
    }

    #[test]
    fn what_a_site_says_is_its_own_though_all_hear_it() {
        let own = after(3, 0).expect("labelled");
        assert!(own.shared == 0.0 && own.site > 0.0, "{own:?}");
        let both = after(3, 3).expect("labelled");
        assert!(both.shared > 0.0 && both.site > 0.0, "{both:?}");
        let others = after(0, 3).expect("labelled");
        assert!(others.shared > 0.0 && others.site == 0.0, "{others:?}");
        assert_eq!(after(0, 0), None);
    }

    #[test]
    fn the_models_weight_gives_way_smoothly_as_a_site_labels() {
        let trained = -2.0;
        let mut before = trained;
        for own in 1..200 {
            let evidence = after(own, 0).expect("labelled");
            let left = trained * (1.0 - evidence.live_share);
            assert!(left > before && left < 0.0, "{own}: {left}");
            before = left;
            // What remains of the whole is the odds of the labels as they grow.
            let whole = evidence.left(trained) + evidence.in_its_place(1.0) + evidence.site;
            let odds = evidence.model + evidence.site;
            assert!(
                (whole - odds - left + evidence.model * (1.0 - evidence.live_share)).abs() < 1e-9
            );
        }
        assert!(before > -0.1, "{before}");
        assert!(after(200, 0).is_some_and(|e| e.model + e.site > 2.0));
    }
}
