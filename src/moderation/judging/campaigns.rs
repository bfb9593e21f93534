//! Checks and labels in, the memory of campaigns asked and changed. A check is remembered and gets
//! the campaign's evidence; a label is noted with it. The lock is held for microseconds. Never
//! waits for the disk.

use crate::campaigns::{Campaigns, Counting, Sketch};
use crate::comment::{Comment, CommentId, Recheck};
use crate::learn::online::realm::Realm;
use crate::moderation::judging::state::Judging;
use crate::moderation::mode::Mode;
use crate::text::Reading;

/// The sketch that campaigns keep of a comment. If only the key says which site the comment is on,
/// all that this key sends counts as one contributor.
pub(crate) fn sketch(realm: &Realm, comment: &Comment, reading: &Reading) -> Sketch {
    let sketch = Sketch::of(&realm.site, comment, reading);
    match &realm.key {
        Some(key_name) => sketch.of_stranger(key_name),
        None => sketch,
    }
}

/// Whether campaigns remember this comment: a recheck is no repeat, and a test changes nothing.
pub(crate) fn counting(mode: Mode, recheck: Option<Recheck>) -> Counting {
    match (mode, recheck) {
        (Mode::Live, None) => Counting::Noted,
        (Mode::Live, Some(_)) | (Mode::DryRun, _) => Counting::Asked,
    }
}

impl Judging {
    /// Number of campaigns that are remembered, and their memory in bytes.
    pub fn campaigns(&self) -> (usize, usize) {
        self.in_campaigns(|campaigns| (campaigns.alive(), campaigns.bytes()))
            .unwrap_or_default()
    }

    /// Notes the current label of a comment with its campaign. The label is read again here under
    /// the lock: of two labels at once, the later one in the ledger wins, whichever thread comes
    /// last.
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
