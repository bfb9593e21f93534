//! Figures, as JSON: `GET /v1/figures` for the sites of a key, `/figures` for the operator and
//! every site. Changes nothing.

use axum::extract::{Query, Request, State};
use axum::routing::get;
use axum::{Json, Router};
use serde::{Deserialize, Serialize};

use crate::http::api::caller::{admitted, own_sites};
use crate::http::api::fields;
use crate::http::app::App;
use crate::http::error::{AdminError, HttpError};
use crate::moderation::{DriftLine, EstimateLine, FigureLine, FiguresAsked, Happened};

pub(super) fn router() -> Router<App> {
    Router::new().route("/v1/figures", get(show))
}

pub(crate) fn admin_router() -> Router<App> {
    Router::new().route("/figures", get(admin_show))
}

/// Which figures are asked for.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    /// A site; all that may be seen if missing.
    site: Option<String>,
    /// So many days up to now.
    days: Option<u32>,
}

/// The figures on the wire.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Figures {
    /// Days asked for, today among them.
    pub days: u32,
    /// By day, site and language, in that order; where nothing happened there is no line.
    pub figures: Vec<FigureLine>,
    /// What audits say of the same checks, also of mistakes that nobody reported: of all together,
    /// then by language.
    pub estimates: Vec<EstimateLine>,
    /// For the operator: how far the checks of all sites lie from those before them, and from those
    /// that the live model was trained on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drift: Option<Vec<DriftLine>>,
}

impl Figures {
    fn of(days: u32, happened: Happened) -> Self {
        let Happened { figures, estimates } = happened;
        Self {
            days,
            figures,
            estimates,
            drift: None,
        }
    }
}

async fn show(State(app): State<App>, request: Request) -> Result<Json<Figures>, HttpError> {
    let admitted = admitted(&app, &request)?;
    let wanted: Wanted = fields::query(&request)?;
    let days = fields::days(wanted.days)?;
    let own = own_sites(&app, &admitted, fields::site(wanted.site.as_deref())?).await?;
    let sites = Some(own);
    let figures = app
        .moderation
        .monitor
        .figures(FiguresAsked { sites, days })
        .await?;
    Ok(Json(Figures::of(days, figures)))
}

async fn admin_show(
    State(app): State<App>,
    Query(wanted): Query<Wanted>,
) -> Result<Json<Figures>, AdminError> {
    let days = fields::days(wanted.days)?;
    let sites = fields::site(wanted.site.as_deref())?.map(|site| [site].into());
    let figures = app
        .moderation
        .monitor
        .figures(FiguresAsked { sites, days })
        .await?;
    Ok(Json(Figures {
        drift: Some(app.moderation.monitor.drift().await?),
        ..Figures::of(days, figures)
    }))
}
