//! What the verbs on models work with. The verbs are in `live`, `retrain` and `shadow`. Never
//! judges by itself.

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
