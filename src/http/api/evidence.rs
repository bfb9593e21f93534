//! The operator's door of the evidence lists. A list file in, what became of it out; the lists there are; the name of one that shall go.

use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::{Deserialize, Serialize};

use crate::http::App;
use crate::http::admin::AdminError;
use crate::http::api::{ApiError, off_the_loop};
use crate::moderation::{EvidenceAdded, EvidenceError, EvidenceLine, Unreadable};

pub(crate) fn admin_router() -> Router<App> {
    Router::new()
        .route("/lists/evidence", get(show).post(add))
        .route("/lists/evidence/remove", post(remove))
}

/// How a file is taken in.
#[derive(Debug, Deserialize)]
struct Adding {
    name: String,
    #[serde(default)]
    unreadable: Unreadable,
}

/// Which evidence list is meant.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct EvidenceName {
    /// Its name.
    pub name: String,
}

impl From<EvidenceError> for ApiError {
    fn from(error: EvidenceError) -> Self {
        let status = match error {
            EvidenceError::Store(_) => StatusCode::INSUFFICIENT_STORAGE,
            _ => StatusCode::UNPROCESSABLE_ENTITY,
        };
        Self(status, error.to_string())
    }
}

async fn add(
    State(app): State<App>,
    Query(adding): Query<Adding>,
    file: Bytes,
) -> Result<Json<EvidenceAdded>, AdminError> {
    let Adding { name, unreadable } = adding;
    let add = move || {
        app.moderation
            .judging
            .add_evidence(&name, &file, unreadable)
    };
    Ok(Json(off_the_loop(add).await?))
}

async fn show(State(app): State<App>) -> Result<Json<Vec<EvidenceLine>>, AdminError> {
    Ok(Json(
        off_the_loop(move || app.moderation.judging.evidence_lists()).await?,
    ))
}

async fn remove(
    State(app): State<App>,
    Json(EvidenceName { name }): Json<EvidenceName>,
) -> Result<Json<EvidenceName>, AdminError> {
    let named = name.clone();
    let is_gone = off_the_loop(move || app.moderation.judging.remove_evidence(&named)).await?;
    if !is_gone {
        let why = format!("there is no evidence list {name:?}");
        return Err(AdminError(StatusCode::NOT_FOUND, why));
    }
    Ok(Json(EvidenceName { name }))
}
