//! What the verbs on models work with: `live` (which one judges), `retrain`, `shadow`.

use std::sync::Arc;

use crate::clock::Clock;
use crate::learn::online::Online;
use crate::model::registry::ModelRegistry;
use crate::moderation::ledger::Ledger;
use crate::moderation::models::shadow::Shadow;
use crate::store::Store;

/// Models of this server.
#[derive(Debug)]
pub struct Models {
    pub(crate) store: Arc<Store>,
    pub(crate) online: Arc<Online>,
    pub(crate) clock: Clock,
    pub(crate) ledger: Arc<Ledger>,
    /// Where models are kept, if anywhere.
    pub(crate) shelf: Option<ModelRegistry>,
    /// Held by whoever has another model go live.
    pub(crate) promoting: tokio::sync::Mutex<()>,
    /// Held by a retrain.
    pub(crate) retraining: tokio::sync::Mutex<()>,
    /// A candidate beside the live model.
    pub shadow: Arc<Shadow>,
}
