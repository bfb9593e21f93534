//! The operator's routes about labels: shown, undone, vouched for; and which site belongs to which
//! key. JSON in and out. Adds no label.

use axum::extract::State;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::{Deserialize, Serialize};

use crate::blocking::run_blocking;
use crate::comment::SiteId;
use crate::http::app::App;
use crate::http::error::{AdminError, HttpError};
use crate::moderation::{LabelLine, Selection, SiteSummary, Undone, Vouch};

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/labels", post(labels))
        .route("/undo", post(undo))
        .route("/sites/standing", get(standings).post(standing))
        .route("/sites/give", post(give))
        .route("/keys/vouch", post(vouch))
}

/// Which labels shall be undone.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct UndoAsked {
    /// Which.
    pub chosen: Selection,
    /// Whether it shall only be told what would change.
    pub dry_run: bool,
}

/// Whether the operator answers for the keys of a name.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Vouching {
    /// Name of the keys.
    pub key_name: String,
    /// Whether he does.
    pub vouched: bool,
}

/// A site for the keys of a name.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Gift {
    /// The site.
    pub site: SiteId,
    /// Name of its keys from now on.
    pub key_name: String,
}

/// Reads the whole ledger.
async fn labels(
    State(app): State<App>,
    Json(chosen): Json<Selection>,
) -> Result<Json<Vec<LabelLine>>, AdminError> {
    let lines = run_blocking("read the labels", move || {
        Ok::<_, HttpError>(app.moderation.labels.list(&chosen)?)
    });
    Ok(Json(lines.await?))
}

async fn undo(
    State(app): State<App>,
    Json(asked): Json<UndoAsked>,
) -> Result<Json<Undone>, AdminError> {
    let undone = if asked.dry_run {
        app.moderation.labels.would_undo(asked.chosen).await
    } else {
        app.moderation.labels.undo(asked.chosen).await
    };
    Ok(Json(undone?))
}

/// Of all sites that were labelled.
async fn standings(State(app): State<App>) -> Result<Json<Vec<SiteSummary>>, AdminError> {
    Ok(Json(app.moderation.monitor.site_summaries(None).await?))
}

/// Of one site, in a list of one.
async fn standing(
    State(app): State<App>,
    Json(site): Json<SiteId>,
) -> Result<Json<Vec<SiteSummary>>, AdminError> {
    let sites = Some([site].into());
    Ok(Json(app.moderation.monitor.site_summaries(sites).await?))
}

async fn give(State(app): State<App>, Json(gift): Json<Gift>) -> Result<Json<Gift>, AdminError> {
    app.moderation
        .accounts
        .give(&gift.site, &gift.key_name)
        .await?;
    Ok(Json(gift))
}

async fn vouch(
    State(app): State<App>,
    Json(vouching): Json<Vouching>,
) -> Result<Json<Vouching>, AdminError> {
    let vouch = if vouching.vouched {
        Vouch::For
    } else {
        Vouch::NoLonger
    };
    app.moderation
        .labels
        .vouch(&vouching.key_name, vouch)
        .await?;
    Ok(Json(vouching))
}
