//! What probes and scrapers ask: alive, ready; and for the operator alone why not, and metrics.
//! Texts out; changes nothing.

mod correction_metrics;
mod drift_metrics;
pub(super) mod metrics;
mod model_metrics;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::http::app::App;

const OPENMETRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// For strangers: no names, no numbers.
pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/healthz", get(async || "alive\n"))
        .route("/readyz", get(ready))
}

/// For the operator: with all details.
pub(super) fn operators_router() -> Router<App> {
    Router::new()
        .route("/healthz", get(async || "alive\n"))
        .route("/readyz", get(ready_in_words))
        .route("/metrics", get(metrics_of))
}

async fn ready(State(app): State<App>) -> Response {
    match app.moderation.health().trouble() {
        None => "ready\n".into_response(),
        Some(_) => (StatusCode::SERVICE_UNAVAILABLE, "not ready\n").into_response(),
    }
}

async fn ready_in_words(State(app): State<App>) -> Response {
    match app.moderation.health().trouble() {
        None => {
            // A site that does not answer is no fault of this server, but its operator should be
            // able to see it.
            let said = app.moderation.corrections.trouble();
            let said = said.map_or_else(String::new, |said| format!("{said}\n"));
            let warnings = app.moderation.health().warnings();
            let warnings = warnings.iter().map(|w| format!("warning: {w}\n"));
            format!("ready\n{said}{}", warnings.collect::<String>()).into_response()
        }
        Some(trouble) => (
            StatusCode::SERVICE_UNAVAILABLE,
            format!("checks are answered, but {trouble}\n"),
        )
            .into_response(),
    }
}

async fn metrics_of(State(app): State<App>) -> Response {
    match app.metrics.text(&app.moderation) {
        Ok(text) => ([(header::CONTENT_TYPE, OPENMETRICS)], text).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
