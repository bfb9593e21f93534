//! The doors of the figures: `GET /v1/figures` for the sites of a key, `/figures` for the operator and every site. JSON out; changes nothing.

use axum::extract::{Query, Request, State};
use axum::routing::get;
use axum::{Json, Router};
use serde::{Deserialize, Serialize};

use crate::http::App;
use crate::http::admin::AdminError;
use crate::http::api::{self, ApiError};
use crate::moderation::{DriftLine, EstimateLine, FigureLine, FiguresAsked, Happened};

pub(crate) fn router() -> Router<App> {
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
    /// By day, site and language, in that order; places where nothing happened are left out.
    pub figures: Vec<FigureLine>,
    /// What audits say of the same checks, also of mistakes that nobody reported: of all together, then by language.
    pub estimates: Vec<EstimateLine>,
    /// For the operator: how far the checks of all sites lie from those before them, and from those that the live model was trained on.
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

async fn show(State(app): State<App>, request: Request) -> Result<Json<Figures>, ApiError> {
    let admitted = api::admitted(&app, &request)?;
    let wanted: Wanted = api::query(&request)?;
    let days = api::days(wanted.days)?;
    let own = api::own_sites(&app, &admitted, api::site(wanted.site.as_deref())?).await?;
    let sites = Some(own);
    let figures = app
        .moderation
        .monitor
        .figures(FiguresAsked { sites, days })
        .await;
    let figures = figures.map_err(api::not_now)?;
    Ok(Json(Figures::of(days, figures)))
}

async fn admin_show(
    State(app): State<App>,
    Query(wanted): Query<Wanted>,
) -> Result<Json<Figures>, AdminError> {
    let days = api::days(wanted.days)?;
    let sites = api::site(wanted.site.as_deref())?.map(|site| [site].into());
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
