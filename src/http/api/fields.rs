//! Fields of a request in, values that make sense out: JSON bodies, queries, sites, numbers of
//! days. Asks no store.

use axum::extract::{Query, Request};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::comment::SiteId;
use crate::http::error::{HttpError, Kind};

/// Reads a JSON body.
///
/// # Errors
/// It is not the JSON expected.
pub(super) fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, HttpError> {
    serde_json::from_slice(bytes).map_err(|e| {
        HttpError::new(
            Kind::BadRequest,
            format!("the body is not the JSON object expected: {e}"),
        )
    })
}

/// Reads the query of a call.
///
/// # Errors
/// It has other fields, or other values, than expected.
pub(super) fn query<T: DeserializeOwned>(request: &Request) -> Result<T, HttpError> {
    Query::try_from_uri(request.uri())
        .map(|Query(fields)| fields)
        .map_err(|e| {
            HttpError::new(
                Kind::BadRequest,
                format!("the query is not as expected: {}", e.body_text()),
            )
        })
}

/// A site that may be named.
///
/// # Errors
/// It cannot be a site.
pub(super) fn site(named: Option<&str>) -> Result<Option<SiteId>, HttpError> {
    let site = named.map(SiteId::parse).transpose();
    site.map_err(HttpError::invalid)
}

/// Which site is asked for, in a query.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SiteQuery {
    /// A site; all that may be seen if missing.
    #[serde(default)]
    pub(super) site: Option<String>,
}

/// What a call without its site is told.
pub(super) fn site_is_missing() -> HttpError {
    HttpError::invalid("\"site\" is missing: the address of the site's front page")
}

/// Days looked back, unless asked otherwise and at most: ten years.
const DAYS: (u32, u32) = (30, 3_653);

/// Days to look back that may be named.
///
/// # Errors
/// They are none, or more than ten years.
pub(super) fn days(named: Option<u32>) -> Result<u32, HttpError> {
    match named.unwrap_or(DAYS.0) {
        days if (1..=DAYS.1).contains(&days) => Ok(days),
        other => Err(HttpError::invalid(format!(
            "days is a number from 1 to {}, not {other}",
            DAYS.1
        ))),
    }
}
