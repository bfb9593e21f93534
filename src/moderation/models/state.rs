//! What the verbs on models work with: `live` (which one judges), `retrain`, `shadow`.

use std::sync::Arc;

use crate::clock::Clock;
use crate::learn::online::Online;
use crate::model::registry::ModelRegistry;
use crate::moderation::accounts::Accounts;
use crate::moderation::ground::Ground;
use crate::moderation::judging::Judging;
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

impl Models {
    /// Keeps models on this shelf, if there is one. Nothing is in the shadow yet.
    pub(crate) fn open(
        ground: &Ground,
        accounts: &Arc<Accounts>,
        judging: &Arc<Judging>,
        shelf: Option<ModelRegistry>,
    ) -> Self {
        let shadow = Shadow::open(ground, accounts, judging, shelf.clone());
        Self {
            store: Arc::clone(&ground.store),
            online: Arc::clone(&ground.online),
            clock: ground.clock,
            ledger: Arc::clone(&ground.ledger),
            shelf,
            promoting: Default::default(),
            retraining: Default::default(),
            shadow: Arc::new(shadow),
        }
    }
}
