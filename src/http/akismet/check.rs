//! `comment-check`: `true` for spam, `false` for ham, a guid always, `discard` for the blatant, a hold for the unsure.

use std::time::Instant;

use axum::extract::{Request, State};
use axum::http::HeaderValue;
use axum::response::{IntoResponse, Response};

use super::wire::{self, TestValue};
use super::{AppState, GUID, Refused, admitted, header_text, plain};
use crate::http::{App, Unsure};
use crate::moderation::{Checked, Trial};
use crate::verdict::{Category, Verdict};

pub(super) async fn handle(State(app): AppState, request: Request) -> Response {
    check(&app, request)
        .await
        .unwrap_or_else(IntoResponse::into_response)
}

async fn check(app: &App, request: Request) -> Result<Response, Refused> {
    let (call, admitted) = admitted(app, request).await?;
    let site = call.site()?;
    call.fields
        .filled("user_ip")
        .ok_or(Refused::Missing("user_ip"))?;
    let fixed = wire::test_value(&call.fields);
    // A verdict that the request itself fixes says nothing about the comment: it is answered and forgotten.
    let trial = if fixed.is_some() {
        Trial::Test
    } else {
        wire::trial(&call.fields)
    };
    let comment = wire::comment(&call.fields);
    let began = Instant::now();
    let checked = app.moderation.check(&admitted, &site, comment, trial);
    let verdict = match fixed {
        Some(TestValue::Spam) => Verdict::Spam,
        Some(TestValue::Ham) => Verdict::Ham,
        None => checked.assessment.verdict,
    };
    app.metrics.checked(verdict, began.elapsed());
    let mut response = answer(app, &checked, verdict, fixed.is_none());
    if wire::asks_for_category(&call.fields) && fixed.is_none() && app.policy.is_spam(verdict) {
        classify(&mut response, checked.assessment.category);
    }
    Ok(response)
}

/// Says what the spam is about. A held comment says nothing: it carries an error, and a person is to judge it.
fn classify(response: &mut Response, category: Option<Category>) {
    if let Some(category) = category {
        let name = HeaderValue::from_static(category.as_str());
        response
            .headers_mut()
            .insert("x-akismet-classification", name);
    }
}

fn answer(app: &App, checked: &Checked, verdict: Verdict, judged: bool) -> Response {
    let mut response = plain(if app.policy.is_spam(verdict) {
        "true"
    } else {
        "false"
    });
    let headers = response.headers_mut();
    headers.insert(
        GUID,
        HeaderValue::from_str(&checked.guid).unwrap_or_else(|_| HeaderValue::from_static("0")),
    );
    if verdict == Verdict::Discard {
        headers.insert("x-akismet-pro-tip", HeaderValue::from_static("discard"));
    }
    if verdict == Verdict::Unsure && app.policy.unsure == Unsure::Hold {
        // `false` with an error is the one hold that every WordPress plugin, old and new, understands.
        headers.insert(
            "x-akismet-error",
            HeaderValue::from_static("unsure: please have a person look at this comment"),
        );
    }
    if judged {
        headers.insert("x-spam-verdict", HeaderValue::from_static(verdict.as_str()));
        headers.insert(
            "x-spam-probability",
            header_text(&format!("{:.4}", checked.assessment.probability)),
        );
        headers.insert(
            "x-spam-reasons",
            header_text(&wire::reasons(&checked.assessment)),
        );
    }
    response
}
