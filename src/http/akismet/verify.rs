//! `verify-key`: a key and a site in; `valid` or `invalid` out. A suspended key is still `valid`,
//! beside the alert that says what is wrong with it. Counts nothing.

use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};

use crate::http::akismet::alert;
use crate::http::akismet::answer::plain;
use crate::http::akismet::call::{AppState, Call};
use crate::http::akismet::refused::Refused;

pub(super) async fn handle(State(app): AppState, request: Request) -> Response {
    let answer = async {
        let call = Call::read(&app, request).await?;
        let admitted = call.recognise(&app)?;
        let site = call.site()?;
        let mut response = match app.moderation.accounts.admit_site(&admitted, &site) {
            Ok(()) => plain("valid"),
            Err(refusal) => Refused::from(refusal).into_response(),
        };
        alert::tell(
            &mut response,
            app.moderation.accounts.alert(&admitted, Some(&site)),
        );
        Ok::<_, Refused>(response)
    };
    answer.await.unwrap_or_else(|refused| match refused {
        // Here a missing site is an invalid call, not a missing field: every client knows only the
        // two words.
        Refused::Missing(field) => {
            Refused::Invalid(format!("Empty \"{field}\" value")).into_response()
        }
        other => other.into_response(),
    })
}
