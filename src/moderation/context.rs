//! Shared parts in, handles out: the store, the layers, the clock, the health of the server, and
//! the two writers. Cheap to clone. Never has a verb of its own.

use std::sync::Arc;

use crate::clock::Clock;
use crate::learn::online::Online;
use crate::moderation::checks::Checks;
use crate::moderation::health::Health;
use crate::moderation::ledger::Ledger;
use crate::store::Store;

/// The handles that every owner may hold.
#[derive(Debug, Clone)]
pub(crate) struct Context {
    pub(crate) store: Arc<Store>,
    pub(crate) online: Arc<Online>,
    pub(crate) clock: Clock,
    pub(crate) health: Arc<Health>,
    pub(crate) ledger: Arc<Ledger>,
    pub(crate) checks: Arc<Checks>,
}
