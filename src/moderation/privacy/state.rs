//! What the verbs of privacy work with. The verbs are in `retention` (old text), `erase` (a person)
//! and `clock_guard` (whether the clock is believed). Never removes anything by itself.

use std::sync::Arc;

use parking_lot::Mutex;

use crate::moderation::context::Context;
use crate::moderation::corrections::Corrections;
use crate::moderation::judging::Judging;
use crate::moderation::labels::Labels;
use crate::moderation::privacy::setting::Retention;

/// The removal of personal text.
#[derive(Debug)]
pub struct Privacy {
    pub(crate) context: Context,
    pub(crate) judging: Arc<Judging>,
    pub(crate) corrections: Arc<Corrections>,
    pub(crate) labels: Arc<Labels>,
    pub(crate) retention: Retention,
    /// Held while personal text is removed. Taken before the locks of `Corrections`.
    pub(crate) changing_words: Mutex<()>,
}

impl Privacy {
    /// `retention` says how long personal text is kept.
    pub(crate) fn open(
        context: &Context,
        judging: &Arc<Judging>,
        corrections: &Arc<Corrections>,
        labels: &Arc<Labels>,
        retention: Retention,
    ) -> Self {
        Self {
            context: context.clone(),
            judging: Arc::clone(judging),
            corrections: Arc::clone(corrections),
            labels: Arc::clone(labels),
            retention,
            changing_words: Mutex::default(),
        }
    }
}
