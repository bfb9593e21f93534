//! A retrain inside the server: its own labels move the shipped model, the newest of them judge
//! what comes of it, and it goes live if the gate lets it pass. One at a time; checks and labels go
//! on meanwhile.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::blocking::{WorkFailed, run_blocking};
use crate::learn::evaluate::comparison::{Comparison, Pair};
use crate::learn::evaluate::gate::{Margins, decide};
use crate::learn::train::adapt::{AdaptConfig, RetrainError, retrain};
use crate::learn::train::from_ledger::{Foreign, Taking};
use crate::model::Model;
use crate::model::file::ModelFileError;
use crate::model::registry::{ModelRegistry, Promotion};
use crate::moderation::models::live::{Candidate, PromoteError};
use crate::moderation::models::state::Models;
use crate::moderation::transfer::export::export;
use crate::moderation::transfer::snapshot::Past;
use crate::store::StoreError;

/// Share of the labels, the newest, that judge and do not teach.
const HELD_BACK: f64 = 0.1;

/// What a retrain came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Retrained {
    /// The candidate judges.
    Promoted(Promotion),
    /// The gate did not let it pass; it stays on the shelf.
    Refused {
        /// Its id.
        id: String,
        /// Id of the live model, which goes on.
        live: String,
        /// Why.
        why: String,
    },
}

/// Why there is no candidate.
#[derive(Debug, thiserror::Error)]
pub enum RetrainFailure {
    /// Another one is at work.
    #[error("a retrain is under way already")]
    UnderWay,
    /// The labels cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// They are not of this server.
    #[error(transparent)]
    Foreign(#[from] Foreign),
    /// They make no model.
    #[error(transparent)]
    Retrain(#[from] RetrainError),
    /// It cannot be kept, or cannot go live.
    #[error(transparent)]
    Promote(#[from] PromoteError),
}

impl From<ModelFileError> for RetrainFailure {
    fn from(error: ModelFileError) -> Self {
        PromoteError::from(error).into()
    }
}

impl From<WorkFailed> for RetrainFailure {
    fn from(failed: WorkFailed) -> Self {
        StoreError::from(failed).into()
    }
}

impl Models {
    /// Retrains from the shipped model, so that what was undone since the last time is not in it,
    /// and promotes what is not worse.
    ///
    /// # Errors
    ///
    /// If another retrain is at work, the labels make no model, or it cannot be kept or go live.
    pub async fn retrain(self: &Arc<Self>) -> Result<Retrained, RetrainFailure> {
        let shelf = self.shelf.clone().ok_or(PromoteError::NoShelf)?;
        let _alone = self
            .retraining
            .try_lock()
            .map_err(|_| RetrainFailure::UnderWay)?;
        let asked = Arc::clone(self);
        let (id, live, refused) = run_blocking("retrain", move || asked.candidate(&shelf)).await?;
        if let Some(why) = refused {
            tracing::info!(id, live, why, "the retrained model does not judge");
            return Ok(Retrained::Refused { id, live, why });
        }
        let promoted = self.promote(Candidate {
            id,
            gate: "passed, on the newest labels".to_owned(),
            forced: None,
        });
        Ok(Retrained::Promoted(promoted.await?))
    }

    /// A candidate on the shelf, the live model it was held against, and why it may not judge, if
    /// so.
    fn candidate(
        &self,
        shelf: &ModelRegistry,
    ) -> Result<(String, String, Option<String>), RetrainFailure> {
        let past = Past::of(export(&self.context.store)?.collect::<Result<Vec<_>, _>>()?);
        let lessons = past.lessons(HELD_BACK, Taking::default())?;
        let quietly = &|_: &str, _, _| {};
        let mut candidate = retrain(
            &Model::shipped(),
            &lessons,
            &AdaptConfig::default(),
            quietly,
        )?
        .model;
        let beside = shelf.place_of(".retraining");
        candidate.save(&beside)?;
        let id = shelf.put(&beside)?.id;
        let _ = std::fs::remove_dir_all(&beside);
        let live = self.model();
        let after = live.card.ledger_seq.max(candidate.card.ledger_seq);
        let models = [&*live, &candidate];
        let pairs: Vec<Pair> = past
            .fresh(after)
            .labels
            .iter()
            .map(|said| {
                let site = Some(said.site.as_str());
                Pair::of(models, &said.features, said.label, site, site)
            })
            .collect();
        let margins = Margins::default();
        let comparison = Comparison::of(&live.card.id, &id, &pairs, margins.least);
        let refused = decide(&comparison, &margins).err();
        Ok((
            id,
            live.card.id.clone(),
            refused.map(|refusal| refusal.to_string()),
        ))
    }
}
