//! What campaigns have to do with the verbs: a check is noted and asks, a label is remembered. The lock is held for some microseconds.

use std::sync::{Mutex, PoisonError};

use crate::campaigns::{Campaigns, Counting, Outlook, Sighting, Sketch, Windows};
use crate::comment::{Comment, CommentId, Recheck};
use crate::learn::online::realm::Realm;
use crate::moderation::{Moderation, Trial};
use crate::text::Reading;
use crate::verdict::{Assessment, Cutoffs};

/// A memory for campaigns; none if it may not have a byte.
pub(crate) fn memory(most_bytes: usize, windows: Windows) -> Option<Mutex<Campaigns>> {
    (most_bytes > 0).then(|| Mutex::new(Campaigns::new(most_bytes, windows)))
}

/// Whether a campaign has just become plainer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Plainer {
    /// It is as it was.
    #[default]
    No,
    /// Its earlier members deserve another look.
    Now,
}

/// What campaigns remember of a comment. Where only its key says which site it is on, the key is what counts.
pub(crate) fn sketch(realm: &Realm, comment: &Comment, reading: &Reading) -> Sketch {
    let sketch = Sketch::of(&realm.site, comment, reading);
    match &realm.key {
        Some(key_name) => sketch.of_stranger(key_name),
        None => sketch,
    }
}

/// A recheck is no repeat, and a test is nothing.
pub(crate) fn counting(trial: Trial, recheck: Option<Recheck>) -> Counting {
    match (trial, recheck) {
        (Trial::Real, None) => Counting::Noted,
        (Trial::Real, Some(_)) | (Trial::Test, _) => Counting::Asked,
    }
}

impl Moderation {
    /// The same with this much memory for campaigns; 0 bytes turn them off. What was remembered so far is forgotten.
    pub fn with_campaigns(mut self, most_bytes: usize, windows: Windows) -> Self {
        self.campaigns = memory(most_bytes, windows);
        self
    }

    /// Campaigns alive and the bytes of their memory.
    pub fn campaigns(&self) -> (usize, usize) {
        self.in_campaigns(|campaigns| (campaigns.alive(), campaigns.bytes()))
            .unwrap_or_default()
    }

    /// Notes a check, adds its campaign's voice to the assessment, and says what more is to come.
    pub(crate) fn hear_campaign(
        &self,
        sketch: &Sketch,
        comment: CommentId,
        guid: &str,
        counting: Counting,
        assessment: &mut Assessment,
        cutoffs: &Cutoffs,
    ) -> (Outlook, Plainer) {
        let sighting = Sighting {
            comment,
            guid: u128::from_str_radix(guid, 16).unwrap_or(0),
            at: (self.clock)(),
            own: assessment.verdict,
        };
        let heard = self.in_campaigns(|campaigns| campaigns.hear(sketch, &sighting, counting));
        let Some(heard) = heard else {
            return Default::default();
        };
        for clue in heard.clues(assessment.log_odds, cutoffs) {
            assessment.add(clue);
            assessment.judge(cutoffs);
        }
        let plainer = match heard.look_again.is_empty() {
            true => Plainer::No,
            false => Plainer::Now,
        };
        (heard.outlook, plainer)
    }

    /// Tells a comment's campaign the label the comment stands at now. Of two labels at once the later in the ledger wins here too, whoever comes last.
    pub(crate) fn tell_campaign(&self, sketch: &Sketch, realm: &Realm, comment: CommentId) {
        self.in_campaigns(|campaigns| {
            campaigns.label(sketch, comment, self.online.label_of(realm, comment));
        });
    }

    fn in_campaigns<T>(&self, use_them: impl FnOnce(&mut Campaigns) -> T) -> Option<T> {
        let campaigns = self.campaigns.as_ref()?;
        // A memory that broke off half-way is wrong by one comment at most, and a cache.
        Some(use_them(
            &mut campaigns.lock().unwrap_or_else(PoisonError::into_inner),
        ))
    }
}
