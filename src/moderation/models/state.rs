//! What the verbs on models work with. The verbs are in `live`, `retrain` and `shadow`. Never
//! judges by itself.

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
    /// The registry of models, if there is one.
    pub(crate) shelf: Option<ModelRegistry>,
    /// Held while another model goes live.
    pub(crate) promoting: tokio::sync::Mutex<()>,
    /// Held by a retrain.
    pub(crate) retraining: tokio::sync::Mutex<()>,
    /// The candidate in the shadow.
    pub shadow: Arc<Shadow>,
}

impl Models {
    /// Uses this registry, if there is one. There is no candidate yet.
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
