//! What all owners share: the store, the layers, the clock, the health of the server, and the two
//! writers. Handles alone; cheap to clone. two writers. Handles alone; cheap to clone.

use std::sync::Arc;

use crate::clock::Clock;
use crate::learn::online::Online;
use crate::moderation::checks::Checks;
use crate::moderation::health::Health;
use crate::moderation::ledger::Ledger;
use crate::store::Store;

/// Handles that every owner may hold.
#[derive(Debug, Clone)]
pub(crate) struct Context {
    pub(crate) store: Arc<Store>,
    pub(crate) online: Arc<Online>,
    pub(crate) clock: Clock,
    pub(crate) health: Arc<Health>,
    pub(crate) ledger: Arc<Ledger>,
    pub(crate) checks: Arc<Checks>,
}
