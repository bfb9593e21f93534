//! The reason for a refusal in, the protocol's answer out. No other file words a refusal of
//! Akismet's protocol.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use crate::http::akismet::answer::with_help;
use crate::http::error::HttpError;
use crate::http::rate_limit::RETRY_AFTER_SECONDS;
use crate::moderation::{LabelError, Refusal, StoreError};

/// Why a call is answered at once. Every one of them is a 200 to the client but the wrong method,
/// too many requests and half a request.
pub(super) enum Refused {
    /// Body `invalid` and why.
    Invalid(String),
    /// A required field is missing.
    Missing(&'static str),
    /// A field makes no sense.
    Field(&'static str, String),
    /// What was asked cannot be done now.
    Failed(String),
    /// Not a method the call takes.
    Method,
    /// More requests than the key may make, or the body did not arrive.
    Later(HttpError),
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        match self {
            Self::Invalid(why) => with_help("invalid".to_owned(), &why),
            Self::Missing(field) => with_help(
                format!("Missing required field: {field}."),
                &format!("Empty \"{field}\" value"),
            ),
            Self::Field(field, why) => with_help(format!("Invalid field: {field}."), &why),
            Self::Failed(why) => with_help(why.clone(), &why),
            Self::Method => (
                StatusCode::METHOD_NOT_ALLOWED,
                [("allow", "GET, POST")],
                "This call takes GET or POST, with its fields in the query or as a form.",
            )
                .into_response(),
            Self::Later(error) => later(&error),
        }
    }
}

/// The answer that says why the call failed and, if that helps, when to try again.
fn later(error: &HttpError) -> Response {
    let why = error.message();
    let mut response = with_help(why.to_owned(), why);
    *response.status_mut() = error.status();
    // A body that broke off is no reason to wait.
    if error.status() != StatusCode::BAD_REQUEST {
        let headers = response.headers_mut();
        headers.insert("retry-after", RETRY_AFTER_SECONDS.into());
    }
    response
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self::Invalid(refusal.to_string())
    }
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.to_string())
    }
}

/// A 200, as the protocol requires, but without thanks: the client must not believe that the label
/// is known.
impl From<LabelError> for Refused {
    fn from(error: LabelError) -> Self {
        Self::Failed(error.to_string())
    }
}
