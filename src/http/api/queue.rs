//! Checks that wait for a person, as JSON: `GET /v1/queue` for the sites of a key, `/queue` for the
//! operator and every site. Takes no label: that goes to `/v1/label`, by guid.

use axum::extract::{Query, Request, State};
use axum::routing::get;
use axum::{Json, Router};
use serde::{Deserialize, Serialize};

use crate::comment::{Comment, SiteId};
use crate::filter;
use crate::http::api::caller::{admitted, used_sites};
use crate::http::api::fields;
use crate::http::app::App;
use crate::http::error::{AdminError, HttpError};
use crate::moderation::{Millis, Order, QueueAsked, QueuePage, Queued, Showing, Why};
use crate::verdict::{Clue, Cutoffs, Verdict, sigmoid};

pub(super) fn router() -> Router<App> {
    Router::new().route("/v1/queue", get(show))
}

pub(crate) fn admin_router() -> Router<App> {
    Router::new().route("/queue", get(admin_show))
}

/// Checks on a page unless asked otherwise.
const PAGE: usize = 20;
/// Checks on a page at most.
const LONGEST_PAGE: usize = 200;

/// Which part is asked for.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    /// A site; all that may be seen if missing.
    site: Option<String>,
    /// So many days up to now.
    days: Option<u32>,
    /// Which come first.
    #[serde(default)]
    order: Order,
    /// `next` of the page before.
    after: Option<String>,
    /// So many at most.
    limit: Option<usize>,
    /// `all` to be told what the machine thought of audited checks too.
    #[serde(default)]
    verdicts: Showing,
}

/// A page of the queue on the wire.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Queue {
    /// The checks.
    pub checks: Vec<QueueLine>,
    /// What `after` takes for the next page; missing on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// A check that waits for a person.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct QueueLine {
    /// Id of the check: what a label names.
    pub guid: String,
    /// When it was made, in milliseconds since 1970.
    pub at: Millis,
    /// On which site.
    pub site: SiteId,
    /// `unsure` or `audit`.
    pub why: Why,
    /// The comment.
    pub comment: CommentLine,
    /// The machine's verdict; missing for an audit, because people tend to agree with a verdict
    /// that they see (docs/DECISIONS.md, "The verdict of an audited check is not shown").
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Verdict>,
    /// P(spam), likewise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probability: Option<f64>,
    /// Why, strongest first, likewise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clues: Option<Vec<Clue>>,
    /// What all else adds, in log-odds, likewise: what no clue shows, and how rare spam is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rest: Option<f64>,
    /// P(spam) from which a comment like this is unsure, and from which it is spam, likewise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unsure_between: Option<[f64; 2]>,
}

/// A comment with the names that `/v1/check` takes.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct CommentLine {
    /// The text.
    pub text: String,
    /// Display name of its author.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub author: Option<String>,
    /// E-mail address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Home page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Address it came from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ip: Option<String>,
    /// Browser.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_agent: Option<String>,
    /// What kind of comment.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// The page it is on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub permalink: Option<String>,
}

impl From<Comment> for CommentLine {
    fn from(comment: Comment) -> Self {
        let Comment {
            text,
            author,
            request,
            page,
            ..
        } = comment;
        Self {
            text,
            author: author.name,
            email: author.email,
            url: author.url,
            ip: request.ip.map(|ip| ip.to_string()),
            user_agent: request.user_agent,
            kind: page.kind,
            permalink: page.permalink,
        }
    }
}

impl From<Queued> for QueueLine {
    fn from(queued: Queued) -> Self {
        let mut line = Self {
            guid: queued.guid,
            at: queued.at,
            site: queued.site,
            why: queued.why,
            comment: queued.comment.into(),
            verdict: None,
            probability: None,
            clues: None,
            rest: None,
            unsure_between: None,
        };
        if let Some(mut thought) = queued.thought {
            filter::place(&mut thought.clues, &line.comment.text);
            let Cutoffs { unsure, spam, .. } = thought.cutoffs;
            line.verdict = Some(thought.verdict);
            line.probability = Some(thought.probability);
            line.clues = Some(thought.clues);
            line.rest = Some(thought.rest);
            line.unsure_between = Some([sigmoid(unsure), sigmoid(spam)]);
        }
        line
    }
}

impl From<QueuePage> for Queue {
    fn from(page: QueuePage) -> Self {
        Self {
            checks: page.checks.into_iter().map(QueueLine::from).collect(),
            next: page.next.map(|next| next.to_string()),
        }
    }
}

impl Wanted {
    /// What is asked of the verb, still for every site.
    fn asked(&self) -> Result<QueueAsked, HttpError> {
        let most = self.limit.unwrap_or(PAGE);
        if !(1..=LONGEST_PAGE).contains(&most) {
            return Err(HttpError::invalid(format!(
                "limit is a number from 1 to {LONGEST_PAGE}, not {most}"
            )));
        }
        let after = self.after.as_deref().map(str::parse).transpose();
        Ok(QueueAsked {
            sites: None,
            sent_by: None,
            days: fields::days(self.days)?,
            order: self.order,
            after: after.map_err(|error| HttpError::invalid(format!("after: {error}")))?,
            most,
            showing: self.verdicts,
        })
    }
}

async fn show(State(app): State<App>, request: Request) -> Result<Json<Queue>, HttpError> {
    let admitted = admitted(&app, &request)?;
    let wanted: Wanted = fields::query(&request)?;
    let asked = wanted.asked()?;
    let own = used_sites(&app, &admitted, fields::site(wanted.site.as_deref())?).await?;
    let asked = QueueAsked {
        sites: Some(own),
        sent_by: Some(admitted.key_id),
        ..asked
    };
    let page = app.moderation.monitor.queue(asked).await?;
    Ok(Json(page.into()))
}

async fn admin_show(
    State(app): State<App>,
    Query(wanted): Query<Wanted>,
) -> Result<Json<Queue>, AdminError> {
    let asked = wanted.asked()?;
    let sites = fields::site(wanted.site.as_deref())?.map(|site| [site].into());
    let page = app
        .moderation
        .monitor
        .queue(QueueAsked { sites, ..asked })
        .await?;
    Ok(Json(page.into()))
}
