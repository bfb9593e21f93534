//! Counts of one feature in three layers in (the model, labels of all sites, labels of this site),
//! the evidence of its labels in natural logarithms out. It reads counts and never changes them.
//!
//! Behind the model's opinion of a feature `f` stand `s = min(comments trained on with f, 10) + 2
//! alpha` comments, of which a part `p` were spam. Behind the labels stand `v = all sites' labels
//! with f + 2 * this site's`. Then the evidence of the feature is
//!
//! `(1 - w) * base(f) + belief(kind) * (r(f) - (1 - w) * r_model(f))`, with `w = v / (s + v)`,
//! `r_model(f) = ln (s p / s (1 - p))` and `r(f) = ln ((s p + spam labels) / (s (1 - p) + ham
//! labels))`. Neither `s p` nor `s (1 - p)` is below `alpha`.
//!
//! A spam label counts for a feature as far as the feature's view learns it (`deal`). Behind a
//! feature that many people share (a network, a name, a provider) stand 8 more comments, half of
//! them spam where the model does not know the feature. Labels that speak for a comment count less
//! for words and for what all comments have (`live_labels`).
//!
//! Labels are weighted as if both kinds had been given equally often. Two imagined comments of each
//! kind are counted with them, which have `f` as often as the model's comments of their kind. So a
//! site where only spam was ever labelled learns what its spam has more often than other comments,
//! and not what every comment has.
//!
//! Without a label `w = 0`, and the evidence is exactly the model's: undoing all labels gives back
//! exactly the model's score. With many labels `w` approaches 1, and the labels alone decide. A
//! label of this site counts for two comments, and for one more where all sites learn it. So a site
//! that labels soon relies on its own labels, feature by feature, beginning with the words it sees
//! most (docs/DECISIONS.md, "A site moves from the model to its own labels").

use serde::{Deserialize, Serialize};

use super::balanced::{Balanced, IMAGINED, Usual, Weighed};
use super::bayes;
use super::counts::{Count, Counts};
use crate::features::Kind;

/// How labels weigh against the model and each other.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Influence {
    /// How many comments the model's opinion of one feature counts for, at most.
    pub base_strength: f64,
    /// How many comments one label of any site counts for.
    pub shared_label: f64,
    /// How many more comments one label of this site counts for.
    pub site_label: f64,
    /// Smoothing of the counts of labels, in comments of each class.
    pub alpha: f64,
    /// For a model without a trained bias: log-odds towards ham for each feature that spam comments
    /// have more than ham comments, on average. Naive Bayes over presence would add `ln(1 - P(f))`
    /// for every absent feature, and this is the first-order sum of that (docs/DECISIONS.md, "A
    /// server without a model corrects its bias for length").
    pub absence: f64,
    /// The factor of the share of spam so far in the bias of such a model.
    pub prior: f64,
    /// Under a trained model, what labels say of the content is multiplied by this, in log-odds,
    /// and divided by the root of the number of its features. So a comment has no larger score for
    /// its length alone. A model without training does the same with its slope (docs/DECISIONS.md,
    /// "Label evidence is divided by the root of the comment's length").
    pub scale: f64,
    /// It is also multiplied by this where no training data has the language of the text: the model
    /// cannot know how honest people write there.
    pub foreign: f64,
    /// How many more comments stand behind a feature which many honest people share. One label must
    /// not be enough to make a network suspicious.
    pub common: f64,
    /// The factor of the evidence of labels, one for each kind in the order of `Kind::ALL`. Kinds
    /// that overlap share what one of them would get.
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

/// The default of `Influence::belief`, chosen on development streams (docs/DECISIONS.md, "How much
/// labels say is set for each kind of feature"). Kinds that say the same thing share what one of
/// them would get, and character n-grams get nothing.
fn belief(kind: Kind) -> f64 {
    match kind {
        // The same text again, where it names nobody: whoever labelled it meant this text.
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
        // Shared by many people, or said by another kind too.
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
        // The words of the name and of the home page have kinds of their own, so these count
        // nothing.
        Kind::Gram | Kind::SignedGram | Kind::SignedWord => 0.0,
    }
}

/// The labels that came after the model, for one site.
#[derive(Debug, Clone, Copy)]
pub struct Live<'a> {
    /// Labels that all sites learn.
    pub shared: &'a Counts,
    /// This site's labels; most of them are also part of `shared`.
    pub site: Option<&'a Counts>,
}

/// What labels say of one feature, in natural logarithms, and how much of the model's weight is
/// left.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct LayerEvidence {
    /// `w`: the share of the labels in all comments that stand behind the feature, 0 to 1.
    pub live_share: f64,
    /// `r_model`: the model's log-odds, before labels.
    pub model: f64,
    /// What shared labels add to it.
    pub shared: f64,
    /// What this site's labels add to it after the shared ones.
    pub site: f64,
}

impl LayerEvidence {
    /// What is left of the model's trained weight of a feature.
    pub(super) fn left(&self, trained: f64) -> f64 {
        trained * (1.0 - self.live_share)
    }

    /// The model's log-odds, by the scale of labels, that replace the part of the trained weight
    /// that is gone.
    pub(super) fn in_its_place(&self, belief: f64) -> f64 {
        self.live_share * belief * self.model
    }
}

/// What labels add to the model's evidence for a feature; `None` if no label has it.
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
    // One logarithm for each layer: of the factor by which its labels change the odds. So the two
    // layers sum to what all labels together add.
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

/// Labels of other sites, and labels of this site. The shared counts contain most labels of this
/// site; that part is moved to the site's.
fn weigh_apart(
    shared: (&Balanced<'_>, Count),
    site: Option<(&Balanced<'_>, Count)>,
    usual: Usual,
) -> (Option<Weighed>, Option<Weighed>) {
    let own = site.map_or_else(Count::default, |(_, count)| count);
    // Saturating, because not all of a site's own labels are shared.
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
    /// `s`: how many comments.
    strength: f64,
    spam: f64,
    ham: f64,
}

impl Behind {
    fn of(kind: Kind, base: Count, base_comments: Count, influence: &Influence) -> Self {
        let alpha = influence.alpha;
        let ratio = bayes::ratio(base, base_comments, bayes::ALPHA);
        // Only for a trained model: without training, labels alone decide.
        let is_cold = base_comments.total() == 0;
        let common = if kind.is_common() && !is_cold {
            influence.common
        } else {
            0.0
        };
        let strength = f64::from(base.total()).min(influence.base_strength) + 2.0 * alpha + common;
        // `ratio` is smoothed by the small alpha of the training, and `strength` by that of labels.
        let spam_share = ratio / (1.0 + ratio);
        // At least alpha, however one-sided the model: labels must be able to turn the opinion
        // round.
        Self {
            strength,
            spam: (strength * spam_share).max(alpha),
            ham: (strength * (1.0 - spam_share)).max(alpha),
        }
    }
}

/// With this many labels, a site's own share of spam counts as much as that of all sites.
const OWN_SHARE_LABELS: f64 = 20.0;

/// The bias of a model that was never trained, in raw units: the log-odds of spam among the labels
/// (of this site as far as it has labels, else of all sites), less the correction for length.
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
