//! What the WordPress plugin asks about itself: `test` (can it reach us), `deactivate` (it was
//! switched off), `compatible-plugins`. A call in, a word out; judges nothing.

use axum::Json;
use axum::extract::{Request, State};
use axum::http::Method;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::http::akismet::answer::plain;
use crate::http::akismet::call::{AppState, Call};
use crate::http::akismet::refused::Refused;

/// The exact word the plugin compares with.
const CONNECTED: &str = "connected";

pub(super) async fn test(request: Request) -> Response {
    readable(&request)
        .map(|()| plain(CONNECTED))
        .into_response()
}

/// Form plugins whose comments the service knows how to check. Nobody has tried any with us, so
/// none is named; the settings page shows none.
pub(super) async fn compatible(request: Request) -> Response {
    readable(&request).map(|()| Json(json!([]))).into_response()
}

fn readable(request: &Request) -> Result<(), Refused> {
    match *request.method() {
        Method::GET | Method::HEAD | Method::POST => Ok(()),
        _ => Err(Refused::Method),
    }
}

/// Noted for the operator (`phin keys sites`) until the site checks again.
pub(super) async fn deactivate(State(app): AppState, request: Request) -> Response {
    let answer = async {
        let call = Call::read(&app, request).await?;
        let admitted = call.recognise(&app)?;
        let site = call.site()?;
        app.moderation.accounts.deactivate(&admitted, &site).await?;
        Ok::<_, Refused>(plain("deactivated"))
    };
    answer.await.into_response()
}
