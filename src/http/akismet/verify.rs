//! `verify-key`: is this key good for this site?

use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};

use super::{AppState, Call, Refused, plain};

pub(super) async fn handle(State(app): AppState, request: Request) -> Response {
    let answer = async {
        let call = Call::read(&app, request).await?;
        call.admit(&app)?;
        call.site()?;
        Ok::<_, Refused>(plain("valid"))
    };
    answer.await.unwrap_or_else(|refused| match refused {
        // Here a missing site is an invalid call, not a missing field: every client knows only the two words.
        Refused::Missing(field) => {
            Refused::Invalid(format!("Empty \"{field}\" value")).into_response()
        }
        other => other.into_response(),
    })
}
