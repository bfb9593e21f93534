//! The operator's routes about a model in the shadow: begin, report, end. JSON in and out. Such a
//! model answers no check.

use axum::extract::State;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::{Deserialize, Serialize};

use crate::http::app::App;
use crate::http::error::AdminError;
use crate::moderation::ShadowReport;

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/models/shadow", get(report).post(begin))
        .route("/models/shadow/off", post(end))
}

/// Which model becomes the shadow, whose verdicts are only counted.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ShadowAsked {
    /// Its id on the shelf, or `shipped`.
    pub id: String,
}

async fn report(State(app): State<App>) -> Result<Json<ShadowReport>, AdminError> {
    Ok(Json(app.moderation.models.shadow.report().await?))
}

async fn begin(
    State(app): State<App>,
    Json(asked): Json<ShadowAsked>,
) -> Result<Json<ShadowReport>, AdminError> {
    Ok(Json(app.moderation.models.shadow.begin(&asked.id).await?))
}

async fn end(State(app): State<App>) -> Result<Json<ShadowReport>, AdminError> {
    Ok(Json(app.moderation.models.shadow.end().await?))
}
