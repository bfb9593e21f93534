//! The operator's routes, on the Unix socket in the data folder and in process for a stopped store:
//! keys, labels, models, exports, and the operator's half of lists, sites, figures and the queue.
//! JSON in and out, errors as plain text. Never reached by strangers.

pub(super) mod erase;
mod export;
pub(super) mod keys;
pub(super) mod labels;
mod models;
pub(super) mod shadow;

use axum::Router;
use axum::extract::DefaultBodyLimit;

use crate::http::api::{evidence, figures, lists, queue, sites};
use crate::http::app::App;
use crate::http::ops;

/// Routes of the operator's socket.
pub fn router(app: App) -> Router {
    Router::new()
        .merge(keys::router())
        .merge(erase::router())
        .merge(labels::router())
        .merge(models::router())
        .merge(shadow::router())
        .merge(export::router())
        .merge(lists::admin_router())
        .merge(evidence::admin_router())
        .merge(sites::admin_router())
        .merge(figures::admin_router())
        .merge(queue::admin_router())
        .merge(ops::operators_router())
        // An import is as large as the store.
        .layer(DefaultBodyLimit::disable())
        .with_state(app)
}
