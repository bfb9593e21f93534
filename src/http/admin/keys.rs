//! The operator's routes about keys: made, listed, renewed, limited, suspended, revoked; and which
//! sites they serve. JSON in and out. Tells a secret once, in the answer that makes it.

use axum::extract::State;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::{Deserialize, Serialize};

use crate::blocking::run_blocking;
use crate::comment::SiteId;
use crate::http::app::App;
use crate::http::error::{AdminError, HttpError, Kind};
use crate::moderation::{Key, KeyError, NewKey as NewKeyMade};

pub(super) fn router() -> Router<App> {
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
}

/// A key on the wire of the operator's socket.
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

/// A site of a key on the wire of the operator's socket.
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
    let keys = run_blocking("read the keys", move || {
        Ok::<_, HttpError>(app.moderation.accounts.keys()?)
    });
    let lines = keys.await?.into_iter().map(KeyLine::from);
    Ok(Json(lines.collect()))
}

async fn create_key(
    State(app): State<App>,
    Json(new): Json<NewKey>,
) -> Result<Json<KeyLine>, AdminError> {
    if let Some(key) = &new.key {
        check_secret(key).map_err(HttpError::invalid)?;
    }
    // Before anything is made: a key without one of its sites would be half of what was asked.
    let sites = new.sites.iter().map(|site| SiteId::parse(site));
    let sites = sites
        .collect::<Result<Vec<_>, _>>()
        .map_err(HttpError::invalid)?;
    let owner = |site| Some((site, app.moderation.accounts.owner_of(site)?));
    if let Some((site, owner)) = sites.iter().find_map(owner) {
        let why = format!(
            "the site {site} belongs to the key {owner:?}; no key was made (phin sites give hands a \
             site over)"
        );
        return Err(HttpError::new(Kind::Conflict, why).into());
    }
    let making = app.clone();
    let made = run_blocking("make a key", move || {
        Ok::<_, HttpError>(making.moderation.accounts.create_key(&new.name, new.key)?)
    });
    let made = made.await?;
    for site in &sites {
        let given = app.moderation.accounts.give(site, &made.key.name).await;
        // The key stays: the operator is told that it exists, and which site is not its own.
        given.map_err(KeyError::from)?;
    }
    Ok(Json(made.into()))
}

async fn renew_key(
    State(app): State<App>,
    Json(of): Json<KeyRenewal>,
) -> Result<Json<KeyLine>, AdminError> {
    if let Some(secret) = &of.secret {
        check_secret(secret).map_err(HttpError::invalid)?;
    }
    let made = run_blocking("renew the key", move || {
        Ok::<_, HttpError>(app.moderation.accounts.renew_key(&of.key, of.secret)?)
    });
    Ok(Json(made.await?.into()))
}

/// Whether a secret chosen by hand can be a key: it must survive a form, a host name and WordPress.
///
/// # Errors
/// It has other characters than lower-case letters, digits and hyphens, begins or ends with a
/// hyphen, or is shorter than 8 or longer than 63.
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
        let why = "a key is 8 to 63 lower-case letters, digits or hyphens (12 of them, or WordPress will \
                   not send it)";
        Err(why.to_owned())
    }
}

async fn revoke_key(
    State(app): State<App>,
    Json(old): Json<OldKey>,
) -> Result<Json<KeyLine>, AdminError> {
    let revoked = run_blocking("revoke the key", move || {
        let revoked = app.moderation.accounts.revoke_key(&old.key)?;
        revoked.ok_or_else(|| HttpError::not_found(format!("there is no key {:?}", old.key)))
    });
    Ok(Json(revoked.await?.into()))
}

async fn limit_key(
    State(app): State<App>,
    Json(limit): Json<KeyLimit>,
) -> Result<Json<KeyLine>, AdminError> {
    if limit.monthly == Some(0) {
        let why = "a limit is at least 1; to serve nothing, say suspend";
        return Err(HttpError::invalid(why).into());
    }
    let key = run_blocking("limit the key", move || {
        Ok::<_, HttpError>(
            app.moderation
                .accounts
                .limit_key(&limit.key, limit.monthly)?,
        )
    });
    Ok(Json(key.await?.into()))
}

async fn suspend_key(
    State(app): State<App>,
    Json(old): Json<OldKey>,
) -> Result<Json<KeyLine>, AdminError> {
    let key = run_blocking("suspend the key", move || {
        Ok::<_, HttpError>(app.moderation.accounts.suspend_key(&old.key)?)
    });
    Ok(Json(key.await?.into()))
}

async fn resume_key(
    State(app): State<App>,
    Json(old): Json<OldKey>,
) -> Result<Json<KeyLine>, AdminError> {
    let key = run_blocking("resume the key", move || {
        Ok::<_, HttpError>(app.moderation.accounts.resume_key(&old.key)?)
    });
    Ok(Json(key.await?.into()))
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
    let site = SiteId::parse(&of.site).map_err(HttpError::invalid)?;
    let key = run_blocking("revoke the site", move || {
        Ok::<_, HttpError>(app.moderation.accounts.revoke_site(&of.key, &site)?)
    });
    Ok(Json(key.await?.into()))
}

async fn restore_site(
    State(app): State<App>,
    Json(of): Json<SiteOfKey>,
) -> Result<Json<KeyLine>, AdminError> {
    let site = SiteId::parse(&of.site).map_err(HttpError::invalid)?;
    let key = run_blocking("restore the site", move || {
        Ok::<_, HttpError>(app.moderation.accounts.restore_site(&of.key, &site)?)
    });
    Ok(Json(key.await?.into()))
}
