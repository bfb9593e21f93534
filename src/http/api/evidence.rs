//! The operator's routes of the evidence lists: a list file in, what became of it out; the lists
//! there are; the name of one that shall go. Decides nothing about a comment.

use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::{Deserialize, Serialize};

use crate::blocking::run_blocking;
use crate::http::app::App;
use crate::http::error::{AdminError, HttpError};
use crate::moderation::{EvidenceAdded, EvidenceLine, Unreadable};

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

async fn add(
    State(app): State<App>,
    Query(adding): Query<Adding>,
    file: Bytes,
) -> Result<Json<EvidenceAdded>, AdminError> {
    let Adding { name, unreadable } = adding;
    let added = run_blocking("take in the list", move || {
        Ok::<_, HttpError>(
            app.moderation
                .judging
                .add_evidence(&name, &file, unreadable)?,
        )
    });
    Ok(Json(added.await?))
}

async fn show(State(app): State<App>) -> Result<Json<Vec<EvidenceLine>>, AdminError> {
    let lists = run_blocking("read the evidence lists", move || {
        Ok::<_, HttpError>(app.moderation.judging.evidence_lists()?)
    });
    Ok(Json(lists.await?))
}

async fn remove(
    State(app): State<App>,
    Json(EvidenceName { name }): Json<EvidenceName>,
) -> Result<Json<EvidenceName>, AdminError> {
    let named = name.clone();
    let removed = run_blocking("remove the list", move || {
        Ok::<_, HttpError>(app.moderation.judging.remove_evidence(&named)?)
    });
    if !removed.await? {
        return Err(HttpError::not_found(format!("there is no evidence list {name:?}")).into());
    }
    Ok(Json(EvidenceName { name }))
}
