//! Where a key may be in a request: form `api_key`, form `key`, query `api_key`, first label of the
//! host, or our own headers, in that order. A request in, a key out; does not know which keys are
//! good.

use axum::http::{HeaderMap, Uri, header};

use crate::http::form::RawForm;

/// The key of an Akismet call, if one came. Nothing else of the form is read: nothing is built for a
/// call whose key is not known.
pub(super) fn of_akismet(form: &RawForm<'_>, uri: &Uri, headers: &HeaderMap) -> Option<String> {
    form.key(["api_key", "key"])
        .or_else(|| of_host(uri, headers))
}

/// `<key>.rest.akismet.com`: a first label before at least one more; port and case do not matter,
/// an address is no name.
fn of_host(uri: &Uri, headers: &HeaderMap) -> Option<String> {
    let host = headers
        .get(header::HOST)
        .and_then(|h| h.to_str().ok())
        .or_else(|| uri.host())?;
    let name = host.rsplit_once(':').map_or(host, |(name, port)| {
        if port.bytes().all(|b| b.is_ascii_digit()) {
            name
        } else {
            host
        }
    });
    let (label, rest) = name.split_once('.')?;
    let is_address = name.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    (!label.is_empty() && !rest.is_empty() && !is_address).then(|| label.to_ascii_lowercase())
}

/// The key of a call to our own API: `Authorization: Bearer ...` or `X-Api-Key`.
pub(super) fn of_api(headers: &HeaderMap) -> Option<&str> {
    let text = |name: &str| headers.get(name).and_then(|v| v.to_str().ok());
    let bearer = |value: &'_ str| -> Option<usize> {
        let (scheme, _) = value.split_once(' ')?;
        scheme
            .eq_ignore_ascii_case("bearer")
            .then_some(scheme.len())
    };
    text("authorization")
        .and_then(|value| Some(value[bearer(value)?..].trim()))
        .or_else(|| text("x-api-key"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(body: &str, uri: &str, host: &str, expected: Option<&str>) {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, host.parse().expect("a header"));
        let uri: Uri = uri.parse().expect("a URI");
        let form = RawForm::of(&uri, &headers, body.as_bytes());
        assert_eq!(
            of_akismet(&form, &uri, &headers).as_deref(),
            expected,
            "{body} {uri} {host}"
        );
    }

    #[test]
    fn a_key_arrives_in_five_ways() {
        check("key=b&api_key=a", "/x?api_key=c", "d.rest.test", Some("a"));
        check("key=b", "/x?api_key=c", "d.rest.test", Some("b"));
        check("", "/x?api_key=c", "d.rest.test", Some("c"));
        check("", "/x", "ABC123.rest.akismet.com:8080", Some("abc123"));
        check("", "/x", "localhost:8080", None);
        check("", "/x", "127.0.0.1:8080", None);
        check("", "/x", "[::1]:8080", None);
    }
}
