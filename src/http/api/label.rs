//! `POST /v1/label`: a person's label of a comment in, its effect out. It never acknowledges a
//! label that is not on disk.

use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use serde::Serialize;

use crate::http::api::caller::admitted;
use crate::http::api::comment::RawComment;
use crate::http::app::App;
use crate::http::error::HttpError;
use crate::moderation::Report;
use crate::verdict::Label;

pub(super) fn router() -> Router<App> {
    Router::new().route("/v1/label", post(label))
}

#[derive(Debug, Serialize)]
struct LabelAnswer {
    label: Label,
    effect: &'static str,
}

async fn label(State(app): State<App>, request: Request) -> Result<Response, HttpError> {
    let admitted = admitted(&app, &request)?;
    let raw = RawComment::read(&app, request).await?;
    let label = raw
        .label
        .ok_or_else(|| HttpError::invalid("\"label\" is missing: \"spam\" or \"ham\""))?;
    if raw.text.is_none() && raw.guid.is_none() {
        return Err(HttpError::invalid(
            "say which comment: by the \"guid\" of its check, or by its \"text\" and the other fields \
             of the check",
        ));
    }
    if label == Label::Ham && raw.category.is_some() {
        return Err(HttpError::invalid(
            "\"kind\" says what spam is about; ham has none",
        ));
    }
    if raw.test {
        return Ok(Json(LabelAnswer {
            label,
            effect: "a test: nothing was learnt",
        })
        .into_response());
    }
    let report = Report {
        guid: raw.guid.clone(),
        site: raw.site()?,
        comment: raw.comment()?,
        label,
        reporter: raw.reporter,
        kind: raw.category,
        answers_audit: raw.audit,
    };
    app.moderation
        .accounts
        .admit_site(&admitted, &report.site)?;
    let effect = app.moderation.label(&admitted, report).await?;
    app.metrics.labelled(label, effect);
    let effect = effect.in_words();
    Ok(Json(LabelAnswer { label, effect }).into_response())
}
