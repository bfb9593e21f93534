//! A request's body and query in, named fields out. Takes whatever clients send: any content type, any charset they name, repeated names, any length.

use axum::body::{Body, Bytes};
use http_body_util::BodyExt;
use percent_encoding::percent_decode;

/// Reads a body. Of one longer than `max_bytes` the beginning and the end are kept: WordPress puts the key last.
pub(super) async fn read(body: Body, max_bytes: usize) -> Bytes {
    let mut kept: Vec<u8> = Vec::new();
    let mut tail: Vec<u8> = Vec::new();
    let mut left_out = false;
    let mut body = body;
    while let Some(Ok(frame)) = body.frame().await {
        let Some(data) = frame.data_ref() else {
            continue;
        };
        let room = max_bytes.saturating_sub(kept.len()).min(data.len());
        kept.extend_from_slice(&data[..room]);
        tail.extend_from_slice(&data[room..]);
        if tail.len() > 2 * TAIL_BYTES {
            tail.drain(..tail.len() - TAIL_BYTES);
            left_out = true;
        }
    }
    // Where nothing is left out the tail goes on in the middle of whatever the limit cut, be it the key. Else whole fields only: what follows the
    // first `&`.
    let from = if left_out {
        tail.iter().position(|&b| b == b'&')
    } else {
        Some(0)
    };
    kept.extend_from_slice(&tail[from.unwrap_or(tail.len())..]);
    kept.into()
}

/// Bytes kept of the end of an oversized body.
const TAIL_BYTES: usize = 64 << 10;

/// Named values in the order sent.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Fields(Vec<(String, String)>);

impl Fields {
    /// Decodes `application/x-www-form-urlencoded`, in UTF-8 unless `blog_charset` or `charset` among the fields names another.
    pub(super) fn decode(bytes: &[u8]) -> Self {
        let raw: Vec<(String, Vec<u8>)> = bytes
            .split(|&b| b == b'&')
            .filter(|pair| !pair.is_empty())
            .map(|pair| {
                let (name, value) =
                    pair.split_at(pair.iter().position(|&b| b == b'=').unwrap_or(pair.len()));
                (
                    String::from_utf8_lossy(&unescape(name)).into_owned(),
                    unescape(value.get(1..).unwrap_or_default()),
                )
            })
            .collect();
        let charset = raw
            .iter()
            .rev()
            .find(|(name, _)| name == "blog_charset")
            .and_then(|(_, label)| encoding_rs::Encoding::for_label(label))
            .unwrap_or(encoding_rs::UTF_8);
        Self(
            raw.into_iter()
                .map(|(name, value)| (name, decode_text(&value, charset)))
                .collect(),
        )
    }

    /// The last value of a name: of a repeated name the last wins.
    pub(super) fn last(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .rev()
            .find(|(n, _)| n == name)
            .map(|(_, value)| value.as_str())
    }

    /// The last value of a name that is not blank.
    pub(super) fn filled(&self, name: &str) -> Option<&str> {
        self.last(name)
            .map(str::trim)
            .filter(|value| !value.is_empty())
    }

    /// All values of a list, spelt `name[]=`, `name[0]=` or `name=a, b`.
    pub(super) fn list(&self, name: &str) -> Vec<String> {
        let indexed = |n: &str| {
            n.strip_prefix(name)
                .is_some_and(|rest| rest.starts_with('[') && rest.ends_with(']'))
        };
        let many = self
            .0
            .iter()
            .filter(|(n, _)| indexed(n))
            .map(|(_, v)| v.trim().to_owned());
        let one = self
            .last(name)
            .into_iter()
            .flat_map(|v| v.split(','))
            .map(|v| v.trim().to_owned());
        many.chain(one).filter(|v| !v.is_empty()).collect()
    }
}

fn unescape(bytes: &[u8]) -> Vec<u8> {
    let spaced: Vec<u8> = bytes
        .iter()
        .map(|&b| if b == b'+' { b' ' } else { b })
        .collect();
    percent_decode(&spaced).collect()
}

/// A client that names a charset but sends UTF-8 all the same (most do) is taken at its bytes.
fn decode_text(bytes: &[u8], charset: &'static encoding_rs::Encoding) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => charset.decode_without_bom_handling(bytes).0.into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_of_a_repeated_name_wins() {
        let fields = Fields::decode(b"api_key=a&x=1+%2B&api_key=b&&=&y");
        assert_eq!(
            (
                fields.last("api_key"),
                fields.last("x"),
                fields.last("y"),
                fields.last("z")
            ),
            (Some("b"), Some("1 +"), Some(""), None)
        );
    }

    #[test]
    fn lists_come_in_three_spellings() {
        for body in [
            "t[]=a&t[]=b",
            "t[0]=a&t[1]=b",
            "t=a, b",
            "t%5B%5D=a&t%5B%5D=b",
        ] {
            assert_eq!(
                Fields::decode(body.as_bytes()).list("t"),
                ["a", "b"],
                "{body}"
            );
        }
    }

    #[test]
    fn a_named_charset_is_believed_where_utf_8_fails() {
        assert_eq!(
            Fields::decode(b"blog_charset=windows-1258&t=%D0%E0").last("t"),
            Some("Đà")
        );
        assert_eq!(
            Fields::decode("blog_charset=windows-1252&t=%C4%91".as_bytes()).last("t"),
            Some("đ")
        );
        assert_eq!(Fields::decode(b"t=%ff").last("t"), Some("\u{fffd}"));
        assert_eq!(
            Fields::decode(b"blog_charset=absurd&t=a").last("t"),
            Some("a")
        );
    }

    #[tokio::test]
    async fn of_an_oversized_body_head_and_tail_are_kept() {
        let mut body = b"blog=x&comment_content=".to_vec();
        body.extend(std::iter::repeat_n(b'a', 300_000));
        body.extend_from_slice(b"&more=1&api_key=k");
        let fields = Fields::decode(&read(Body::from(body), 1_000).await);
        assert_eq!(
            (fields.last("blog"), fields.last("api_key")),
            (Some("x"), Some("k"))
        );
        assert!(
            fields
                .last("comment_content")
                .is_some_and(|t| t.len() < 1_000)
        );
    }

    #[tokio::test]
    async fn a_limit_that_falls_into_the_last_field_does_not_cut_it() {
        let body = b"comment_content=aaaaaaaaaaaaaaaaaaaa&api_key=0123456789ab".to_vec();
        for max_bytes in 30..=body.len() {
            let fields = Fields::decode(&read(Body::from(body.clone()), max_bytes).await);
            assert_eq!(fields.last("api_key"), Some("0123456789ab"), "{max_bytes}");
        }
    }
}
