//! A candidate in, the live model out: replaced as a whole while checks go on, stored so that the
//! next start uses it too, and rolled back. Never asks the gate itself.

use std::sync::Arc;

use crate::blocking::{WorkFailed, run_blocking};
use crate::model::Model;
use crate::model::file::ModelFileError;
use crate::model::registry::Promotion;
use crate::moderation::ledger::error::LabelError;
use crate::moderation::models::state::Models;
use crate::store::StoreError;
use serde::{Deserialize, Serialize};

/// The model that should go live, and the reasons.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    /// Its id in the registry, or `shipped`.
    pub id: String,
    /// The result of the gate.
    pub gate: String,
    /// Why it goes live although the gate refused it; `None` if it passed.
    pub forced: Option<String>,
}

/// Why a model did not go live. The model before is still live.
#[derive(Debug, thiserror::Error)]
pub enum PromoteError {
    /// It cannot be loaded, or the promotion cannot be stored.
    #[error(transparent)]
    ModelRegistry(#[from] ModelFileError),
    /// The ledger for its layers cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The server is stopping.
    #[error(transparent)]
    Label(#[from] LabelError),
    /// It is live already.
    #[error("{0} is live already")]
    Live(String),
    /// No model was promoted yet.
    #[error("there is nothing to go back to: no model was ever promoted here")]
    First,
    /// This server has no registry.
    #[error("this server keeps no models")]
    NoShelf,
}

impl From<WorkFailed> for PromoteError {
    fn from(failed: WorkFailed) -> Self {
        StoreError::from(failed).into()
    }
}

impl Models {
    /// The live model.
    pub fn model(&self) -> Arc<Model> {
        self.context.online.model()
    }

    /// Id of the live model.
    pub fn model_id(&self) -> String {
        self.model().card.id.clone()
    }

    /// Replaces the live model from the next check on. Until the layers of the new model are
    /// computed, which takes as long as reading the ledger, checks use the model before. Labels
    /// that come meanwhile wait that long, and none is lost.
    ///
    /// # Errors
    ///
    /// The ledger cannot be read. Then the model before is still live.
    pub async fn swap(&self, model: Arc<Model>) -> Result<(), PromoteError> {
        Ok(self.context.ledger.swap(model).await??)
    }

    /// Makes a model of the registry live, now and at every later start. The caller has asked the
    /// gate before (`learn::evaluate::gate`).
    ///
    /// # Errors
    ///
    /// There is no such model, it is live already, or the promotion cannot be stored. Then the
    /// model before is still live.
    pub async fn promote(&self, candidate: Candidate) -> Result<Promotion, PromoteError> {
        let shelf = self.shelf.clone().ok_or(PromoteError::NoShelf)?;
        // One promotion at a time: of two at once each would take the other for the model before.
        let _alone = self.promoting.lock().await;
        let before = self.model();
        let promotion = Promotion {
            before: shelf.live()?,
            id: candidate.id,
            at: (self.context.clock)(),
            gate: candidate.gate,
            forced: candidate.forced,
        };
        let (from, id) = (shelf.clone(), promotion.id.clone());
        let load = move || from.load(&id).map_err(PromoteError::from);
        let model = run_blocking("load the model", load).await?;
        if promotion.id == promotion.before && before.card.id == model.card.id {
            return Err(PromoteError::Live(promotion.id));
        }
        self.swap(Arc::new(model)).await?;
        if let Err(error) = shelf.promote(&promotion) {
            // A model that cannot be stored as live must not judge: the next start would use
            // another.
            self.swap(before).await?;
            return Err(error.into());
        }
        tracing::info!(
            id = promotion.id,
            before = promotion.before,
            "another model judges"
        );
        Ok(promotion)
    }

    /// Makes the model before live again.
    ///
    /// # Errors
    ///
    /// No model was ever promoted, or as [`Models::promote`].
    pub async fn roll_back(&self) -> Result<Promotion, PromoteError> {
        let shelf = self.shelf.clone().ok_or(PromoteError::NoShelf)?;
        let live = shelf.live()?;
        let history = shelf.history()?;
        let last = history.iter().rev().find(|promotion| promotion.id == live);
        let before = last.ok_or(PromoteError::First)?.before.clone();
        self.promote(Candidate {
            id: before,
            gate: format!("not asked: back from {live}"),
            forced: None,
        })
        .await
    }
}
