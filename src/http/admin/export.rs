//! The operator's routes that give out everything, or all that one site owns, and take it in again;
//! and labels of other systems. JSON Lines out and in, histories as JSON. Judges nothing.

use axum::body::{Body, Bytes};
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;

use crate::blocking::run_blocking;
use crate::comment::SiteId;
use crate::http::app::App;
use crate::http::error::{AdminError, HttpError};
use crate::moderation::{CutOff, ExportLine, Imported, PastLabel, StoreError, Taken};

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/export", get(export))
        .route("/import", post(import))
        .route("/history", post(take_history))
}

/// What to export.
#[derive(Debug, Deserialize)]
struct ExportOf {
    /// What this site owns, instead of everything.
    site: Option<String>,
}

/// How to import.
#[derive(Debug, Deserialize)]
struct ImportOf {
    #[serde(default)]
    cut_off: CutOff,
}

async fn export(
    State(app): State<App>,
    Query(of): Query<ExportOf>,
) -> Result<Response, AdminError> {
    if let Some(site) = of.site {
        let site = SiteId::parse(&site).map_err(HttpError::invalid)?;
        return Ok(as_lines(app.moderation.transfer.export_site(site)?));
    }
    Ok(as_lines(app.moderation.transfer.export()?))
}

fn as_lines(
    lines: impl Iterator<Item = Result<ExportLine, StoreError>> + Send + 'static,
) -> Response {
    let lines = lines.map(|line| {
        let line = line.map_err(std::io::Error::other)?;
        let mut text = serde_json::to_vec(&line).map_err(std::io::Error::other)?;
        text.push(b'\n');
        Ok::<_, std::io::Error>(Bytes::from(text))
    });
    Body::from_stream(tokio_stream::iter(lines)).into_response()
}

async fn import(
    State(app): State<App>,
    Query(of): Query<ImportOf>,
    body: Bytes,
) -> Result<Json<Imported>, AdminError> {
    // An export is as large as the store: reading it takes seconds in which no check waits.
    let lines = run_blocking("read the export", move || {
        let text = std::str::from_utf8(&body)
            .map_err(|_| HttpError::invalid("the export is not UTF-8; nothing was imported"))?;
        Ok::<_, HttpError>(ExportLine::parse_export(text, of.cut_off)?)
    });
    Ok(Json(app.moderation.transfer.import(lines.await?).await?))
}

async fn take_history(
    State(app): State<App>,
    Json(past): Json<Vec<PastLabel>>,
) -> Result<Json<Taken>, AdminError> {
    Ok(Json(app.moderation.transfer.take_history(past).await?))
}
