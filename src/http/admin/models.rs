//! The operator's routes about models: what judges, another one, the one before. JSON in and out.

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};

use crate::http::App;
use crate::http::admin::AdminError;
use crate::moderation::{Candidate, PromoteError, Promotion, RetrainFailure, Retrained};

pub(crate) fn router() -> Router<App> {
    Router::new()
        .route("/models/live", get(live))
        .route("/models/promote", post(promote))
        .route("/models/rollback", post(roll_back))
        .route("/models/retrain", post(retrain))
}

impl From<PromoteError> for AdminError {
    fn from(error: PromoteError) -> Self {
        let status = match error {
            PromoteError::ModelRegistry(_) => StatusCode::UNPROCESSABLE_ENTITY,
            PromoteError::Live(_) | PromoteError::First => StatusCode::CONFLICT,
            PromoteError::NoShelf => StatusCode::NOT_FOUND,
            PromoteError::Store(_) | PromoteError::Label(_) => StatusCode::INSUFFICIENT_STORAGE,
        };
        Self(status, error.to_string())
    }
}

/// Id of the model that judges.
async fn live(State(app): State<App>) -> Json<String> {
    Json(app.moderation.models.model_id())
}

async fn promote(
    State(app): State<App>,
    Json(candidate): Json<Candidate>,
) -> Result<Json<Promotion>, AdminError> {
    Ok(Json(app.moderation.models.promote(candidate).await?))
}

async fn roll_back(State(app): State<App>) -> Result<Json<Promotion>, AdminError> {
    Ok(Json(app.moderation.models.roll_back().await?))
}

impl From<RetrainFailure> for AdminError {
    fn from(failure: RetrainFailure) -> Self {
        let status = match failure {
            RetrainFailure::UnderWay => StatusCode::CONFLICT,
            RetrainFailure::Promote(error) => return error.into(),
            RetrainFailure::Store(_) => StatusCode::INSUFFICIENT_STORAGE,
            RetrainFailure::Foreign(_) | RetrainFailure::Retrain(_) => {
                StatusCode::UNPROCESSABLE_ENTITY
            }
        };
        Self(status, failure.to_string())
    }
}

async fn retrain(State(app): State<App>) -> Result<Json<Retrained>, AdminError> {
    Ok(Json(app.moderation.models.retrain().await?))
}
