//! What the verbs of privacy work with: `retention` (what is too old), `erase` (a person),
//! `clock_guard` (may time be believed).

use std::sync::Arc;

use parking_lot::Mutex;

use crate::moderation::context::Context;
use crate::moderation::corrections::Corrections;
use crate::moderation::judging::Judging;
use crate::moderation::labels::Labels;
use crate::moderation::privacy::setting::Retention;

/// Personal text, and how it goes.
#[derive(Debug)]
pub struct Privacy {
    pub(crate) context: Context,
    pub(crate) judging: Arc<Judging>,
    pub(crate) corrections: Arc<Corrections>,
    pub(crate) labels: Arc<Labels>,
    pub(crate) retention: Retention,
    /// Held by whoever takes words away.
    pub(crate) changing_words: Mutex<()>,
}

impl Privacy {
    /// Keeps personal text for so long.
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
