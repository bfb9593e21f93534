//! `POST /v1/check`: a comment in, its verdict with all reasons out. Learns nothing.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use serde::Serialize;

use crate::filter;
use crate::http::api::caller::admitted;
use crate::http::api::comment::RawComment;
use crate::http::app::App;
use crate::http::error::HttpError;
use crate::moderation::Mode;
use crate::verdict::Assessment;

pub(super) fn router() -> Router<App> {
    Router::new().route("/v1/check", post(check))
}

#[derive(Debug, Serialize)]
struct CheckAnswer {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    guid: String,
    #[serde(flatten)]
    assessment: Assessment,
    site_labels: u32,
    shared_labels: u32,
    /// Where the site stands, in a sentence: how many labels, and whether they changed this
    /// verdict.
    standing: String,
}

async fn check(State(app): State<App>, request: Request) -> Result<Response, HttpError> {
    let admitted = admitted(&app, &request)?;
    let raw = RawComment::read(&app, request).await?;
    if raw.text.is_none() {
        return Err(HttpError::invalid("\"text\" is missing"));
    }
    let (site, comment) = (raw.site()?, raw.comment()?);
    app.moderation.accounts.admit_site(&admitted, &site)?;
    let bytes = comment.bytes();
    let text = raw.text.unwrap_or_default();
    let mode = if raw.test { Mode::DryRun } else { Mode::Live };
    let moderation = Arc::clone(&app.moderation);
    let began = Instant::now();
    let check = move || {
        let mut checked = moderation.check(&admitted, &site, comment, mode, raw.recheck);
        let took = began.elapsed();
        filter::place(&mut checked.assessment.clues, &text);
        (checked, took)
    };
    let (checked, took) = app.load.work(bytes, check).await;
    if mode == Mode::Live {
        app.metrics.checked(checked.assessment.verdict, took);
    }
    Ok(Json(CheckAnswer {
        standing: checked.standing(),
        id: raw.id,
        guid: checked.guid,
        site_labels: checked.labels.own(),
        shared_labels: checked.labels.shared,
        assessment: checked.assessment,
    })
    .into_response())
}
