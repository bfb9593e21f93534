//! `comment-check`: a comment in; `true` for spam, `false` for ham, `discard` for discard, a held
//! comment for unsure out. It never answers without a guid.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::{Request, State};
use axum::http::HeaderValue;
use axum::response::{IntoResponse, Response};

use crate::comment::SiteId;
use crate::http::akismet::alert;
use crate::http::akismet::answer::{GUID, header_text, plain};
use crate::http::akismet::call::{AppState, Call};
use crate::http::akismet::refused::Refused;
use crate::http::akismet::wire::{self, TestValue};
use crate::http::app::{App, Policy};
use crate::http::form::Fields;
use crate::moderation::{Checked, Mode, Outlook};
use crate::policy::Unsure;
use crate::verdict::{Category, Verdict};

pub(super) async fn handle(State(app): AppState, request: Request) -> Response {
    check(&app, request)
        .await
        .unwrap_or_else(IntoResponse::into_response)
}

async fn check(app: &App, request: Request) -> Result<Response, Refused> {
    let call = Call::read(app, request).await?;
    let admitted = call.recognise(app)?;
    let site = call.site()?;
    if let Some(told) = app.moderation.accounts.alert(&admitted, Some(&site))
        && let Some(response) = alert::unserved(told)
    {
        app.metrics.refused();
        return Ok(response);
    }
    let fixed = wire::test_value(&call.fields);
    // A verdict that the request itself fixes says nothing about the comment, and before a pingback
    // is fetched there is no comment. Such a check is answered and not recorded.
    let mode = if fixed.is_some() || wire::precedes_the_comment(&call.fields) {
        Mode::DryRun
    } else {
        wire::mode(&call.fields)
    };
    let mut comment = wire::comment(&call.fields);
    comment.origin.callback = wire::callback(&call.fields);
    let began = Instant::now();
    let checking = {
        let (moderation, admitted) = (Arc::clone(&app.moderation), admitted.clone());
        let (site, recheck) = (site.clone(), wire::recheck(&call.fields));
        let bytes = comment.bytes();
        let check = move || moderation.check(&admitted, &site, comment, mode, recheck);
        app.load.work(bytes, check)
    };
    let checked = checking.await;
    let verdict = match fixed {
        Some(TestValue::Spam) => Verdict::Spam,
        Some(TestValue::Ham) => Verdict::Ham,
        None => checked.assessment.verdict,
    };
    if mode == Mode::Live {
        app.metrics.checked(verdict, began.elapsed());
    }
    let mut response = answer(app.policy_of(&site), &checked, verdict, fixed.is_none());
    ask_again(app, &site, &call.fields, &checked, &mut response);
    // After the check, because the check itself counts.
    alert::tell(
        &mut response,
        app.moderation.accounts.alert(&admitted, Some(&site)),
    );
    let says_spam = fixed.is_none() && app.policy_of(&site).is_spam(verdict);
    if wire::asks_for_category(&call.fields) && says_spam {
        classify(&mut response, checked.assessment.category);
    }
    Ok(response)
}

/// Adds the category of the spam. A held comment has none: it carries an error, and a person must
/// judge it.
fn classify(response: &mut Response, category: Option<Category>) {
    if let Some(category) = category {
        let name = HeaderValue::from_static(category.as_str());
        response
            .headers_mut()
            .insert("x-akismet-classification", name);
    }
}

const HOLD: &str = "x-akismet-error";

/// Asks for another check where the site wants it, the comment is held anyway and more may soon be
/// known. Never without the hold: with this header alone old plugins publish at once and new ones
/// after some time. Never after a recheck, which would repeat for ever (docs/DECISIONS.md, "A
/// client is asked to check again only near a cutoff").
fn ask_again(
    app: &App,
    site: &SiteId,
    fields: &Fields,
    checked: &Checked,
    response: &mut Response,
) {
    let wanted = app.moderation.judging.site_settings(site).recheck_after_s;
    let headers = response.headers_mut();
    if let Some(seconds) = wanted
        && checked.outlook == Outlook::MoreExpected
        && headers.contains_key(HOLD)
        && wire::recheck(fields).is_none()
    {
        headers.insert("x-akismet-recheck-after", HeaderValue::from(seconds));
    }
}

fn answer(policy: Policy, checked: &Checked, verdict: Verdict, judged: bool) -> Response {
    let mut response = plain(if policy.is_spam(verdict) {
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
    if verdict == Verdict::Unsure && policy.unsure == Unsure::Hold {
        // `false` with an error is the one hold that every WordPress plugin, old and new,
        // understands.
        headers.insert(
            HOLD,
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
