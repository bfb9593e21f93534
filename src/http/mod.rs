//! The public routes: Akismet's protocol, our own JSON, and what operators' probes ask. HTTP in,
//! one call of `moderation`, HTTP out. It never names store, model or learn.

mod admin;
mod akismet;
mod api;
mod app;
mod body;
mod error;
mod form;
mod guard;
mod key;
mod load;
mod ops;
mod rate_limit;
mod server;
mod slashes;
pub mod webhook;

use std::future::{Future, pending};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use tokio::net::{TcpListener, UnixListener};
use tower::ServiceExt;

pub use crate::http::admin::erase::ForgetAsked;
pub use crate::http::admin::keys::{
    KeyLimit, KeyLine, KeyRenewal, KeySite, NewKey, OldKey, SiteOfKey, check_secret,
};
pub use crate::http::admin::labels::{
    Gift, LabelGiven, LabelsAsked, OperatorLabel, UndoAsked, Vouching,
};
pub use crate::http::admin::router as admin_router;
pub use crate::http::admin::shadow::ShadowAsked;
pub use crate::http::api::evidence::EvidenceName;
pub use crate::http::api::figures::Figures;
pub use crate::http::api::lists::{EntryLine, NewEntryLine, OldEntry};
pub use crate::http::api::queue::{CommentLine, Queue, QueueLine};
pub use crate::http::api::sites::{SiteChange, SiteLine};
pub use crate::http::app::{App, Policy};
use crate::http::guard::Guard;
pub use crate::http::load::Load;
pub use crate::http::ops::metrics::Metrics;
pub use crate::http::rate_limit::{RateLimit, monotonic};
use crate::http::server::Limits;
pub use crate::policy::Unsure;

/// How long open requests may take to finish once the server is told to stop.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// Connections to the address of metrics.
const METRICS_CONNECTIONS: usize = 32;

/// The answer for a path that is not served.
const NOT_FOUND: &str =
    "There is nothing here. Akismet clients call /1.1/comment-check; our own API is /v1/check.\n";

/// All public routes.
pub fn router(app: App) -> Router {
    let guard = Guard::new(Arc::clone(&app.moderation));
    let routes = Router::new()
        .merge(akismet::router())
        .merge(api::router())
        .merge(ops::router())
        .fallback(|| async { (StatusCode::NOT_FOUND, NOT_FOUND) })
        .with_state(app);
    let meant = routes.clone();
    routes
        .fallback(move |request| or_else(meant, request))
        .layer(axum::middleware::from_fn_with_state(guard, guard::watch))
}

/// A request that no route fits, tried once more without the slashes that its client added.
async fn or_else(routes: Router, mut request: Request) -> Response {
    match slashes::without_more(request.uri()) {
        Some(uri) => {
            *request.uri_mut() = uri;
            let Ok(response) = routes.oneshot(request).await;
            response
        }
        None => (StatusCode::NOT_FOUND, NOT_FOUND).into_response(),
    }
}

/// What the operator's probes and scrapers ask, metrics and all: for an address that strangers
/// cannot reach.
pub fn metrics_router(app: App) -> Router {
    ops::operators_router().with_state(app)
}

/// Serves on a listener it is handed, so many connections at a time, until `shutdown` resolves;
/// then lets open requests finish.
pub async fn serve(
    listener: TcpListener,
    app: App,
    connections: usize,
    shutdown: impl Future<Output = ()>,
) {
    let limits = Limits::public(connections);
    server::serve(listener, router(app), limits, PATIENCE, shutdown).await;
}

/// Serves metrics and the details of readiness on an address of their own.
pub async fn serve_metrics(listener: TcpListener, app: App) {
    let limits = Limits::public(METRICS_CONNECTIONS);
    server::serve(listener, metrics_router(app), limits, PATIENCE, pending()).await;
}

/// Serves the operator's routes on a Unix socket in the data folder, for the command line; only its
/// owner can open it.
pub async fn serve_admin(listener: UnixListener, app: App) {
    let limits = Limits::admin();
    server::serve(listener, admin_router(app), limits, PATIENCE, pending()).await;
}
