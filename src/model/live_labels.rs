//! What labels since the model say of each feature of one comment: features and counts of labels
//! in, evidence and how far it is believed out. It reads counts and changes none.

use super::balanced::Balanced;
use super::counts::{Count, Counts};
use super::layers::{LayerEvidence, Live, live_evidence};
use super::parameters::{Model, uncap};
use crate::features::{Feature, Kind, View};

/// What labels say of a comment's features, looked up in one go: the tables are larger than the
/// caches, and no look-up need wait for the one before.
pub(super) struct LiveLabels<'a> {
    shared: Balanced<'a>,
    site: Option<Balanced<'a>>,
    /// Spam labels, of all or of the site, whichever are more.
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

    /// What they say of one, and how far that is believed.
    pub(super) fn of(&self, model: &Model, at: usize, kind: Kind) -> Option<(LayerEvidence, f64)> {
        let influence = &model.settings.influence;
        let belief = influence.belief.get(kind as usize).copied()?;
        if belief <= 0.0 {
            return None;
        }
        let mut in_shared = self.in_shared[at];
        if kind.is_person() {
            // Whom a site has approved, it knows; whom somebody called spam there, it does not
            // know. Other sites have no say.
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
        let in_favour = evidence.shared + evidence.site < 0.0;
        if model.is_cold() || !in_favour {
            return Some((evidence, belief));
        }
        if kind.is_easily_stolen() {
            return None;
        }
        // What all comments have speaks for a comment only as far as spam labels could have shown
        // it in spam.
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

/// How far words of ham labels are believed. A spam label is dealt out, a ham label speaks whole
/// for each view, and most labels of a site are ham: believed as much, the common words of honest
/// comments let a third more spam pass in the month (docs/DECISIONS.md, "How is a label dealt
/// out?").
const WORDS_IN_FAVOUR: f64 = 0.7;

/// Spam labels after which a fact's evidence for a comment is half believed. Six approvals took a
/// loan offer from spam to unsure by its length and capitals.
const FEW_SPAM: f64 = 4.0;
