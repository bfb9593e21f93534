//! Our own JSON, for strangers with a key: `/v1/...`. Comment fields as in our JSON Lines; an error
//! is `{"error": "a sentence"}` with a fitting status. Files are named after what they serve; some
//! also hold the operator's route for the same noun. Decides nothing.

mod caller;
mod check;
mod comment;
pub(super) mod evidence;
mod fields;
pub(super) mod figures;
mod label;
pub(super) mod lists;
pub(super) mod queue;
pub(super) mod sites;

use axum::Router;

use crate::http::app::App;

/// The routes for strangers.
pub(super) fn router() -> Router<App> {
    Router::new()
        .merge(check::router())
        .merge(label::router())
        .merge(lists::router())
        .merge(sites::router())
        .merge(figures::router())
        .merge(queue::router())
}
