//! The operator's route that removes a person's comments, names and addresses. JSON in and out.
//! Says what it would remove first, where it is only asked.

use axum::extract::State;
use axum::routing::post;
use axum::{Json, Router};
use serde::{Deserialize, Serialize};

use crate::http::app::App;
use crate::http::error::AdminError;
use crate::moderation::{Forgetting, Forgotten, Labelled, Listed, Person};

pub(super) fn router() -> Router<App> {
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
