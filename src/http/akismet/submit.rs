//! `submit-spam` and `submit-ham`: a person disagrees. A report in, thanks out; never before the
//! label is on disk and the next check knows it.

use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};

use crate::http::akismet::answer::plain;
use crate::http::akismet::call::{AppState, admitted};
use crate::http::akismet::refused::Refused;
use crate::http::akismet::wire;
use crate::http::app::App;
use crate::moderation::{Mode, Report};
use crate::verdict::Label;

/// The exact words clients compare with.
const THANKS: &str = "Thanks for making the web a better place.";

pub(super) async fn spam(State(app): AppState, request: Request) -> Response {
    submit(&app, request, Label::Spam)
        .await
        .unwrap_or_else(IntoResponse::into_response)
}

pub(super) async fn ham(State(app): AppState, request: Request) -> Response {
    submit(&app, request, Label::Ham)
        .await
        .unwrap_or_else(IntoResponse::into_response)
}

async fn submit(app: &App, request: Request, label: Label) -> Result<Response, Refused> {
    let (call, admitted) = admitted(app, request).await?;
    let report = Report {
        guid: wire::guid(&call.fields),
        site: call.admit_site(app, &admitted)?,
        comment: wire::comment(&call.fields),
        label,
        reporter: call.fields.filled("reporter").map(str::to_owned),
        kind: None,
        answers_audit: false,
    };
    if wire::mode(&call.fields) == Mode::DryRun {
        return Ok(plain(THANKS));
    }
    let effect = app.moderation.label(&admitted, report).await?;
    app.metrics.labelled(label, effect);
    Ok(plain(THANKS))
}
