//! The headers of a request in, the caller out: the key it is admitted with and the sites it may
//! ask about. It reads no body.

use std::collections::BTreeSet;

use axum::extract::Request;

use crate::comment::SiteId;
use crate::http::app::App;
use crate::http::error::{HttpError, Kind};
use crate::http::{guard, key};
use crate::moderation::Admitted;

/// Admits the key of a call, if it does not call too fast.
///
/// # Errors
/// The key is missing or not served, or makes too many requests.
pub(super) fn admitted(app: &App, request: &Request) -> Result<Admitted, HttpError> {
    let key = key::of_api(request.headers());
    let found = app.moderation.accounts.admit(key);
    guard::saw(&app.moderation, key, &found);
    let admitted = found.inspect_err(|_| app.metrics.refused())?;
    if let Some(limit) = &app.rate_limit {
        limit.take(&admitted.key_id)?;
    }
    Ok(admitted)
}

/// A site, if the key may decide for it.
///
/// # Errors
/// The site was not given to the key, or the store fails.
pub(super) async fn own_site(
    app: &App,
    admitted: &Admitted,
    site: SiteId,
) -> Result<SiteId, HttpError> {
    let own = app.moderation.accounts.own_sites(admitted).await?;
    if own.contains(&site) {
        return Ok(site);
    }
    Err(HttpError::new(
        Kind::Forbidden,
        format!(
            "this key does not decide for {site}: only for sites that the operator gave it (phin sites give {site} --to NAME)"
        ),
    ))
}

/// The one site asked for, if it is the key's own; else all that are.
///
/// # Errors
/// The site was not given to the key, or the store fails.
pub(super) async fn own_sites(
    app: &App,
    admitted: &Admitted,
    asked: Option<SiteId>,
) -> Result<BTreeSet<SiteId>, HttpError> {
    match asked {
        Some(site) => Ok([own_site(app, admitted, site).await?].into()),
        None => Ok(app.moderation.accounts.own_sites(admitted).await?),
    }
}

/// The one site asked for, if the key may see what it sent there; else all such sites.
///
/// # Errors
/// The key sent nothing there, or the store fails.
pub(super) async fn used_sites(
    app: &App,
    admitted: &Admitted,
    asked: Option<SiteId>,
) -> Result<BTreeSet<SiteId>, HttpError> {
    let used = app.moderation.accounts.used_sites(admitted).await?;
    match asked {
        None => Ok(used),
        Some(site) if used.contains(&site) => Ok([site].into()),
        Some(site) => Err(HttpError::new(
            Kind::Forbidden,
            format!("this key sent nothing to {site} that it may see"),
        )),
    }
}
