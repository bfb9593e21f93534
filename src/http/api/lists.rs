//! Lists of what is always spam and what never is: `/v1/lists` for the sites of a key, `/lists` for
//! the operator and every site. One shape of an entry for both. Judges no comment.

use axum::extract::{Query, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::{Deserialize, Serialize};

use crate::blocking::run_blocking;
use crate::comment::SiteId;
use crate::http::api::caller::{admitted, own_site, own_sites};
use crate::http::api::fields::{self, SiteQuery, site_is_missing};
use crate::http::app::App;
use crate::http::body;
use crate::http::error::{AdminError, HttpError};
use crate::moderation::{Entry, Kind, List, Listing, NewEntry};

pub(super) fn router() -> Router<App> {
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

#[derive(Debug, Serialize)]
struct Entries {
    entries: Vec<EntryLine>,
}

async fn show(State(app): State<App>, request: Request) -> Result<Json<Entries>, HttpError> {
    let admitted = admitted(&app, &request)?;
    let SiteQuery { site } = fields::query(&request)?;
    let own = own_sites(&app, &admitted, fields::site(site.as_deref())?).await?;
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

async fn add(State(app): State<App>, request: Request) -> Result<Response, HttpError> {
    let admitted = admitted(&app, &request)?;
    let (parts, body) = request.into_parts();
    let max_bytes = app.policy.max_body_bytes;
    let bytes = body::read(body, &parts.headers, max_bytes, &app.load).await?;
    let line: NewEntryLine = fields::parse(&bytes)?;
    let site = fields::site(line.site.as_deref())?.ok_or_else(site_is_missing)?;
    let site = own_site(&app, &admitted, site).await?;
    let entry = line.entry(Some(site), &admitted.key_name);
    let put = put(app, vec![entry]).await?.pop();
    let status = match put.as_ref().and_then(|line| line.replaced) {
        Some(true) => StatusCode::OK,
        _ => StatusCode::CREATED,
    };
    Ok((status, Json(put)).into_response())
}

/// Puts entries on the lists.
async fn put(app: App, entries: Vec<NewEntry>) -> Result<Vec<EntryLine>, HttpError> {
    let put = run_blocking("put entries on a list", move || {
        Ok::<_, HttpError>(app.moderation.judging.list(entries)?)
    });
    let lines = put.await?.into_iter().map(|(entry, listing)| EntryLine {
        replaced: Some(listing == Listing::Replaced),
        ..EntryLine::of(&entry)
    });
    Ok(lines.collect())
}

/// Takes an entry off its list, and says what it was.
async fn unlist(
    app: App,
    site: Option<SiteId>,
    kind: Kind,
    value: String,
) -> Result<EntryLine, HttpError> {
    let (of_site, spelt) = (site.clone(), value.clone());
    let removed = run_blocking("take an entry off a list", move || {
        Ok::<_, HttpError>(app.moderation.judging.unlist(of_site, kind, &spelt)?)
    });
    let removed = removed.await?.ok_or_else(|| {
        let whose = site.as_ref().map_or("all sites together", SiteId::as_str);
        HttpError::not_found(format!("{whose} has no entry {kind} {value:?}"))
    })?;
    Ok(EntryLine::of(&removed))
}

async fn remove(State(app): State<App>, request: Request) -> Result<Json<EntryLine>, HttpError> {
    let admitted = admitted(&app, &request)?;
    // A body with DELETE is lost on the way by some proxies: the fields are in the query.
    let OldEntry { site, kind, value } = fields::query(&request)?;
    let site = fields::site(site.as_deref())?
        .ok_or_else(|| HttpError::invalid("\"site\" is missing in the query"))?;
    let site = own_site(&app, &admitted, site).await?;
    Ok(Json(unlist(app, Some(site), kind, value).await?))
}

async fn admin_show(
    State(app): State<App>,
    Query(whose): Query<SiteQuery>,
) -> Result<Json<Vec<EntryLine>>, AdminError> {
    let wanted = fields::site(whose.site.as_deref())?;
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
        let site = fields::site(line.site.as_deref())?;
        Ok(line.entry(site, "operator"))
    });
    let entries = entries.collect::<Result<Vec<_>, AdminError>>()?;
    Ok(Json(put(app, entries).await?))
}

async fn admin_remove(
    State(app): State<App>,
    Json(old): Json<OldEntry>,
) -> Result<Json<EntryLine>, AdminError> {
    let site = fields::site(old.site.as_deref())?;
    Ok(Json(unlist(app, site, old.kind, old.value).await?))
}
