//! The address of a request in, the same without the slashes that clients add out: one that ends
//! their base address, or one behind the path. Looked at only where no route fits.

use axum::http::Uri;
use axum::http::uri::PathAndQuery;

/// The address with single slashes and none at its end; `None` if it is so already.
pub(super) fn without_more(uri: &Uri) -> Option<Uri> {
    let parts: Vec<&str> = uri
        .path()
        .split('/')
        .filter(|part| !part.is_empty())
        .collect();
    let mut path = format!("/{}", parts.join("/"));
    if path == uri.path() {
        return None;
    }
    if let Some(query) = uri.query() {
        path += "?";
        path += query;
    }
    let mut of = uri.clone().into_parts();
    of.path_and_query = Some(PathAndQuery::try_from(path).ok()?);
    Uri::from_parts(of).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slashes_too_many_are_left_out() {
        for (sent, meant) in [
            ("//1.1/comment-check", Some("/1.1/comment-check")),
            ("/1.1//comment-check", Some("/1.1/comment-check")),
            (
                "/1.1/comment-check//?a=b//c",
                Some("/1.1/comment-check?a=b//c"),
            ),
            ("/v1/check/", Some("/v1/check")),
            ("/v1/check?a=/b/", None),
            ("/", None),
        ] {
            // A request line begins with the path, where a URI would begin with a host.
            let path = PathAndQuery::try_from(sent).expect("a path");
            let uri = Uri::from(path);
            let found = without_more(&uri).map(|uri| uri.to_string());
            assert_eq!(found.as_deref(), meant, "{sent}");
        }
    }
}
