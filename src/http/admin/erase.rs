//! The operator's route that forgets a person. JSON in and out.

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use serde::{Deserialize, Serialize};

use crate::http::App;
use crate::http::admin::AdminError;
use crate::moderation::{ForgetError, Forgetting, Forgotten, Labelled, Listed, Person};

pub(crate) fn router() -> Router<App> {
    Router::new().route("/forget", post(forget))
}

/// Who shall be forgotten, and what goes with it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ForgetAsked {
    /// Who.
    pub person: Person,
    /// What becomes of labels about their comments.
    pub labels: Labelled,
    /// What becomes of list entries that name them.
    pub lists: Listed,
    /// Whether it shall be done.
    pub forgetting: Forgetting,
}

impl From<ForgetError> for AdminError {
    fn from(error: ForgetError) -> Self {
        let status = match error {
            ForgetError::Nobody | ForgetError::Bad(_) => StatusCode::UNPROCESSABLE_ENTITY,
            ForgetError::Store(_) | ForgetError::Undo(_) => StatusCode::INSUFFICIENT_STORAGE,
        };
        Self(status, error.to_string())
    }
}

async fn forget(
    State(app): State<App>,
    Json(asked): Json<ForgetAsked>,
) -> Result<Json<Forgotten>, AdminError> {
    let ForgetAsked {
        person,
        labels,
        lists,
        forgetting,
    } = asked;
    let forgotten = app
        .moderation
        .privacy
        .erase(person, labels, lists, forgetting);
    Ok(Json(forgotten.await?))
}
