//! The operator's routes, on the Unix socket in the data folder and in process for a stopped store: keys, export, import. JSON in and out.

use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::{Deserialize, Serialize};

use super::App;
use crate::moderation::{ExportLine, ImportError, Imported, Key, StoreError};

/// Routes of the admin door.
pub fn router(app: App) -> Router {
    Router::new()
        .route("/keys", get(list_keys).post(create_key))
        .route("/keys/revoke", post(revoke_key))
        .merge(super::admin_labels::router())
        .route("/export", get(export))
        .route("/import", post(import))
        .layer(DefaultBodyLimit::disable())
        .with_state(app)
}

/// A key on the wire of the admin door.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct KeyLine {
    /// The secret.
    pub key: String,
    /// What the operator calls it.
    pub name: String,
    /// Milliseconds since 1970.
    pub created_at: i64,
    /// When it was revoked, if it was.
    pub revoked_at: Option<i64>,
}

/// What a new key shall be.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct NewKey {
    /// What the operator calls it.
    pub name: String,
    /// The secret; random if missing.
    pub key: Option<String>,
}

/// Which key shall be revoked.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct OldKey {
    /// Its secret or its name.
    pub key: String,
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

impl From<Key> for KeyLine {
    fn from(key: Key) -> Self {
        Self {
            key: key.secret,
            name: key.name,
            created_at: key.created_at,
            revoked_at: key.revoked_at,
        }
    }
}

async fn list_keys(State(app): State<App>) -> Result<Json<Vec<KeyLine>>, AdminError> {
    Ok(Json(
        app.moderation
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
        check_secret(key).map_err(|why| AdminError(StatusCode::UNPROCESSABLE_ENTITY, why))?;
        if app.moderation.keys()?.iter().any(|k| k.secret == *key) {
            return Err(AdminError(
                StatusCode::CONFLICT,
                "there is such a key already".to_owned(),
            ));
        }
    }
    Ok(Json(app.moderation.create_key(&new.name, new.key)?.into()))
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
    let revoked = app.moderation.revoke_key(&old.key)?;
    revoked.map(|key| Json(key.into())).ok_or_else(|| {
        AdminError(
            StatusCode::NOT_FOUND,
            format!("there is no key {:?}", old.key),
        )
    })
}

async fn export(State(app): State<App>) -> Result<Response, AdminError> {
    let lines = app.moderation.export()?.map(|line| {
        let line = line.map_err(std::io::Error::other)?;
        let mut text = serde_json::to_vec(&line).map_err(std::io::Error::other)?;
        text.push(b'\n');
        Ok::<_, std::io::Error>(Bytes::from(text))
    });
    Ok(Body::from_stream(tokio_stream::iter(lines)).into_response())
}

async fn import(State(app): State<App>, body: Bytes) -> Result<Json<Imported>, AdminError> {
    let refused = |error: ImportError| match &error {
        ImportError::Line { .. } | ImportError::Foreign { .. } => {
            AdminError(StatusCode::UNPROCESSABLE_ENTITY, error.to_string())
        }
        ImportError::Store(_) | ImportError::Label(_) => {
            AdminError(StatusCode::INSUFFICIENT_STORAGE, error.to_string())
        }
    };
    let text = std::str::from_utf8(&body).map_err(|_| {
        AdminError(
            StatusCode::UNPROCESSABLE_ENTITY,
            "the export is not UTF-8; nothing was imported".to_owned(),
        )
    })?;
    let lines = ExportLine::parse_all(text).map_err(refused)?;
    app.moderation
        .import(lines)
        .await
        .map(Json)
        .map_err(refused)
}
