//! The doors of the settings per site: `/v1/sites` for the sites a key was used for, `/sites` for the operator and every site.

use std::collections::BTreeMap;

use axum::extract::{Query, Request, State};
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::comment::SiteId;
use crate::http::admin::AdminError;
use crate::http::api::lists::Whose;
use crate::http::api::{self, ApiError, bad};
use crate::http::{App, body};
use crate::moderation::{Changed, SITE_SETTINGS, SiteError, SiteSettings, SiteStanding};

pub(crate) fn router() -> Router<App> {
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

impl From<SiteStanding> for Standing {
    fn from(standing: SiteStanding) -> Self {
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

impl From<SiteError> for ApiError {
    fn from(error: SiteError) -> Self {
        let status = match error {
            SiteError::Bad(_) => StatusCode::UNPROCESSABLE_ENTITY,
            SiteError::Store(_) => StatusCode::SERVICE_UNAVAILABLE,
        };
        Self(status, error.to_string())
    }
}

impl From<SiteError> for AdminError {
    fn from(error: SiteError) -> Self {
        match error {
            SiteError::Store(error) => error.into(),
            SiteError::Bad(error) => Self(StatusCode::UNPROCESSABLE_ENTITY, error.to_string()),
        }
    }
}

fn line(app: &App, site: &SiteId) -> SiteLine {
    SiteLine {
        site: site.to_string(),
        settings: app.moderation.judging.site_settings(site),
    }
}

fn parsed(site: &str) -> Result<SiteId, ApiError> {
    SiteId::parse(site).map_err(|error| bad(error.to_string()))
}

async fn show(State(app): State<App>, request: Request) -> Result<Json<Sites>, ApiError> {
    let admitted = api::admitted(&app, &request)?;
    let Whose { site } = api::query(&request)?;
    let own = api::own_sites(&app, &admitted, site.as_deref().map(parsed).transpose()?).await?;
    let standings = app.moderation.monitor.site_standings(Some(own)).await;
    let sites = standings.map_err(api::not_now)?.into_iter();
    Ok(Json(Sites {
        sites: sites
            .map(|standing| OwnSite {
                line: line(&app, &standing.site),
                standing: standing.into(),
            })
            .collect(),
    }))
}

async fn set(State(app): State<App>, request: Request) -> Result<Json<SiteLine>, ApiError> {
    let admitted = api::admitted(&app, &request)?;
    let body = request.into_body();
    let bytes = body::read(body, app.policy.max_body_bytes, &app.load).await?;
    let mut fields: serde_json::Map<String, Value> = api::parse(&bytes)?;
    let site = fields.remove("site");
    let site = site
        .as_ref()
        .and_then(Value::as_str)
        .ok_or_else(|| bad("\"site\" is missing: the address of the site's front page"))?;
    let site = api::own_site(&app, &admitted, parsed(site)?).await?;
    if fields.is_empty() {
        return Err(bad(format!(
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
    Ok(Json(
        api::off_the_loop(move || apply(&app, &site, &change)).await?,
    ))
}

/// Sets what is to be set; waits for the disk.
fn apply(app: &App, site: &SiteId, change: &SiteChange) -> Result<SiteLine, SiteError> {
    let changes = change
        .set
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()));
    app.moderation.judging.set_site(site, changes)?;
    Ok(line(app, site))
}

async fn admin_show(
    State(app): State<App>,
    Query(whose): Query<Whose>,
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
    Ok(Json(apply(&app, &site, &change)?))
}
