//! Texts in, answers of the protocol out: plain bodies, and headers with ASCII alone. It decides
//! nothing.

use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};

use crate::text::vietnamese::base_letter;

const DEBUG_HELP: &str = "x-akismet-debug-help";
pub(super) const GUID: &str = "x-akismet-guid";

/// A text with `X-akismet-debug-help`; only errors may carry it, for several clients throw when
/// they see it.
pub(super) fn with_help(body: String, help: &str) -> Response {
    let mut response = plain(body);
    response.headers_mut().insert(DEBUG_HELP, header_text(help));
    response
}

/// A plain text, as every answer of the protocol that is no JSON.
pub(super) fn plain(body: impl Into<Body>) -> Response {
    let kind = HeaderValue::from_static("text/plain; charset=utf-8");
    ([(header::CONTENT_TYPE, kind)], body.into()).into_response()
}

/// A header may hold visible ASCII only: marks come off (and with them the case), the rest becomes
/// `?`, line breaks a space.
pub(super) fn header_text(text: &str) -> HeaderValue {
    let ascii: String = text
        .chars()
        .map(|c| if c.is_ascii() { c } else { base_letter(c) })
        .map(|c| {
            if c.is_ascii_graphic() || c == ' ' {
                c
            } else if c.is_whitespace() {
                ' '
            } else {
                '?'
            }
        })
        .take(1_000)
        .collect();
    HeaderValue::try_from(ascii).unwrap_or_else(|_| HeaderValue::from_static(""))
}
