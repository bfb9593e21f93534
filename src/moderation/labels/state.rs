//! What the verbs on labels work with. The verbs are in `entry` and `matching` (a report becomes an
//! entry), `undo` and `listing`. Never writes by itself.

use std::sync::Arc;

use crate::clock::Clock;
use crate::learn::online::Online;
use crate::moderation::accounts::Accounts;
use crate::moderation::checks::Checks;
use crate::moderation::corrections::Corrections;
use crate::moderation::ground::Ground;
use crate::moderation::judging::Judging;
use crate::moderation::ledger::Ledger;
use crate::store::Store;

/// Labels of this server.
#[derive(Debug)]
pub struct Labels {
    pub(crate) store: Arc<Store>,
    pub(crate) online: Arc<Online>,
    pub(crate) clock: Clock,
    pub(crate) ledger: Arc<Ledger>,
    pub(crate) accounts: Arc<Accounts>,
    pub(crate) checks: Arc<Checks>,
    pub(crate) judging: Arc<Judging>,
    pub(crate) corrections: Arc<Corrections>,
}

impl Labels {
    /// Collects the handles; holds no state of its own.
    pub(crate) fn open(
        ground: &Ground,
        accounts: &Arc<Accounts>,
        judging: &Arc<Judging>,
        corrections: &Arc<Corrections>,
    ) -> Self {
        Self {
            store: Arc::clone(&ground.store),
            online: Arc::clone(&ground.online),
            clock: ground.clock,
            ledger: Arc::clone(&ground.ledger),
            checks: Arc::clone(&ground.checks),
            accounts: Arc::clone(accounts),
            judging: Arc::clone(judging),
            corrections: Arc::clone(corrections),
        }
    }
}
