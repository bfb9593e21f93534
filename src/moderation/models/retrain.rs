//! A retrain inside the server: the server's labels in, a candidate out. The labels adapt the
//! shipped model, the newest labels judge the result, and it goes live if it passes the gate. One
//! at a time; checks and labels go on meanwhile. Never makes a model live that the gate refused.

use std::collections::HashSet;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::blocking::{WorkFailed, run_blocking};
use crate::comment::CommentId;
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
use crate::moderation::transfer::line::ExportLine;
use crate::moderation::transfer::snapshot::Past;
use crate::store::StoreError;

/// Share of the labels, the newest ones, that judge the candidate and do not teach it.
const HELD_BACK: f64 = 0.1;

/// The result of a retrain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Retrained {
    /// The candidate is live.
    Promoted(Promotion),
    /// The gate refused the candidate; it stays in the registry.
    Refused {
        /// Id of the candidate.
        id: String,
        /// Id of the live model, which stays live.
        live: String,
        /// Why it was refused.
        why: String,
    },
}

/// Why a retrain gave no result.
#[derive(Debug, thiserror::Error)]
pub enum RetrainFailure {
    /// Another retrain is running.
    #[error("a retrain is under way already")]
    UnderWay,
    /// The labels cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The labels are not of this server.
    #[error(transparent)]
    Foreign(#[from] Foreign),
    /// The labels are not enough for a model, or training failed.
    #[error(transparent)]
    Retrain(#[from] RetrainError),
    /// The candidate cannot be stored, or cannot go live.
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
    /// Adapts the shipped model, not the live one, so that labels undone since the last retrain are
    /// not in it. Promotes the result if it is not worse.
    ///
    /// # Errors
    ///
    /// Another retrain is running, the labels make no model, or the model cannot be stored or go
    /// live.
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

    /// The export of this server, of the checks only those with a label: all others would take a
    /// gigabyte for 300,000 checks, and teach nothing.
    fn labelled_past(&self) -> Result<Past, StoreError> {
        let store = &self.context.store;
        let labelled = store.ledger(0).map(|entry| Ok(entry?.comment));
        let labelled: HashSet<CommentId> = labelled.collect::<Result<_, StoreError>>()?;
        let is_wanted = |line: &ExportLine| match line {
            ExportLine::Check(record) => {
                labelled.contains(&CommentId::of(&record.site, &record.comment))
            }
            _ => true,
        };
        let lines = export(store)?.filter(|line| line.as_ref().map_or(true, is_wanted));
        lines.collect::<Result<Vec<_>, _>>().map(Past::of)
    }

    /// Makes a candidate in the registry. Returns its id, the id of the live model, and why the
    /// gate refused it, if it did.
    fn candidate(
        &self,
        shelf: &ModelRegistry,
    ) -> Result<(String, String, Option<String>), RetrainFailure> {
        let past = self.labelled_past()?;
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
        // Both models are judged by labels that neither was trained on.
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
