//! All that is thought of a comment at this moment, in one place: the model and the labels since, the site's cutoffs, its campaign, the site's lists.
//! A check asks it, and so does the second look at an earlier check.

use std::sync::Arc;

use crate::campaigns::{Counting, Outlook};
use crate::comment::{Comment, CommentId};
use crate::features::Features;
use crate::filter::{self, Alone};
use crate::learn::online::Online;
use crate::learn::online::realm::Realm;
use crate::model::Model;
use crate::moderation::Moderation;
use crate::moderation::judging::campaigns;
use crate::text;
use crate::verdict::{Assessment, Cutoffs, Verdict};

/// How near a cutoff an unsure comment must be for one more label to tip it: a site's own moves a near copy by more than this.
const NEAR: f64 = 0.5;

/// What is thought of a comment, and what may follow.
pub(crate) struct Opinion {
    pub(crate) assessment: Assessment,
    /// What the model thinks alone.
    pub(crate) alone: Alone,
    /// The verdict of model and labels, before campaign and lists.
    pub(crate) with_labels: Verdict,
    /// Which model judged.
    pub(crate) model: Arc<Model>,
    pub(crate) features: Features,
    /// The site's own.
    pub(crate) cutoffs: Cutoffs,
    /// Whether more may soon be known.
    pub(crate) outlook: Outlook,
    /// Whether the comment's campaign has just become plainer, so that its earlier members deserve another look.
    pub(crate) plainer: campaigns::Plainer,
}

impl Moderation {
    /// Forms the opinion. `guid` is of the check it is for; `counting` says whether the campaigns remember this one.
    pub(crate) fn opinion(
        &self,
        realm: &Realm,
        comment: &Comment,
        guid: &str,
        counting: Counting,
    ) -> Opinion {
        self.opinion_under(&self.online, realm, comment, guid, counting)
    }

    /// The same under another model and its layers.
    pub(crate) fn opinion_under(
        &self,
        online: &Online,
        realm: &Realm,
        comment: &Comment,
        guid: &str,
        counting: Counting,
    ) -> Opinion {
        let site = &realm.site;
        let reading = text::read(&comment.text);
        let features = self.read(comment, &reading);
        let (judged, model) = online.with_live(realm, |model, live| {
            (filter::judge(model, &features, live), Arc::clone(model))
        });
        let filter::Judged {
            mut assessment,
            alone,
        } = judged;
        let cutoffs = self.site_cutoffs(&model, site, features.language);
        assessment.judge(&cutoffs);
        let with_labels = assessment.verdict;
        let (heard, plainer) = self.hear_campaign(
            &campaigns::sketch(realm, comment, &reading),
            CommentId::of(site, comment),
            guid,
            counting,
            &mut assessment,
            &cutoffs,
        );
        self.have_lists_decide(site, comment, &reading, &mut assessment, &cutoffs);
        filter::categorise(&model, &features, &mut assessment);
        let is_near = cutoffs.distance(assessment.log_odds) < NEAR;
        let outlook = match assessment.verdict {
            Verdict::Unsure if is_near => Outlook::MoreExpected,
            Verdict::Unsure => heard,
            _ => Outlook::Settled,
        };
        Opinion {
            assessment,
            alone,
            with_labels,
            model,
            features,
            cutoffs,
            outlook,
            plainer,
        }
    }
}
