//! The operator's routes about models: which one judges, another one, the one before. JSON in and
//! out. It never asks the gate: the caller asks it and sends its decision.

use axum::extract::State;
use axum::routing::{get, post};
use axum::{Json, Router};

use crate::http::app::App;
use crate::http::error::AdminError;
use crate::moderation::{Candidate, Promotion, Retrained};

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/models/live", get(live))
        .route("/models/promote", post(promote))
        .route("/models/rollback", post(roll_back))
        .route("/models/retrain", post(retrain))
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

async fn retrain(State(app): State<App>) -> Result<Json<Retrained>, AdminError> {
    Ok(Json(app.moderation.models.retrain().await?))
}
