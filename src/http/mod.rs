//! The doors: Akismet's protocol, our own JSON, and what operators' probes ask. HTTP in, one verb of `moderation` called, HTTP out.
//! Never names store, model or learn.

mod admin;
mod akismet;
mod api;
mod body;
mod guard;
mod key;
mod load;
mod ops;
mod rate_limit;
mod server;
pub mod webhook;

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use tokio::net::{TcpListener, UnixListener};

use crate::comment::SiteId;
pub use crate::http::admin::erase::ForgetAsked;
pub use crate::http::admin::labels::{Gift, UndoAsked, Vouching};
pub use crate::http::admin::shadow::ShadowAsked;
pub use crate::http::admin::{
    KeyLimit, KeyLine, KeyRenewal, KeySite, NewKey, OldKey, SiteOfKey, check_secret,
    router as admin_router,
};
pub use crate::http::api::evidence::EvidenceName;
pub use crate::http::api::figures::Figures;
pub use crate::http::api::lists::{EntryLine, NewEntryLine, OldEntry};
pub use crate::http::api::queue::{CommentLine, Queue, QueueLine};
pub use crate::http::api::sites::{SiteChange, SiteLine};
pub use crate::http::load::Load;
pub use crate::http::ops::Metrics;
pub use crate::http::rate_limit::{Pace, monotonic};
use crate::http::server::Limits;
use crate::moderation::Moderation;
pub use crate::policy::Unsure;
use crate::verdict::Verdict;

/// What every handler is handed: cloned cheaply, made once.
#[derive(Debug, Clone)]
pub struct App {
    /// The verbs.
    pub moderation: Arc<Moderation>,
    /// Figures for operators.
    pub metrics: Arc<Metrics>,
    /// What the doors may decide.
    pub policy: Policy,
    /// How fast a key may ask; as fast as it likes without.
    pub pace: Option<Arc<Pace>>,
    /// What all requests together may take.
    pub load: Load,
}

/// What a verdict becomes on the wire, and how much is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// What an unsure verdict is for clients that know only true and false.
    pub unsure: Unsure,
    /// Bytes of a body that are read; the middle of a longer one is left out.
    pub max_body_bytes: usize,
}

impl Policy {
    /// Whether the wire says spam.
    fn is_spam(self, verdict: Verdict) -> bool {
        self.unsure.is_spam(verdict)
    }
}

impl App {
    /// The policy of a site: its own settings over the server's.
    fn policy_of(&self, site: &SiteId) -> Policy {
        let unsure = self.moderation.judging.site_settings(site).unsure;
        Policy {
            unsure: unsure.unwrap_or(self.policy.unsure),
            ..self.policy
        }
    }
}

/// All public routes.
pub fn router(app: App) -> Router {
    let guard = crate::http::guard::Guard::new(Arc::clone(&app.moderation));
    Router::new()
        .merge(crate::http::akismet::router())
        .merge(crate::http::api::router())
        .merge(crate::http::api::lists::router())
        .merge(crate::http::api::sites::router())
        .merge(crate::http::api::figures::router())
        .merge(crate::http::api::queue::router())
        .merge(crate::http::ops::router())
        .fallback(|| async { (StatusCode::NOT_FOUND, "There is nothing here. Akismet clients call /1.1/comment-check; our own API is /v1/check.\n") })
        .with_state(app)
        .layer(axum::middleware::from_fn_with_state(guard, crate::http::guard::watch))
}

/// What probes and scrapers of the operator ask, figures and all: for an address that strangers cannot reach.
pub fn metrics_router(app: App) -> Router {
    crate::http::ops::operators_router().with_state(app)
}

/// How long open requests may take to finish once the server is told to stop.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// Serves on a listener it is handed, so many connections at a time, until `shutdown` resolves; then lets open requests finish.
pub async fn serve(
    listener: TcpListener,
    app: App,
    connections: usize,
    shutdown: impl Future<Output = ()>,
) {
    let limits = Limits::public(connections);
    crate::http::server::serve(listener, router(app), limits, PATIENCE, shutdown).await;
}

/// Serves figures and the details of readiness on an address of their own.
pub async fn serve_metrics(listener: TcpListener, app: App) {
    let (limits, forever) = (Limits::public(OPERATORS), std::future::pending());
    crate::http::server::serve(listener, metrics_router(app), limits, PATIENCE, forever).await;
}

/// Connections to the address of figures.
const OPERATORS: usize = 32;

/// Serves the operator's routes on a Unix socket in the data folder, for the command line; only its owner can open it.
pub async fn serve_admin(listener: UnixListener, app: App) {
    let forever = std::future::pending();
    crate::http::server::serve(
        listener,
        admin_router(app),
        Limits::admin(),
        PATIENCE,
        forever,
    )
    .await;
}
