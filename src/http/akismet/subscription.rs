//! `get-subscription`, `verify-wpcom-key` and `token`: a key in, its account out. There is nothing
//! to buy here, so nothing is ever due.

use axum::Json;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::http::akismet::answer::plain;
use crate::http::akismet::call::{AppState, Call};
use crate::http::akismet::refused::Refused;
use crate::http::app::App;
use crate::moderation::{Admitted, Service};

/// The value of the field in which the service names the plan.
const ACCOUNT_TYPE: &str = "self-hosted";

pub(super) async fn of_key(State(app): AppState, request: Request) -> Response {
    let answer = async {
        let call = Call::read(&app, request).await?;
        let admitted = call.recognise(&app)?;
        Ok::<_, Refused>(Json(account(&app, &admitted)))
    };
    answer.await.into_response()
}

/// Jetpack asks with a user of WordPress.com, whom nobody here knows: a good key has its account,
/// another none.
pub(super) async fn of_user(State(app): AppState, request: Request) -> Response {
    let answer = async {
        let call = Call::read(&app, request).await?;
        Ok::<_, Refused>(match call.recognise(&app) {
            Ok(admitted) => Json(account(&app, &admitted)),
            Err(Refused::Invalid(_)) => Json(json!({})),
            Err(other) => return Err(other),
        })
    };
    answer.await.into_response()
}

/// A name for the key that may be seen in an address bar (docs/DECISIONS.md, "The account token is
/// random").
pub(super) async fn token(State(app): AppState, request: Request) -> Response {
    let answer = async {
        let call = Call::read(&app, request).await?;
        let admitted = call.recognise(&app)?;
        Ok::<_, Refused>(plain(app.moderation.accounts.token(&admitted)))
    };
    answer.await.into_response()
}

/// Six fields and no other: one client refuses the account if any is missing or too many.
fn account(app: &App, admitted: &Admitted) -> Value {
    let status = app.moderation.accounts.status(admitted);
    let is_reached = |limit: u64| status.checks >= limit;
    json!({
        "account_id": account_id(&app.moderation.accounts.fingerprint(admitted, "account")),
        "account_type": ACCOUNT_TYPE,
        "account_name": admitted.key_name,
        "status": match status.service {
            Service::Served => "active",
            Service::Suspended => "suspended",
        },
        "next_billing_date": false,
        "limit_reached": status.monthly_limit.is_some_and(is_reached),
    })
}

/// A number that a 32-bit PHP can hold, and never 0, which PHP takes for none.
fn account_id(fingerprint: &str) -> u32 {
    let digits = fingerprint.get(..8).unwrap_or("");
    (u32::from_str_radix(digits, 16).unwrap_or(0) & 0x7fff_ffff).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_has_a_number_that_fits_everywhere() {
        assert_eq!(
            account_id("ffffffff00000000ffffffffffffffff"),
            i32::MAX as u32
        );
        assert_eq!(account_id("00000000ffffffff"), 1);
        assert_eq!(account_id("0000abcd"), 0xabcd);
    }
}
