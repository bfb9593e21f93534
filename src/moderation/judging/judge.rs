//! A comment in, its judgement at this moment out, through the pipeline of `filter.rs`. Used by
//! checks, and to judge an earlier check again. Never learns from what it judges.

use std::sync::Arc;

use crate::campaigns::{Counting, NeighbourEvidence, Sighting};
use crate::comment::{Comment, CommentId};
use crate::features::Features;
use crate::filter::{self, Judgement, Surroundings};
use crate::learn::online::Online;
use crate::learn::online::realm::Realm;
use crate::model::Model;
use crate::moderation::judging::campaigns::sketch;
use crate::moderation::judging::state::Judging;
use crate::text::{self, Reading};
use crate::verdict::{Assessment, Cutoffs, Verdict};

/// A judgement, with the features behind it.
pub(crate) struct Judged {
    pub(crate) judgement: Judgement,
    pub(crate) features: Features,
}

impl Judging {
    /// Judges a comment. `guid` is the id of its check; `counting` says whether campaigns remember
    /// the comment.
    pub(crate) fn judge(
        &self,
        realm: &Realm,
        comment: &Comment,
        guid: &str,
        counting: Counting,
    ) -> Judged {
        self.judge_under(&self.context.online, realm, comment, guid, counting)
    }

    /// The same with another model and its layers.
    pub(crate) fn judge_under(
        &self,
        online: &Online,
        realm: &Realm,
        comment: &Comment,
        guid: &str,
        counting: Counting,
    ) -> Judged {
        let reading = text::read(&comment.text);
        let features = self.read(comment, &reading);
        // Only the score needs the lock on model and labels; all later steps run without it.
        let (judged, model) = online.with_live(realm, |model, live| {
            (filter::judge(model, &features, live), Arc::clone(model))
        });
        let around = OnSite {
            judging: self,
            realm,
            comment,
            reading: &reading,
            guid: u128::from_str_radix(guid, 16).unwrap_or(0),
            counting,
        };
        let judgement = filter::settle(judged, &model, &features, &around);
        Judged {
            judgement,
            features,
        }
    }
}

/// What a server adds around a comment on one site.
struct OnSite<'a> {
    judging: &'a Judging,
    realm: &'a Realm,
    comment: &'a Comment,
    reading: &'a Reading,
    guid: u128,
    counting: Counting,
}

impl Surroundings for OnSite<'_> {
    fn cutoffs(&self, model: &Model, features: &Features) -> Cutoffs {
        let site = &self.realm.site;
        self.judging.site_cutoffs(model, site, features.language)
    }

    fn campaign(&self, own: Verdict) -> Option<NeighbourEvidence> {
        let sketch = sketch(self.realm, self.comment, self.reading);
        let sighting = Sighting {
            comment: CommentId::of(&self.realm.site, self.comment),
            guid: self.guid,
            at: (self.judging.context.clock)(),
            own,
        };
        self.judging
            .in_campaigns(|campaigns| campaigns.observe(&sketch, &sighting, self.counting))
    }

    fn lists(&self, assessment: &mut Assessment, cutoffs: &Cutoffs) {
        let lists = self.judging.rules.lists();
        let now = (self.judging.context.clock)();
        if let Some(hit) = lists.find(&self.realm.site, self.comment, self.reading, now) {
            hit.decide(assessment, cutoffs);
        }
    }
}
