//! The doors of the lists: `/v1/lists` for the sites a key was used for, `/lists` for the operator and every site. One shape of an entry for both.

use axum::extract::{Query, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::{Deserialize, Serialize};

use crate::comment::SiteId;
use crate::http::admin::AdminError;
use crate::http::api::{self, ApiError, bad};
use crate::http::{App, body};
use crate::moderation::{Entry, Kind, List, ListError, Listing, NewEntry};

pub(crate) fn router() -> Router<App> {
    Router::new().route("/v1/lists", get(show).post(add).delete(remove))
}

pub(crate) fn admin_router() -> Router<App> {
    Router::new()
        .route("/lists", get(admin_show).post(admin_add))
        .route("/lists/remove", post(admin_remove))
}

/// An entry on the wire.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EntryLine {
    /// The site; all sites if null.
    pub site: Option<String>,
    /// `allow` or `deny`.
    pub list: List,
    /// `ip`, `email`, `email-domain`, `domain`, `author` or `words`.
    pub kind: Kind,
    /// What it looks for, in its canonical spelling.
    pub value: String,
    /// Why.
    pub reason: String,
    /// Who made it.
    pub by: String,
    /// When, in milliseconds since 1970.
    pub at: i64,
    /// When it ends, in milliseconds since 1970; never if null.
    pub expires_at: Option<i64>,
    /// Whether it took the place of an earlier one; only in the answer to an addition.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaced: Option<bool>,
}

impl EntryLine {
    fn of(entry: &Entry) -> Self {
        let raw = entry.raw().clone();
        Self {
            site: raw.site.map(|site| site.to_string()),
            list: raw.list,
            kind: raw.kind,
            value: raw.value,
            reason: raw.reason,
            by: raw.by,
            at: raw.at,
            expires_at: raw.expires_at,
            replaced: None,
        }
    }
}

/// An entry that shall be.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewEntryLine {
    /// The site; at the operator's door all sites if missing.
    #[serde(default)]
    pub site: Option<String>,
    /// `allow` or `deny`.
    pub list: List,
    /// `ip`, `email`, `email-domain`, `domain`, `author` or `words`.
    pub kind: Kind,
    /// What it looks for.
    pub value: String,
    /// Why.
    #[serde(default)]
    pub reason: String,
    /// Who makes it; the name of the key if missing.
    #[serde(default)]
    pub by: Option<String>,
    /// `30d`, `12h`, or `2027-01-31`; never if missing.
    #[serde(default)]
    pub expires: Option<String>,
}

impl NewEntryLine {
    fn entry(self, site: Option<SiteId>, by: &str) -> NewEntry {
        NewEntry {
            site,
            list: self.list,
            kind: self.kind,
            value: self.value,
            reason: self.reason,
            by: self.by.unwrap_or_else(|| by.to_owned()),
            expires: self.expires,
        }
    }
}

/// Which entry shall go.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OldEntry {
    /// Its site; at the operator's door all sites if missing.
    #[serde(default)]
    pub site: Option<String>,
    /// What it looks at.
    pub kind: Kind,
    /// What it looks for.
    pub value: String,
}

/// Whose entries are asked for.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Whose {
    /// A site; all that may be seen if missing.
    #[serde(default)]
    pub(super) site: Option<String>,
}

#[derive(Debug, Serialize)]
struct Entries {
    entries: Vec<EntryLine>,
}

impl From<ListError> for ApiError {
    fn from(error: ListError) -> Self {
        let status = match error {
            ListError::Bad(_) | ListError::Expiry(_) | ListError::Full(_) => {
                StatusCode::UNPROCESSABLE_ENTITY
            }
            ListError::Store(_) => StatusCode::SERVICE_UNAVAILABLE,
        };
        Self(status, error.to_string())
    }
}

impl From<ListError> for AdminError {
    fn from(error: ListError) -> Self {
        match error {
            ListError::Store(error) => error.into(),
            other => Self(StatusCode::UNPROCESSABLE_ENTITY, other.to_string()),
        }
    }
}

async fn show(State(app): State<App>, request: Request) -> Result<Json<Entries>, ApiError> {
    let admitted = api::admitted(&app, &request)?;
    let Whose { site } = api::query(&request)?;
    let own = api::own_sites(&app, &admitted, api::site(site.as_deref())?).await?;
    let is_own = |entry: &Entry| {
        entry
            .raw()
            .site
            .as_ref()
            .is_some_and(|site| own.contains(site))
    };
    let entries = app.moderation.judging.listed(is_own);
    Ok(Json(Entries {
        entries: entries.iter().map(|entry| EntryLine::of(entry)).collect(),
    }))
}

async fn add(State(app): State<App>, request: Request) -> Result<Response, ApiError> {
    let admitted = api::admitted(&app, &request)?;
    let body = request.into_body();
    let bytes = body::read(body, app.policy.max_body_bytes, &app.load).await?;
    let line: NewEntryLine = api::parse(&bytes)?;
    let site = api::site(line.site.as_deref())?
        .ok_or_else(|| bad("\"site\" is missing: the address of the site's front page"))?;
    let site = api::own_site(&app, &admitted, site).await?;
    let entry = line.entry(Some(site), &admitted.key_name);
    let put = api::off_the_loop(move || put(&app, vec![entry])).await?;
    let status = match put[0].replaced {
        Some(true) => StatusCode::OK,
        _ => StatusCode::CREATED,
    };
    Ok((status, Json(put.into_iter().next())).into_response())
}

/// Puts entries on the lists; waits for the disk.
fn put(app: &App, entries: Vec<NewEntry>) -> Result<Vec<EntryLine>, ListError> {
    let put = app.moderation.judging.list(entries)?.into_iter();
    Ok(put
        .map(|(entry, listing)| EntryLine {
            replaced: Some(listing == Listing::Replaced),
            ..EntryLine::of(&entry)
        })
        .collect())
}

async fn remove(State(app): State<App>, request: Request) -> Result<Json<EntryLine>, ApiError> {
    let admitted = api::admitted(&app, &request)?;
    // A body with DELETE is lost on the way by some proxies: the fields are in the query.
    let OldEntry { site, kind, value } = api::query(&request)?;
    let site =
        api::site(site.as_deref())?.ok_or_else(|| bad("\"site\" is missing in the query"))?;
    let site = api::own_site(&app, &admitted, site).await?;
    let named = site.to_string();
    let spelt = value.clone();
    let removed =
        api::off_the_loop(move || app.moderation.judging.unlist(Some(site), kind, &spelt)).await?;
    let removed = removed.ok_or_else(|| {
        ApiError(
            StatusCode::NOT_FOUND,
            not_listed(Some(&named), kind, &value),
        )
    })?;
    Ok(Json(EntryLine::of(&removed)))
}

fn not_listed(site: Option<&str>, kind: Kind, value: &str) -> String {
    let whose = site.unwrap_or("all sites together");
    format!("{whose} has no entry {kind} {value:?}")
}

async fn admin_show(
    State(app): State<App>,
    Query(whose): Query<Whose>,
) -> Result<Json<Vec<EntryLine>>, AdminError> {
    let wanted = api::site(whose.site.as_deref())?;
    let entries = app
        .moderation
        .judging
        .listed(|entry| wanted.is_none() || entry.raw().site == wanted);
    Ok(Json(
        entries.iter().map(|entry| EntryLine::of(entry)).collect(),
    ))
}

async fn admin_add(
    State(app): State<App>,
    Json(lines): Json<Vec<NewEntryLine>>,
) -> Result<Json<Vec<EntryLine>>, AdminError> {
    let entries = lines.into_iter().map(|line| {
        let site = api::site(line.site.as_deref())?;
        Ok(line.entry(site, "operator"))
    });
    let entries = entries.collect::<Result<Vec<_>, AdminError>>()?;
    Ok(Json(put(&app, entries)?))
}

async fn admin_remove(
    State(app): State<App>,
    Json(old): Json<OldEntry>,
) -> Result<Json<EntryLine>, AdminError> {
    let site = api::site(old.site.as_deref())?;
    let removed = app.moderation.judging.unlist(site, old.kind, &old.value)?;
    let removed = removed.ok_or_else(|| {
        AdminError(
            StatusCode::NOT_FOUND,
            not_listed(old.site.as_deref(), old.kind, &old.value),
        )
    })?;
    Ok(Json(EntryLine::of(&removed)))
}
