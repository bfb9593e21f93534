//! What the campaigns of this server have to do with checks and labels: a check is noted and asks,
//! a label is remembered. The lock is held for microseconds.

use crate::campaigns::{Campaigns, Counting, Sketch};
use crate::comment::{Comment, CommentId, Recheck};
use crate::learn::online::realm::Realm;
use crate::moderation::judging::state::Judging;
use crate::moderation::mode::Mode;
use crate::text::Reading;

/// What campaigns remember of a comment. Where only its key says which site it is on, the key is
/// what counts.
pub(crate) fn sketch(realm: &Realm, comment: &Comment, reading: &Reading) -> Sketch {
    let sketch = Sketch::of(&realm.site, comment, reading);
    match &realm.key {
        Some(key_name) => sketch.of_stranger(key_name),
        None => sketch,
    }
}

/// A recheck is no repeat, and a test is nothing.
pub(crate) fn counting(mode: Mode, recheck: Option<Recheck>) -> Counting {
    match (mode, recheck) {
        (Mode::Live, None) => Counting::Noted,
        (Mode::Live, Some(_)) | (Mode::DryRun, _) => Counting::Asked,
    }
}

impl Judging {
    /// Campaigns alive and the bytes of their memory.
    pub fn campaigns(&self) -> (usize, usize) {
        self.in_campaigns(|campaigns| (campaigns.alive(), campaigns.bytes()))
            .unwrap_or_default()
    }

    /// Tells a comment's campaign the label the comment stands at now. Of two labels at once the
    /// later in the ledger wins here too, whoever comes last.
    pub(crate) fn tell_campaign(&self, sketch: &Sketch, realm: &Realm, comment: CommentId) {
        self.in_campaigns(|campaigns| {
            campaigns.label(
                sketch,
                comment,
                self.context.online.label_of(realm, comment),
            );
        });
    }

    pub(crate) fn in_campaigns<T>(&self, use_them: impl FnOnce(&mut Campaigns) -> T) -> Option<T> {
        Some(use_them(&mut self.memory.as_ref()?.lock()))
    }
}
