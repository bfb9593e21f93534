//! The operator's routes that give out everything, or all that one site owns, and take it in again. JSON Lines out and in.

use axum::body::{Body, Bytes};
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;

use crate::comment::SiteId;
use crate::http::App;
use crate::http::admin::{AdminError, unprocessable};
use crate::moderation::{
    CutOff, EvidenceError, ExportLine, ImportError, Imported, ListError, StoreError,
};

pub(crate) fn router() -> Router<App> {
    Router::new()
        .route("/export", get(export))
        .route("/import", post(import))
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
        let site = SiteId::parse(&site).map_err(unprocessable)?;
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

impl From<ImportError> for AdminError {
    fn from(error: ImportError) -> Self {
        let status = match &error {
            ImportError::Store(_)
            | ImportError::Owner(_)
            | ImportError::Label(_)
            | ImportError::List(ListError::Store(_))
            | ImportError::Evidence(EvidenceError::Store(_)) => StatusCode::INSUFFICIENT_STORAGE,
            ImportError::Line { .. }
            | ImportError::CutOff
            | ImportError::Foreign { .. }
            | ImportError::List(_)
            | ImportError::Evidence(_) => StatusCode::UNPROCESSABLE_ENTITY,
        };
        Self(status, error.to_string())
    }
}

async fn import(
    State(app): State<App>,
    Query(of): Query<ImportOf>,
    body: Bytes,
) -> Result<Json<Imported>, AdminError> {
    let text = std::str::from_utf8(&body)
        .map_err(|_| unprocessable("the export is not UTF-8; nothing was imported"))?;
    let lines = ExportLine::parse_export(text, of.cut_off)?;
    Ok(Json(app.moderation.transfer.import(lines).await?))
}
