//! What the verbs on labels work with. The verbs are in `entry` and `matching` (a report becomes an
//! entry), `undo` and `listing`. Never writes by itself.

use std::sync::Arc;

use crate::moderation::accounts::Accounts;
use crate::moderation::context::Context;
use crate::moderation::corrections::Corrections;
use crate::moderation::judging::Judging;

/// Labels of this server.
#[derive(Debug)]
pub struct Labels {
    pub(crate) context: Context,
    pub(crate) accounts: Arc<Accounts>,
    pub(crate) judging: Arc<Judging>,
    pub(crate) corrections: Arc<Corrections>,
}

impl Labels {
    /// Collects the handles; holds no state of its own.
    pub(crate) fn open(
        context: &Context,
        accounts: &Arc<Accounts>,
        judging: &Arc<Judging>,
        corrections: &Arc<Corrections>,
    ) -> Self {
        Self {
            context: context.clone(),
            accounts: Arc::clone(accounts),
            judging: Arc::clone(judging),
            corrections: Arc::clone(corrections),
        }
    }
}
