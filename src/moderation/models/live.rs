//! Which model judges: swapped whole while checks go on, written down so that the next start uses
//! it too, and taken back.

use std::sync::Arc;

use crate::blocking::{WorkFailed, run_blocking};
use crate::model::Model;
use crate::model::file::ModelFileError;
use crate::model::registry::Promotion;
use crate::moderation::ledger::error::LabelError;
use crate::moderation::models::state::Models;
use crate::store::StoreError;
use serde::{Deserialize, Serialize};

/// Which model shall go live, and what speaks for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    /// Its id on the shelf, or `shipped`.
    pub id: String,
    /// What the gate said.
    pub gate: String,
    /// Why it goes live against the gate, if it does.
    pub forced: Option<String>,
}

/// Why a model did not go live. The one before still judges.
#[derive(Debug, thiserror::Error)]
pub enum PromoteError {
    /// It cannot be had, or what was decided cannot be written down.
    #[error(transparent)]
    ModelRegistry(#[from] ModelFileError),
    /// Its layers cannot be read from the ledger.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The server is going down.
    #[error(transparent)]
    Label(#[from] LabelError),
    /// It is live.
    #[error("{0} is live already")]
    Live(String),
    /// Nothing was promoted yet.
    #[error("there is nothing to go back to: no model was ever promoted here")]
    First,
    /// This server has no shelf.
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

    /// Another model judges from the next check on. Checks use the one before until the layers of
    /// the new one are folded, which takes as long as reading the ledger; labels that come
    /// meanwhile wait that long, and none is lost.
    ///
    /// # Errors
    ///
    /// If the ledger cannot be read; then the model before still judges.
    pub async fn swap(&self, model: Arc<Model>) -> Result<(), PromoteError> {
        Ok(self.context.ledger.swap(model).await??)
    }

    /// Makes a model of the shelf live, now and at every start. Whether it should be is asked
    /// before (`learn::gate`).
    ///
    /// # Errors
    ///
    /// If there is no such model, it is live already, or what was decided cannot be written down;
    /// then the model before still judges.
    pub async fn promote(&self, candidate: Candidate) -> Result<Promotion, PromoteError> {
        let shelf = self.shelf.clone().ok_or(PromoteError::NoShelf)?;
        // One at a time: two promotions at once would each take the other for the one before.
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
            // What cannot be written down must not judge until the next start only.
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

    /// Back to the model that was live before.
    ///
    /// # Errors
    ///
    /// If nothing was ever promoted, or as [`Models::promote`].
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
