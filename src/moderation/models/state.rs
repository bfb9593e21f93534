//! What the verbs on models work with: `live` (which one judges), `retrain`, `shadow`.

use std::sync::Arc;

use crate::model::registry::ModelRegistry;
use crate::moderation::accounts::Accounts;
use crate::moderation::context::Context;
use crate::moderation::judging::Judging;
use crate::moderation::models::shadow::Shadow;

/// Models of this server.
#[derive(Debug)]
pub struct Models {
    pub(crate) context: Context,
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
        context: &Context,
        accounts: &Arc<Accounts>,
        judging: &Arc<Judging>,
        shelf: Option<ModelRegistry>,
    ) -> Self {
        let shadow = Shadow::open(context, accounts, judging, shelf.clone());
        Self {
            context: context.clone(),
            shelf,
            promoting: Default::default(),
            retraining: Default::default(),
            shadow: Arc::new(shadow),
        }
    }
}
