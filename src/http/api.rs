//! Our own JSON: `POST /v1/check` and `POST /v1/label`. The same comment fields as our JSON Lines; errors are `{"error": "a sentence"}` with a fitting status.

use std::time::Instant;

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use serde::{Deserialize, Serialize};

use super::{App, body, key};
use crate::comment::{Author, Comment, Page, SiteId};
use crate::moderation::{Effect, LabelError, Refusal, Report, SiteStanding, Trial};
use crate::verdict::{Assessment, Label};

pub(super) fn router() -> Router<App> {
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
    /// `/v1/label` only: the check it answers.
    guid: Option<String>,
    /// `/v1/label` only.
    label: Option<Label>,
    /// `/v1/label` only: who says so.
    reporter: Option<String>,
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
    /// Where the site stands, in a sentence: how many labels, and what they carry in this check.
    standing: String,
}

#[derive(Debug, Serialize)]
struct LabelAnswer {
    label: Label,
    effect: &'static str,
}

/// A failure a caller can act on.
#[derive(Debug)]
struct ApiError(StatusCode, String);

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        (self.0, Json(serde_json::json!({ "error": self.1 }))).into_response()
    }
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        Self(
            StatusCode::UNAUTHORIZED,
            format!("{refusal}; send it as \"Authorization: Bearer KEY\" or \"X-Api-Key: KEY\""),
        )
    }
}

impl RawComment {
    async fn read(app: &App, request: Request) -> Result<Self, ApiError> {
        let bytes = body::read(request.into_body(), app.policy.max_body_bytes).await;
        serde_json::from_slice(&bytes).map_err(|e| {
            ApiError(
                StatusCode::BAD_REQUEST,
                format!("the body is not the JSON object expected: {e}"),
            )
        })
    }

    fn site(&self) -> Result<SiteId, ApiError> {
        let site = self
            .site
            .as_deref()
            .ok_or_else(|| bad("\"site\" is missing: the address of the site's front page"))?;
        SiteId::parse(site).map_err(|e| bad(e.to_string()))
    }

    fn comment(&self) -> Result<Comment, ApiError> {
        let ip = match self.ip.as_deref() {
            None => None,
            Some(text) => Some(
                text.parse()
                    .map_err(|_| bad(format!("\"ip\" {text:?} is not an IP address")))?,
            ),
        };
        Ok(Comment {
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
        })
    }
}

fn bad(why: impl Into<String>) -> ApiError {
    ApiError(StatusCode::UNPROCESSABLE_ENTITY, why.into())
}

async fn check(State(app): State<App>, request: Request) -> Result<Response, ApiError> {
    let admitted = app
        .moderation
        .admit(key::of_api(request.headers()))
        .inspect_err(|_| app.metrics.refused())?;
    let raw = RawComment::read(&app, request).await?;
    if raw.text.is_none() {
        return Err(bad("\"text\" is missing"));
    }
    let (site, comment) = (raw.site()?, raw.comment()?);
    let began = Instant::now();
    let checked = app.moderation.check(
        &admitted,
        &site,
        comment,
        if raw.test { Trial::Test } else { Trial::Real },
    );
    app.metrics
        .checked(checked.assessment.verdict, began.elapsed());
    let (site_labels, shared_labels) = checked.labels;
    let standing = SiteStanding {
        site,
        labels: site_labels,
        carries: Some(checked.assessment.carried.site),
        checks: 1,
        owner: None,
    };
    Ok(Json(CheckAnswer {
        standing: standing.to_string(),
        id: raw.id,
        guid: checked.guid,
        assessment: checked.assessment,
        site_labels,
        shared_labels,
    })
    .into_response())
}

async fn label(State(app): State<App>, request: Request) -> Result<Response, ApiError> {
    let admitted = app
        .moderation
        .admit(key::of_api(request.headers()))
        .inspect_err(|_| app.metrics.refused())?;
    let raw = RawComment::read(&app, request).await?;
    let label = raw
        .label
        .ok_or_else(|| bad("\"label\" is missing: \"spam\" or \"ham\""))?;
    if raw.text.is_none() && raw.guid.is_none() {
        return Err(bad(
            "say which comment: by the \"guid\" of its check, or by its \"text\" and the other fields of the check",
        ));
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
    };
    let effect = app
        .moderation
        .label(&admitted, report)
        .await
        .map_err(|error| match error {
            LabelError::UnknownCheck(_) => ApiError(StatusCode::NOT_FOUND, error.to_string()),
            LabelError::NotYours(_) => ApiError(StatusCode::FORBIDDEN, error.to_string()),
            LabelError::NotStored(_) | LabelError::ShuttingDown => {
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
