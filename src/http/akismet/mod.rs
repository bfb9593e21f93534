//! Akismet's protocol: `/1.1` and `/1.2`. Always 200, exact bodies without a newline, a guid on
//! every check; errors in the protocol's own words. Never a status that makes a client publish.

mod account;
mod alert;
mod answer;
mod call;
mod check;
mod plugin;
mod refused;
mod stats;
mod submit;
mod subscription;
mod verify;
mod wire;

use axum::Router;
use axum::routing::{MethodRouter, any};

pub(super) use crate::http::akismet::wire::{WEBHOOK_HEADER, not_taken, webhook};
use crate::http::app::App;

pub(super) fn router() -> Router<App> {
    // Any method: a call with a wrong one is refused with a sentence, not with an empty 405.
    let calls: [(&str, MethodRouter<App>); 14] = [
        ("verify-key", any(verify::handle)),
        ("comment-check", any(check::handle)),
        ("submit-spam", any(submit::spam)),
        ("submit-ham", any(submit::ham)),
        ("usage-limit", any(account::usage_limit)),
        ("key-sites", any(account::key_sites)),
        ("get-stats", any(stats::of_site)),
        ("get-key-stats", any(stats::of_key)),
        ("get-subscription", any(subscription::of_key)),
        ("verify-wpcom-key", any(subscription::of_user)),
        ("token", any(subscription::token)),
        ("deactivate", any(plugin::deactivate)),
        ("test", any(plugin::test)),
        ("compatible-plugins", any(plugin::compatible)),
    ];
    let mut router = Router::new();
    for (call, handler) in calls {
        router = router
            .route(&format!("/1.1/{call}"), handler.clone())
            .route(&format!("/1.2/{call}"), handler);
    }
    router
}
