//! Our own JSON: `POST /v1/check` and `POST /v1/label`. The same comment fields as our JSON Lines; errors are `{"error": "a sentence"}` with a fitting status.

pub(crate) mod evidence;
pub(crate) mod figures;
pub(crate) mod lists;
pub(crate) mod queue;
pub(crate) mod sites;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Instant;

use axum::extract::{Query, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::comment::{Author, Comment, Page, Recheck, SiteId};
use crate::filter;
use crate::http::body::Unread;
use crate::http::rate_limit::RETRY_AFTER_SECONDS;
use crate::http::{App, body, guard, key};
use crate::moderation::{Admitted, Effect, LabelError, Refusal, Report, StoreError, Trial};
use crate::text::MAX_TEXT_BYTES;
use crate::verdict::{Assessment, Category, Label};

pub(crate) fn router() -> Router<App> {
    Router::new()
        .route("/v1/check", post(check))
        .route("/v1/label", post(label))
}

/// A comment as sent to us; only `site` and `text` are needed.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawComment {
    site: Option<String>,
    text: Option<String>,
    id: Option<String>,
    author: Option<String>,
    email: Option<String>,
    url: Option<String>,
    ip: Option<String>,
    user_agent: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    page_lang: Option<String>,
    page: Option<String>,
    permalink: Option<String>,
    #[serde(default)]
    test: bool,
    /// `/v1/check` only: why a comment is checked again that was checked before.
    recheck: Option<Recheck>,
    /// `/v1/label` only: the check it answers.
    guid: Option<String>,
    /// `/v1/label` only.
    label: Option<Label>,
    /// `/v1/label` only: who says so.
    reporter: Option<String>,
    /// `/v1/label` only: what the spam is about.
    #[serde(rename = "kind")]
    category: Option<Category>,
    /// `/v1/label` only: it answers an audit of the queue, and whoever says it did not know the verdict.
    #[serde(default)]
    audit: bool,
}

#[derive(Debug, Serialize)]
struct CheckAnswer {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    guid: String,
    #[serde(flatten)]
    assessment: Assessment,
    site_labels: u32,
    shared_labels: u32,
    /// Where the site stands, in a sentence: how many labels, and whether they changed this verdict.
    standing: String,
}

#[derive(Debug, Serialize)]
struct LabelAnswer {
    label: Label,
    effect: &'static str,
}

/// A failure a caller can act on.
#[derive(Debug)]
pub(super) struct ApiError(pub(super) StatusCode, pub(super) String);

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = (self.0, Json(serde_json::json!({ "error": self.1 }))).into_response();
        let later = [
            StatusCode::TOO_MANY_REQUESTS,
            StatusCode::SERVICE_UNAVAILABLE,
        ];
        if later.contains(&self.0) {
            let headers = response.headers_mut();
            headers.insert("retry-after", RETRY_AFTER_SECONDS.into());
        }
        response
    }
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Suspended | Refusal::SiteRevoked => {
                Self(StatusCode::FORBIDDEN, refusal.to_string())
            }
            Refusal::NoKey | Refusal::Unknown | Refusal::Revoked => Self(
                StatusCode::UNAUTHORIZED,
                format!(
                    "{refusal}; send it as \"Authorization: Bearer KEY\" or \"X-Api-Key: KEY\""
                ),
            ),
        }
    }
}

impl From<Unread> for ApiError {
    fn from(why: Unread) -> Self {
        Self(why.status(), why.to_string())
    }
}

impl RawComment {
    async fn read(app: &App, request: Request) -> Result<Self, ApiError> {
        let body = request.into_body();
        parse(&body::read(body, app.policy.max_body_bytes, &app.load).await?)
    }

    fn site(&self) -> Result<SiteId, ApiError> {
        let site = self
            .site
            .as_deref()
            .ok_or_else(|| bad("\"site\" is missing: the address of the site's front page"))?;
        SiteId::parse(site).map_err(|error| bad(error.to_string()))
    }

    fn comment(&self) -> Result<Comment, ApiError> {
        let ip = match self.ip.as_deref() {
            None => None,
            Some(text) => Some(
                text.parse()
                    .map_err(|_| bad(format!("\"ip\" {text:?} is not an IP address")))?,
            ),
        };
        let mut comment = Comment {
            text: self.text.clone().unwrap_or_default(),
            author: Author {
                name: self.author.clone(),
                email: self.email.clone(),
                url: self.url.clone(),
            },
            request: crate::comment::Request {
                ip,
                user_agent: self.user_agent.clone(),
                accept_language: None,
            },
            page: Page {
                permalink: self.permalink.clone(),
                languages: self.page_lang.iter().cloned().collect(),
                context: self.page.iter().cloned().collect(),
                kind: self.kind.clone(),
            },
            ..Comment::default()
        };
        comment.cut(MAX_TEXT_BYTES);
        Ok(comment)
    }
}

pub(crate) fn bad(why: impl Into<String>) -> ApiError {
    ApiError(StatusCode::UNPROCESSABLE_ENTITY, why.into())
}

/// Admits the key of a call, if it does not call too fast.
pub(crate) fn admitted(app: &App, request: &Request) -> Result<Admitted, ApiError> {
    let key = key::of_api(request.headers());
    let found = app.moderation.accounts.admit(key);
    guard::saw(&app.moderation, key, &found);
    let admitted = found.inspect_err(|_| app.metrics.refused())?;
    if let Some(pace) = &app.pace {
        pace.take(&admitted.key_id)
            .map_err(|why| ApiError(StatusCode::TOO_MANY_REQUESTS, why.to_string()))?;
    }
    Ok(admitted)
}

/// Reads a JSON body.
pub(crate) fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ApiError> {
    serde_json::from_slice(bytes).map_err(|e| {
        ApiError(
            StatusCode::BAD_REQUEST,
            format!("the body is not the JSON object expected: {e}"),
        )
    })
}

/// Reads the query of a call.
pub(crate) fn query<T: DeserializeOwned>(request: &Request) -> Result<T, ApiError> {
    Query::try_from_uri(request.uri())
        .map(|Query(fields)| fields)
        .map_err(|e| {
            ApiError(
                StatusCode::BAD_REQUEST,
                format!("the query is not as expected: {}", e.body_text()),
            )
        })
}

/// A site, if the key may decide for it.
pub(super) async fn own_site(
    app: &App,
    admitted: &Admitted,
    site: SiteId,
) -> Result<SiteId, ApiError> {
    let own = app
        .moderation
        .accounts
        .own_sites(admitted)
        .await
        .map_err(not_now)?;
    if own.contains(&site) {
        return Ok(site);
    }
    Err(ApiError(
        StatusCode::FORBIDDEN,
        format!(
            "this key does not decide for {site}: only for sites that the operator gave it (phin sites give {site} --to NAME)"
        ),
    ))
}

/// The one site asked for, if it is the key's own; else all that are.
pub(super) async fn own_sites(
    app: &App,
    admitted: &Admitted,
    asked: Option<SiteId>,
) -> Result<BTreeSet<SiteId>, ApiError> {
    match asked {
        Some(site) => Ok([own_site(app, admitted, site).await?].into()),
        None => app
            .moderation
            .accounts
            .own_sites(admitted)
            .await
            .map_err(not_now),
    }
}

/// The one site asked for, if the key may see what it sent there; else all such sites.
pub(super) async fn used_sites(
    app: &App,
    admitted: &Admitted,
    asked: Option<SiteId>,
) -> Result<BTreeSet<SiteId>, ApiError> {
    let used = app
        .moderation
        .accounts
        .used_sites(admitted)
        .await
        .map_err(not_now)?;
    match asked {
        None => Ok(used),
        Some(site) if used.contains(&site) => Ok([site].into()),
        Some(site) => Err(ApiError(
            StatusCode::FORBIDDEN,
            format!("this key sent nothing to {site} that it may see"),
        )),
    }
}

/// A site that may be named.
pub(crate) fn site(named: Option<&str>) -> Result<Option<SiteId>, ApiError> {
    let site = named.map(SiteId::parse).transpose();
    site.map_err(|error| bad(error.to_string()))
}

/// Days looked back, unless asked otherwise and at most: ten years.
const DAYS: (u32, u32) = (30, 3_653);

/// Days to look back that may be named.
pub(crate) fn days(named: Option<u32>) -> Result<u32, ApiError> {
    match named.unwrap_or(DAYS.0) {
        days if (1..=DAYS.1).contains(&days) => Ok(days),
        other => Err(bad(format!(
            "days is a number from 1 to {}, not {other}",
            DAYS.1
        ))),
    }
}

/// The store cannot answer.
pub(crate) fn not_now(error: StoreError) -> ApiError {
    ApiError(StatusCode::SERVICE_UNAVAILABLE, error.to_string())
}

/// Does what waits for the disk where no check waits for it.
pub(super) async fn off_the_loop<T: Send + 'static, E: Into<ApiError> + Send + 'static>(
    work: impl FnOnce() -> Result<T, E> + Send + 'static,
) -> Result<T, ApiError> {
    let done = tokio::task::spawn_blocking(work).await;
    let done = done.map_err(|error| {
        ApiError(
            StatusCode::INTERNAL_SERVER_ERROR,
            format!("that went wrong here: {error}"),
        )
    })?;
    done.map_err(Into::into)
}

async fn check(State(app): State<App>, request: Request) -> Result<Response, ApiError> {
    let admitted = admitted(&app, &request)?;
    let raw = RawComment::read(&app, request).await?;
    if raw.text.is_none() {
        return Err(bad("\"text\" is missing"));
    }
    let (site, comment) = (raw.site()?, raw.comment()?);
    app.moderation.accounts.admit_site(&admitted, &site)?;
    let bytes = comment.bytes();
    let text = raw.text.unwrap_or_default();
    let trial = if raw.test { Trial::Test } else { Trial::Real };
    let moderation = Arc::clone(&app.moderation);
    let began = Instant::now();
    let check = move || {
        let mut checked = moderation.check(&admitted, &site, comment, trial, raw.recheck);
        let took = began.elapsed();
        filter::place(&mut checked.assessment.clues, &text);
        (checked, took)
    };
    let (checked, took) = app.load.work(bytes, check).await;
    app.metrics.checked(checked.assessment.verdict, took);
    Ok(Json(CheckAnswer {
        standing: checked.standing(),
        id: raw.id,
        guid: checked.guid,
        site_labels: checked.labels.own(),
        shared_labels: checked.labels.shared,
        assessment: checked.assessment,
    })
    .into_response())
}

async fn label(State(app): State<App>, request: Request) -> Result<Response, ApiError> {
    let admitted = admitted(&app, &request)?;
    let raw = RawComment::read(&app, request).await?;
    let label = raw
        .label
        .ok_or_else(|| bad("\"label\" is missing: \"spam\" or \"ham\""))?;
    if raw.text.is_none() && raw.guid.is_none() {
        return Err(bad(
            "say which comment: by the \"guid\" of its check, or by its \"text\" and the other fields of the check",
        ));
    }
    if label == Label::Ham && raw.category.is_some() {
        return Err(bad("\"kind\" says what spam is about; ham has none"));
    }
    if raw.test {
        return Ok(Json(LabelAnswer {
            label,
            effect: "a test: nothing was learnt",
        })
        .into_response());
    }
    let report = Report {
        guid: raw.guid.clone(),
        site: raw.site()?,
        comment: raw.comment()?,
        label,
        reporter: raw.reporter,
        kind: raw.category,
        answers_audit: raw.audit,
    };
    app.moderation
        .accounts
        .admit_site(&admitted, &report.site)?;
    let effect = app
        .moderation
        .label(&admitted, report)
        .await
        .map_err(|error| match error {
            LabelError::UnknownCheck(_) => ApiError(StatusCode::NOT_FOUND, error.to_string()),
            LabelError::Empty => bad(error.to_string()),
            LabelError::NotYours(_) | LabelError::TooManySites(_) => {
                ApiError(StatusCode::FORBIDDEN, error.to_string())
            }
            LabelError::NotStored(_) | LabelError::Slow | LabelError::ShuttingDown => {
                ApiError(StatusCode::SERVICE_UNAVAILABLE, error.to_string())
            }
        })?;
    app.metrics.labelled(label, effect);
    let effect = match effect {
        Effect::Learnt => "learnt",
        Effect::Turned => "an earlier label was taken back, this one learnt",
        Effect::TakenBack => "an earlier label was taken back; the machine had been right",
        Effect::Known => "known already",
        Effect::Unreadable => "kept for the next retrain",
    };
    Ok(Json(LabelAnswer { label, effect }).into_response())
}
