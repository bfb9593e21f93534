//! The features of one comment and the counts of labels in, the evidence of the labels for each
//! feature and its belief factor out. It reads counts and never changes them.

use super::balanced::Balanced;
use super::counts::{Count, Counts};
use super::layers::{LayerEvidence, Live, live_evidence};
use super::parameters::{Model, uncap};
use crate::features::{Feature, Kind, View};

/// The counts of labels for a comment's features, in their order. They are looked up in one loop:
/// the tables are larger than the caches, and this way no look-up waits for the one before.
pub(super) struct LiveLabels<'a> {
    shared: Balanced<'a>,
    site: Option<Balanced<'a>>,
    /// Number of spam labels: of all sites or of this site, whichever is more.
    spam: f64,
    in_base: Vec<Count>,
    in_shared: Vec<Count>,
    in_site: Vec<Count>,
}

impl<'a> LiveLabels<'a> {
    /// `None` where there are no labels at all.
    pub(super) fn gather(model: &Model, features: &[Feature], live: Live<'a>) -> Option<Self> {
        if live.shared.is_empty() && live.site.is_none_or(Counts::is_empty) {
            return None;
        }
        let influence = &model.settings.influence;
        let shared = Balanced::of(live.shared, influence.shared_label);
        let site = live
            .site
            .map(|site| Balanced::of(site, influence.site_label));
        let spam_in = |counts: &Counts| f64::from(counts.comments().spam);
        Some(Self {
            spam: spam_in(live.shared).max(live.site.map_or(0.0, spam_in)),
            in_base: features
                .iter()
                .map(|feature| uncap(model.counts[feature.id as usize]))
                .collect(),
            in_shared: shared.of_all(features),
            in_site: site.map_or_else(Vec::new, |site| site.of_all(features)),
            shared,
            site,
        })
    }

    /// The evidence of labels for the feature at this place, and the factor it is multiplied by.
    pub(super) fn of(&self, model: &Model, at: usize, kind: Kind) -> Option<(LayerEvidence, f64)> {
        let influence = &model.settings.influence;
        let belief = influence.belief.get(kind as usize).copied()?;
        if belief <= 0.0 {
            return None;
        }
        let mut in_shared = self.in_shared[at];
        if kind.is_person() {
            // A person is known only to the site that approved them, and no longer after one spam
            // label there. Labels of other sites do not count.
            in_shared = Count::default();
            if self.in_site.get(at).is_none_or(|count| count.spam > 0) {
                return None;
            }
        }
        let evidence = live_evidence(
            kind,
            self.in_base[at],
            model.settings.comments[kind.field() as usize],
            (&self.shared, in_shared),
            self.site.as_ref().map(|site| (site, self.in_site[at])),
            influence,
        )?;
        // Negative log-odds speak for the comment.
        let in_favour = evidence.shared + evidence.site < 0.0;
        if model.is_cold() || !in_favour {
            return Some((evidence, belief));
        }
        // A name alone does not count for a comment: everybody who reads the page can use it
        // (docs/DECISIONS.md, "Approvals speak for a known person on that site").
        if kind.is_easily_stolen() {
            return None;
        }
        // A fact that all comments have speaks for a comment only as far as spam labels were many
        // enough to show it in spam.
        let heard = if kind.is_of_all_comments() {
            self.spam / (self.spam + FEW_SPAM)
        } else if kind.view() == View::Text && kind != Kind::Whole {
            WORDS_IN_FAVOUR
        } else {
            1.0
        };
        Some((evidence, belief * heard))
    }
}

/// The factor of words that speak for a comment. A spam label is divided over the views, a ham
/// label counts whole for each view, and most labels of a site are ham. With the factor 1, common
/// words of honest comments let more spam pass (docs/DECISIONS.md, "Words of ham labels count .7").
const WORDS_IN_FAVOUR: f64 = 0.7;

/// With this many spam labels, a fact that speaks for a comment counts half. Before this rule, six
/// approvals took a loan offer from spam to unsure by its length and capitals (docs/DECISIONS.md,
/// "Approvals speak for a known person on that site").
const FEW_SPAM: f64 = 4.0;
