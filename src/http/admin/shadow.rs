//! The operator's routes about a model in the shadow: begin, report, end. JSON in and out.

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::{Deserialize, Serialize};

use crate::http::App;
use crate::http::admin::AdminError;
use crate::moderation::{ShadowError, ShadowReport};

pub(crate) fn router() -> Router<App> {
    Router::new()
        .route("/models/shadow", get(report).post(begin))
        .route("/models/shadow/off", post(end))
}

/// Which model shall judge without being heard.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ShadowAsked {
    /// Its id on the shelf, or `shipped`.
    pub id: String,
}

impl From<ShadowError> for AdminError {
    fn from(error: ShadowError) -> Self {
        let status = match error {
            ShadowError::ModelRegistry(_) => StatusCode::UNPROCESSABLE_ENTITY,
            ShadowError::Live(_) | ShadowError::Taken(_) => StatusCode::CONFLICT,
            ShadowError::Off | ShadowError::NoShelf => StatusCode::NOT_FOUND,
            ShadowError::Broken => StatusCode::INTERNAL_SERVER_ERROR,
            ShadowError::Store(_) | ShadowError::Label(_) => StatusCode::INSUFFICIENT_STORAGE,
        };
        Self(status, error.to_string())
    }
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
