//! The operator's routes, on the Unix socket in the data folder and in process for a stopped store: keys, lists, settings of sites, export, import,
//! histories. JSON in and out.

pub(super) mod erase;
pub(super) mod export;
pub(super) mod labels;
pub(super) mod models;
pub(super) mod shadow;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::{Deserialize, Serialize};

use crate::comment::SiteId;
use crate::http::api::ApiError;
use crate::http::api::evidence;
use crate::http::api::figures;
use crate::http::api::lists;
use crate::http::api::queue;
use crate::http::api::sites;
use crate::http::{App, ops};
use crate::moderation::{Key, KeyError, NewKey as NewKeyMade, PastLabel, StoreError, Taken};

/// Routes of the admin door.
pub fn router(app: App) -> Router {
    Router::new()
        .route("/keys", get(list_keys).post(create_key))
        .route("/keys/renew", post(renew_key))
        .route("/keys/revoke", post(revoke_key))
        .route("/keys/limit", post(limit_key))
        .route("/keys/suspend", post(suspend_key))
        .route("/keys/resume", post(resume_key))
        .route("/keys/sites", post(list_sites))
        .route("/keys/revoke-site", post(revoke_site))
        .route("/keys/restore-site", post(restore_site))
        .merge(crate::http::admin::erase::router())
        .merge(crate::http::admin::labels::router())
        .merge(crate::http::admin::models::router())
        .merge(crate::http::admin::shadow::router())
        .merge(crate::http::admin::export::router())
        .merge(lists::admin_router())
        .merge(evidence::admin_router())
        .merge(sites::admin_router())
        .merge(figures::admin_router())
        .merge(queue::admin_router())
        .merge(ops::operators_router())
        .route("/history", post(take_history))
        .layer(DefaultBodyLimit::disable())
        .with_state(app)
}

/// A key on the wire of the admin door.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct KeyLine {
    /// The secret in the answer that makes it; else how it begins.
    pub key: String,
    /// What the operator calls it.
    pub name: String,
    /// Milliseconds since 1970.
    pub created_at: i64,
    /// When it was revoked, if it was.
    pub revoked_at: Option<i64>,
    /// When it was suspended, if it is.
    pub suspended_at: Option<i64>,
    /// Checks a month that it may make, if they are limited.
    pub monthly_limit: Option<u64>,
}

/// What a new key shall be.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct NewKey {
    /// What the operator calls it.
    pub name: String,
    /// The secret; random if missing.
    pub key: Option<String>,
    /// Addresses of the sites that are its own.
    #[serde(default)]
    pub sites: Vec<String>,
}

/// Which key shall have another secret.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct KeyRenewal {
    /// Its name, or its secret.
    pub key: String,
    /// The new secret; random if missing.
    pub secret: Option<String>,
}

/// Which key is meant.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct OldKey {
    /// Its secret or its name.
    pub key: String,
}

/// How much a key may be used.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct KeyLimit {
    /// Its secret or its name.
    pub key: String,
    /// Checks a month; as many as it likes without.
    pub monthly: Option<u64>,
}

/// Which site of which key is meant.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SiteOfKey {
    /// Secret or name of the key.
    pub key: String,
    /// Address of the site.
    pub site: String,
}

/// A site of a key on the wire of the admin door.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct KeySite {
    /// The site.
    pub site: String,
    /// Checks this month.
    pub checks: u64,
    /// Of them, found spam.
    pub spam: u64,
    /// When it was revoked, if it is.
    pub revoked_at: Option<i64>,
    /// When its plugin said that it was switched off; gone with the next check.
    pub deactivated_at: Option<i64>,
}

pub(super) struct AdminError(pub(super) StatusCode, pub(super) String);

impl IntoResponse for AdminError {
    fn into_response(self) -> Response {
        (self.0, self.1).into_response()
    }
}

impl From<StoreError> for AdminError {
    fn from(error: StoreError) -> Self {
        Self(StatusCode::INSUFFICIENT_STORAGE, error.to_string())
    }
}

impl From<ApiError> for AdminError {
    fn from(error: ApiError) -> Self {
        Self(error.0, error.1)
    }
}

impl From<KeyError> for AdminError {
    fn from(error: KeyError) -> Self {
        let status = match error {
            KeyError::NoSuchKey(_) => StatusCode::NOT_FOUND,
            KeyError::NameTaken(_) | KeyError::SecretTaken => StatusCode::CONFLICT,
            KeyError::Reserved | KeyError::BadName => StatusCode::UNPROCESSABLE_ENTITY,
            KeyError::Give(_) => StatusCode::INSUFFICIENT_STORAGE,
            KeyError::Store(error) => return error.into(),
        };
        Self(status, error.to_string())
    }
}

impl From<Key> for KeyLine {
    fn from(key: Key) -> Self {
        Self {
            key: format!("{}...", key.hint),
            name: key.name,
            created_at: key.created_at,
            revoked_at: key.revoked_at,
            suspended_at: key.suspended_at,
            monthly_limit: key.monthly_limit,
        }
    }
}

impl From<NewKeyMade> for KeyLine {
    fn from(made: NewKeyMade) -> Self {
        Self {
            key: made.secret,
            ..made.key.into()
        }
    }
}

async fn list_keys(State(app): State<App>) -> Result<Json<Vec<KeyLine>>, AdminError> {
    Ok(Json(
        app.moderation
            .accounts
            .keys()?
            .into_iter()
            .map(KeyLine::from)
            .collect(),
    ))
}

async fn create_key(
    State(app): State<App>,
    Json(new): Json<NewKey>,
) -> Result<Json<KeyLine>, AdminError> {
    if let Some(key) = &new.key {
        check_secret(key).map_err(unprocessable)?;
    }
    // Before anything is made.
    let sites = new.sites.iter().map(|site| SiteId::parse(site));
    let sites = sites
        .collect::<Result<Vec<_>, _>>()
        .map_err(unprocessable)?;
    let owner = |site| Some((site, app.moderation.accounts.owner_of(site)?));
    if let Some((site, owner)) = sites.iter().find_map(owner) {
        return Err(AdminError(
            StatusCode::CONFLICT,
            format!(
                "the site {site} belongs to the key {owner:?}; no key was made (phin sites give hands a site over)"
            ),
        ));
    }
    let made = app.moderation.accounts.create_key(&new.name, new.key)?;
    for site in &sites {
        let given = app.moderation.accounts.give(site, &made.key.name).await;
        given.map_err(KeyError::from)?;
    }
    Ok(Json(made.into()))
}

async fn renew_key(
    State(app): State<App>,
    Json(of): Json<KeyRenewal>,
) -> Result<Json<KeyLine>, AdminError> {
    if let Some(secret) = &of.secret {
        check_secret(secret).map_err(unprocessable)?;
    }
    let made = app.moderation.accounts.renew_key(&of.key, of.secret)?;
    Ok(Json(made.into()))
}

/// A secret chosen by hand must survive a form, a host name and WordPress: letters, digits and hyphens.
pub fn check_secret(key: &str) -> Result<(), String> {
    let good = (8..=63).contains(&key.len())
        && key
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && !key.starts_with('-')
        && !key.ends_with('-');
    if good {
        Ok(())
    } else {
        Err("a key is 8 to 63 lower-case letters, digits or hyphens (12 of them, or WordPress will not send it)".to_owned())
    }
}

async fn revoke_key(
    State(app): State<App>,
    Json(old): Json<OldKey>,
) -> Result<Json<KeyLine>, AdminError> {
    let revoked = app.moderation.accounts.revoke_key(&old.key)?;
    revoked.map(|key| Json(key.into())).ok_or_else(|| {
        AdminError(
            StatusCode::NOT_FOUND,
            format!("there is no key {:?}", old.key),
        )
    })
}

async fn limit_key(
    State(app): State<App>,
    Json(limit): Json<KeyLimit>,
) -> Result<Json<KeyLine>, AdminError> {
    if limit.monthly == Some(0) {
        return Err(unprocessable(
            "a limit is at least 1; to serve nothing, say suspend",
        ));
    }
    let key = app
        .moderation
        .accounts
        .limit_key(&limit.key, limit.monthly)?;
    Ok(Json(key.into()))
}

async fn suspend_key(
    State(app): State<App>,
    Json(old): Json<OldKey>,
) -> Result<Json<KeyLine>, AdminError> {
    Ok(Json(app.moderation.accounts.suspend_key(&old.key)?.into()))
}

async fn resume_key(
    State(app): State<App>,
    Json(old): Json<OldKey>,
) -> Result<Json<KeyLine>, AdminError> {
    Ok(Json(app.moderation.accounts.resume_key(&old.key)?.into()))
}

async fn list_sites(
    State(app): State<App>,
    Json(old): Json<OldKey>,
) -> Result<Json<Vec<KeySite>>, AdminError> {
    let lines = app.moderation.accounts.sites(&old.key).await?.into_iter();
    let lines = lines.map(|line| KeySite {
        site: line.site.to_string(),
        checks: line.usage.checks(),
        spam: line.usage.spam,
        revoked_at: line.revoked_at,
        deactivated_at: line.deactivated_at,
    });
    Ok(Json(lines.collect()))
}

async fn revoke_site(
    State(app): State<App>,
    Json(of): Json<SiteOfKey>,
) -> Result<Json<KeyLine>, AdminError> {
    let site = SiteId::parse(&of.site).map_err(unprocessable)?;
    Ok(Json(
        app.moderation.accounts.revoke_site(&of.key, &site)?.into(),
    ))
}

async fn restore_site(
    State(app): State<App>,
    Json(of): Json<SiteOfKey>,
) -> Result<Json<KeyLine>, AdminError> {
    let site = SiteId::parse(&of.site).map_err(unprocessable)?;
    Ok(Json(
        app.moderation.accounts.restore_site(&of.key, &site)?.into(),
    ))
}

pub(crate) fn unprocessable(why: impl ToString) -> AdminError {
    AdminError(StatusCode::UNPROCESSABLE_ENTITY, why.to_string())
}

async fn take_history(
    State(app): State<App>,
    Json(past): Json<Vec<PastLabel>>,
) -> Result<Json<Taken>, AdminError> {
    app.moderation
        .transfer
        .take_history(past)
        .await
        .map(Json)
        .map_err(|error| AdminError(StatusCode::INSUFFICIENT_STORAGE, error.to_string()))
}
