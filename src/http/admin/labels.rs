//! The operator's routes about labels: shown, undone, vouched for; and which site belongs to which
//! key. JSON in and out. One label given by the operator.

use axum::extract::State;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::{Deserialize, Serialize};

use crate::blocking::run_blocking;
use crate::comment::{Comment, SiteId};
use crate::http::app::App;
use crate::http::error::{AdminError, HttpError};
use crate::moderation::{
    LabelLine, Report, Search, Selection, SiteSummary, UndoError, Undone, Vouch,
};
use crate::verdict::{Category, Label};

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/labels", post(labels))
        .route("/label", post(label))
        .route("/undo", post(undo))
        .route("/sites/standing", get(standings).post(standing))
        .route("/sites/give", post(give))
        .route("/keys/vouch", post(vouch))
}

/// Which labels are meant: both the choice and what is looked for must hold.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct LabelsAsked {
    /// By who gave them, where and when.
    #[serde(flatten)]
    pub chosen: Selection,
    /// By what their comments say.
    #[serde(flatten)]
    pub search: Search,
}

/// Which labels shall be undone.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct UndoAsked {
    /// Which.
    #[serde(flatten)]
    pub labels: LabelsAsked,
    /// Whether it shall only be told what would change.
    pub dry_run: bool,
}

/// Whether the operator answers for the keys of a name.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Vouching {
    /// Name of the keys.
    pub key_name: String,
    /// Whether he does.
    pub vouched: bool,
}

/// A site for the keys of a name.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Gift {
    /// The site.
    pub site: SiteId,
    /// Name of its keys from now on.
    pub key_name: String,
}

/// Reads the whole ledger.
async fn labels(
    State(app): State<App>,
    Json(asked): Json<LabelsAsked>,
) -> Result<Json<Vec<LabelLine>>, AdminError> {
    let labels = &app.moderation.labels;
    let chosen = match labels.find(asked.chosen, asked.search).await {
        Err(UndoError::Nothing) => return Ok(Json(Vec::new())),
        chosen => chosen?,
    };
    let lines = run_blocking("read the labels", move || {
        Ok::<_, HttpError>(app.moderation.labels.list(&chosen)?)
    });
    Ok(Json(lines.await?))
}

/// A label that the operator gives to a check.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct OperatorLabel {
    /// Id of the check, or how it begins.
    pub guid: String,
    /// The label.
    pub label: Label,
    /// What the spam is about.
    #[serde(default)]
    pub kind: Option<Category>,
    /// Who gives it.
    pub reporter: String,
    /// Whether it answers an audit.
    #[serde(default)]
    pub audit: bool,
}

/// What the operator's label did.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct LabelGiven {
    /// Id of the check.
    pub guid: String,
    /// Its site.
    pub site: SiteId,
    /// What it did, in words.
    pub effect: String,
}

async fn label(
    State(app): State<App>,
    Json(given): Json<OperatorLabel>,
) -> Result<Json<LabelGiven>, AdminError> {
    let check = app.moderation.labels.check_of(&given.guid).await?;
    let report = Report {
        guid: Some(check.guid.clone()),
        site: check.site.clone(),
        comment: Comment::default(),
        label: given.label,
        reporter: Some(given.reporter),
        kind: given.kind,
        answers_audit: given.audit,
    };
    let (guid, site) = (check.guid.clone(), check.site.clone());
    let effect = app.moderation.label_as_operator(&check, report).await?;
    app.metrics.labelled(given.label, effect);
    let effect = effect.in_words().to_owned();
    Ok(Json(LabelGiven { guid, site, effect }))
}

async fn undo(
    State(app): State<App>,
    Json(asked): Json<UndoAsked>,
) -> Result<Json<Undone>, AdminError> {
    let LabelsAsked { chosen, search } = asked.labels;
    let labels = &app.moderation.labels;
    let chosen = labels.find(chosen, search).await?;
    let undone = match asked.dry_run {
        true => labels.would_undo(chosen).await,
        false => labels.undo(chosen).await,
    };
    Ok(Json(undone?))
}

/// Of all sites that were labelled.
async fn standings(State(app): State<App>) -> Result<Json<Vec<SiteSummary>>, AdminError> {
    Ok(Json(app.moderation.monitor.site_summaries(None).await?))
}

/// Of one site, in a list of one.
async fn standing(
    State(app): State<App>,
    Json(site): Json<SiteId>,
) -> Result<Json<Vec<SiteSummary>>, AdminError> {
    let sites = Some([site].into());
    Ok(Json(app.moderation.monitor.site_summaries(sites).await?))
}

async fn give(State(app): State<App>, Json(gift): Json<Gift>) -> Result<Json<Gift>, AdminError> {
    app.moderation
        .accounts
        .give(&gift.site, &gift.key_name)
        .await?;
    Ok(Json(gift))
}

async fn vouch(
    State(app): State<App>,
    Json(vouching): Json<Vouching>,
) -> Result<Json<Vouching>, AdminError> {
    let vouch = if vouching.vouched {
        Vouch::For
    } else {
        Vouch::NoLonger
    };
    app.moderation
        .labels
        .vouch(&vouching.key_name, vouch)
        .await?;
    Ok(Json(vouching))
}
