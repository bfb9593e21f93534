//! Settings of single sites, and what labels changed there: `/v1/sites` for the sites of a key,
//! `/sites` for the operator and every site. Obeys no setting itself.

use std::collections::BTreeMap;

use axum::extract::{Query, Request, State};
use axum::routing::get;
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::blocking::run_blocking;
use crate::comment::SiteId;
use crate::http::api::caller::{admitted, own_site, own_sites};
use crate::http::api::fields::{self, SiteQuery, site_is_missing};
use crate::http::app::App;
use crate::http::body;
use crate::http::error::{AdminError, HttpError};
use crate::moderation::{Changed, SITE_SETTINGS, SiteSettings, SiteSummary};

pub(super) fn router() -> Router<App> {
    Router::new().route("/v1/sites", get(show).post(set))
}

pub(crate) fn admin_router() -> Router<App> {
    Router::new().route("/sites", get(admin_show).post(admin_set))
}

/// A site's settings on the wire; what is null follows the server's settings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SiteLine {
    /// The site.
    pub site: String,
    /// Its settings.
    #[serde(flatten)]
    pub settings: SiteSettings,
}

/// Settings that shall be, by name; `default` takes one back.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SiteChange {
    /// The site.
    pub site: String,
    /// The settings to change.
    pub set: BTreeMap<String, String>,
}

#[derive(Debug, Serialize)]
struct Sites {
    sites: Vec<OwnSite>,
}

/// A site of a key: its settings, and where it stands.
#[derive(Debug, Serialize)]
struct OwnSite {
    #[serde(flatten)]
    line: SiteLine,
    standing: Standing,
}

/// Where a site stands, in figures and in words.
#[derive(Debug, Serialize)]
struct Standing {
    labels: Labels,
    days: u32,
    changed: Changed,
    now: Changed,
    in_words: String,
}

#[derive(Debug, Serialize)]
struct Labels {
    spam: u32,
    ham: u32,
}

impl From<SiteSummary> for Standing {
    fn from(standing: SiteSummary) -> Self {
        Self {
            in_words: standing.to_string(),
            labels: Labels {
                spam: standing.spam,
                ham: standing.ham,
            },
            days: standing.days,
            changed: standing.changed,
            now: standing.now,
        }
    }
}

fn line(app: &App, site: &SiteId) -> SiteLine {
    SiteLine {
        site: site.to_string(),
        settings: app.moderation.judging.site_settings(site),
    }
}

fn parsed(site: &str) -> Result<SiteId, HttpError> {
    SiteId::parse(site).map_err(HttpError::invalid)
}

async fn show(State(app): State<App>, request: Request) -> Result<Json<Sites>, HttpError> {
    let admitted = admitted(&app, &request)?;
    let SiteQuery { site } = fields::query(&request)?;
    let own = own_sites(&app, &admitted, site.as_deref().map(parsed).transpose()?).await?;
    let sites = app
        .moderation
        .monitor
        .site_summaries(Some(own))
        .await?
        .into_iter();
    Ok(Json(Sites {
        sites: sites
            .map(|standing| OwnSite {
                line: line(&app, &standing.site),
                standing: standing.into(),
            })
            .collect(),
    }))
}

async fn set(State(app): State<App>, request: Request) -> Result<Json<SiteLine>, HttpError> {
    let admitted = admitted(&app, &request)?;
    let (parts, body) = request.into_parts();
    let max_bytes = app.policy.max_body_bytes;
    let bytes = body::read(body, &parts.headers, max_bytes, &app.load).await?;
    let mut fields: serde_json::Map<String, Value> = fields::parse(&bytes)?;
    let site = fields.remove("site");
    let site = site
        .as_ref()
        .and_then(Value::as_str)
        .ok_or_else(site_is_missing)?;
    let site = own_site(&app, &admitted, parsed(site)?).await?;
    if fields.is_empty() {
        return Err(HttpError::invalid(format!(
            "say what to set: {}",
            SITE_SETTINGS.join(", ")
        )));
    }
    let changes = fields.into_iter().map(|(name, value)| {
        let value = match value {
            Value::Null => "default".to_owned(),
            Value::String(text) => text,
            other => other.to_string(),
        };
        (name, value)
    });
    let change = SiteChange {
        site: site.to_string(),
        set: changes.collect(),
    };
    Ok(Json(apply(app, site, change).await?))
}

/// Sets what is to be set.
async fn apply(app: App, site: SiteId, change: SiteChange) -> Result<SiteLine, HttpError> {
    let set = run_blocking("set what a site wants", move || {
        let changes = change.set.iter();
        let changes = changes.map(|(name, value)| (name.as_str(), value.as_str()));
        app.moderation.judging.set_site(&site, changes)?;
        Ok::<_, HttpError>(line(&app, &site))
    });
    set.await
}

async fn admin_show(
    State(app): State<App>,
    Query(whose): Query<SiteQuery>,
) -> Result<Json<Vec<SiteLine>>, AdminError> {
    Ok(Json(match whose.site {
        Some(site) => vec![line(&app, &parsed(&site)?)],
        None => {
            let all = app.moderation.judging.sites_with_settings().into_iter();
            all.map(|(site, settings)| SiteLine {
                site: site.to_string(),
                settings,
            })
            .collect()
        }
    }))
}

async fn admin_set(
    State(app): State<App>,
    Json(change): Json<SiteChange>,
) -> Result<Json<SiteLine>, AdminError> {
    let site = parsed(&change.site)?;
    Ok(Json(apply(app, site, change).await?))
}
