//! The query, the headers and the body of a request in; its key fields, or all its fields decoded,
//! out. Decides what shape and charset a body has.

use std::borrow::Cow;

use axum::http::{HeaderMap, Uri, header};

use super::fields::{Extent, Fields};
use super::{multipart, urlencoded};

/// A request's fields, not yet decoded.
#[derive(Debug, Default, Clone)]
pub(crate) struct RawForm<'a> {
    query: &'a [u8],
    body: &'a [u8],
    /// Between the parts of a `multipart/form-data` body; any other is taken for a form.
    separator: Option<Vec<u8>>,
    /// As the header says.
    charset: Option<&'static encoding_rs::Encoding>,
}

/// Fields read from the beginning of a form and from its end. WordPress sends some sixty, and PHP
/// takes no more than 1,000 from a visitor.
const FIRST_FIELDS: usize = 768;
const LAST_FIELDS: usize = 256;

/// Bytes of a key that are looked at; no key is that long.
const LONGEST_KEY: usize = 1_024;

impl<'a> RawForm<'a> {
    /// The fields of a request.
    pub(crate) fn of(uri: &'a Uri, headers: &HeaderMap, body: &'a [u8]) -> Self {
        let kind = content_type(headers);
        let charset = multipart::parameter(kind.as_bytes(), "charset");
        Self {
            query: uri.query().unwrap_or("").as_bytes(),
            body,
            separator: multipart::separator(kind),
            charset: charset.and_then(|label| charset_of(&label)),
        }
    }

    /// The key that came under one of these names: the first name that has one, in the body before
    /// the query. Nothing else of the form is read.
    pub(crate) fn key(&self, names: [&str; 2]) -> Option<String> {
        let of_body = names.iter().find_map(|name| self.filled_in_body(name));
        let of_query = || {
            names.iter().find_map(|name| {
                let value = urlencoded::last(self.query, name)?;
                filled(&urlencoded::unescape(short(value)))
            })
        };
        of_body.or_else(of_query)
    }

    fn filled_in_body(&self, name: &str) -> Option<String> {
        match &self.separator {
            None => {
                let value = urlencoded::last(self.body, name)?;
                filled(&urlencoded::unescape(short(value)))
            }
            Some(separator) => {
                let parts = multipart::parts(self.body, separator);
                let (_, value) = parts.filter(|(n, _)| **n == *name.as_bytes()).last()?;
                filled(short(value))
            }
        }
    }

    /// Decodes all fields, those of the query first, so that the body wins. They are in UTF-8
    /// unless `blog_charset` among them or the `Content-Type` names another charset.
    ///
    /// Of more fields than any client sends, the first and the last are read: WordPress puts the
    /// fields of the comment first and its own additions last; between them is what the visitor
    /// sent, which may be thousands of names. Such a form is not refused, because WordPress
    /// publishes a comment whose check fails.
    pub(crate) fn decode(&self) -> Fields {
        let mut raw = Unescaped::default();
        for (name, value) in ends(urlencoded::pairs(self.query)) {
            raw.push(name, value, urlencoded::unescape_into);
        }
        match &self.separator {
            None => {
                raw.bytes.reserve(self.body.len());
                for (name, value) in ends(urlencoded::pairs(self.body)) {
                    raw.push(name, value, urlencoded::unescape_into);
                }
            }
            Some(separator) => {
                for (name, value) in ends(multipart::parts(self.body, separator)) {
                    raw.push(&name, value, |bytes, out| out.extend_from_slice(bytes));
                }
            }
        }
        let charset = raw
            .last(b"blog_charset")
            .and_then(charset_of)
            .or(self.charset)
            .unwrap_or(encoding_rs::UTF_8);
        let escaped_twice = raw.last(b"blog").is_some_and(is_escaped_address);
        match escaped_twice {
            true => raw.decode(charset, escaped_twice),
            false => raw.plain().unwrap_or_else(|raw| raw.decode(charset, false)),
        }
    }
}

/// Fields without their escapes, one behind the other, in whatever charset they are.
#[derive(Default)]
struct Unescaped {
    bytes: Vec<u8>,
    fields: Vec<Extent>,
}

impl Unescaped {
    fn push(&mut self, name: &[u8], value: &[u8], unescape: impl Fn(&[u8], &mut Vec<u8>)) {
        let start = self.bytes.len();
        unescape(name, &mut self.bytes);
        let middle = self.bytes.len();
        unescape(value, &mut self.bytes);
        let end = self.bytes.len();
        self.fields.push(Extent { start, middle, end });
    }

    fn name(&self, at: &Extent) -> &[u8] {
        &self.bytes[at.start..at.middle]
    }

    fn value(&self, at: &Extent) -> &[u8] {
        &self.bytes[at.middle..at.end]
    }

    fn last(&self, name: &[u8]) -> Option<&[u8]> {
        let mut fields = self.fields.iter().rev();
        let found = fields.find(|at| self.name(at) == name)?;
        Some(self.value(found))
    }

    /// The fields as they are, where all names and values are UTF-8 without a NUL, as nearly
    /// always: then it does not matter which charset is named.
    fn plain(self) -> Result<Fields, Self> {
        let Self { bytes, fields } = self;
        let text = match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(not) => {
                let bytes = not.into_bytes();
                return Err(Self { bytes, fields });
            }
        };
        // Two fields may be UTF-8 together and not each by itself.
        let is_whole = |at: &Extent| {
            [at.start, at.middle, at.end]
                .into_iter()
                .all(|end| text.is_char_boundary(end))
        };
        match memchr::memchr(0, text.as_bytes()).is_none() && fields.iter().all(is_whole) {
            true => Ok(Fields::of(text, fields)),
            false => Err(Self {
                bytes: text.into_bytes(),
                fields,
            }),
        }
    }

    fn decode(&self, charset: &'static encoding_rs::Encoding, escaped_twice: bool) -> Fields {
        let mut fields = Fields::default();
        for at in &self.fields {
            let value = match escaped_twice {
                true => Cow::Owned(urlencoded::unescape(self.value(at))),
                false => Cow::Borrowed(self.value(at)),
            };
            let name = String::from_utf8_lossy(self.name(at));
            fields.push(&name, &decode_text(&value, charset));
        }
        fields
    }
}

/// What stands between two fields of a body.
pub(crate) fn separator(headers: &HeaderMap) -> Vec<u8> {
    multipart::separator(content_type(headers)).unwrap_or_else(|| b"&".to_vec())
}

/// The first and the last of many. The middle is walked over and not decoded.
fn ends<T>(pairs: impl Iterator<Item = T> + Clone) -> impl Iterator<Item = T> {
    let count = pairs.clone().count();
    let left_out = FIRST_FIELDS..count.saturating_sub(LAST_FIELDS).max(FIRST_FIELDS);
    let numbered = pairs.enumerate();
    numbered
        .filter(move |(at, _)| !left_out.contains(at))
        .map(|(_, pair)| pair)
}

fn content_type(headers: &HeaderMap) -> &str {
    let kind = headers.get(header::CONTENT_TYPE);
    kind.and_then(|kind| kind.to_str().ok()).unwrap_or("")
}

fn short(value: &[u8]) -> &[u8] {
    &value[..value.len().min(LONGEST_KEY)]
}

fn filled(value: &[u8]) -> Option<String> {
    let value = String::from_utf8_lossy(value).trim().to_owned();
    (!value.is_empty()).then_some(value)
}

/// `http%3A//...`: the client escaped every value and its HTTP library did so again. No address of a
/// site looks like this.
fn is_escaped_address(blog: &[u8]) -> bool {
    ["http%3a", "https%3a"].iter().any(|begin| {
        blog.get(..begin.len())
            .is_some_and(|of| of.eq_ignore_ascii_case(begin.as_bytes()))
    })
}

/// The charset of a label. Of those that browsers refuse to read there is none.
fn charset_of(label: &[u8]) -> Option<&'static encoding_rs::Encoding> {
    let charset = encoding_rs::Encoding::for_label(label)?;
    (charset != encoding_rs::REPLACEMENT).then_some(charset)
}

/// Many clients name a charset and send UTF-8 all the same, so valid UTF-8 is read as UTF-8. A NUL
/// is seen by nobody and would part words: in UTF-16 it is half a letter.
fn decode_text(bytes: &[u8], charset: &'static encoding_rs::Encoding) -> String {
    let is_wide = [encoding_rs::UTF_16LE, encoding_rs::UTF_16BE].contains(&charset);
    let mut text = match std::str::from_utf8(bytes) {
        Ok(text) if !(is_wide && text.contains('\0')) => text.to_owned(),
        _ => charset.decode_without_bom_handling(bytes).0.into_owned(),
    };
    text.retain(|c| c != '\0');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(body: &[u8]) -> RawForm<'_> {
        RawForm {
            body,
            ..RawForm::default()
        }
    }

    #[track_caller]
    fn check(form: &RawForm<'_>, name: &str, expected: Option<&str>) {
        assert_eq!(form.decode().last(name), expected, "{name}");
    }

    #[test]
    fn the_last_of_a_repeated_name_wins_and_the_body_over_the_query() {
        let mut form = form(b"api_key=a&x=1+%2B&api_key=b&&=&y");
        form.query = b"x=2&z=3";
        for (name, expected) in [
            ("api_key", Some("b")),
            ("x", Some("1 +")),
            ("y", Some("")),
            ("z", Some("3")),
            ("w", None),
        ] {
            check(&form, name, expected);
        }
        assert_eq!(form.key(["no", "z"]).as_deref(), Some("3"));
        assert_eq!(form.key(["x", "api_key"]).as_deref(), Some("1 +"));
    }

    #[test]
    fn a_named_charset_is_believed_where_utf_8_fails() {
        check(
            &form(b"blog_charset=windows-1258&t=%D0%E0"),
            "t",
            Some("Đà"),
        );
        check(&form(b"blog_charset=windows-1252&t=%C4%91"), "t", Some("đ"));
        check(&form(b"t=%ff"), "t", Some("\u{fffd}"));
        check(&form(b"blog_charset=absurd&t=a"), "t", Some("a"));
        check(
            &form(b"blog_charset=iso-2022-kr&t=a%ff"),
            "t",
            Some("a\u{fffd}"),
        );
        check(
            &form(b"blog_charset=utf-16le&t=v%00a%00y%00"),
            "t",
            Some("vay"),
        );
        check(&form(b"t=v%00a%00y"), "t", Some("vay"));
        // Two halves of one letter in two fields are no letter.
        check(&form(b"t=a%C4&%91=b"), "t", Some("a\u{fffd}"));
        let mut headers = HeaderMap::new();
        let kind = "application/x-www-form-urlencoded; charset=\"windows-1251\"";
        headers.insert(header::CONTENT_TYPE, kind.parse().expect("a header"));
        let uri = Uri::from_static("/");
        check(&RawForm::of(&uri, &headers, b"t=%CF"), "t", Some("П"));
        let both = RawForm::of(&uri, &headers, b"t=%CF&blog_charset=iso-8859-1");
        check(&both, "t", Some("Ï"));
    }

    #[test]
    fn what_is_escaped_twice_is_decoded_twice() {
        let twice = form(b"blog=http%253A%252F%252Fb.example&t=xin%2Bch%25C3%25A0o&u=100%2525");
        check(&twice, "blog", Some("http://b.example"));
        check(&twice, "t", Some("xin chào"));
        check(&twice, "u", Some("100%"));
        let once = form(b"blog=http%3A%2F%2Fb.example&t=a%252Bb");
        check(&once, "t", Some("a%2Bb"));
    }

    #[test]
    fn of_too_many_fields_the_first_and_the_last_are_read() {
        let mut body = "first=1".to_owned();
        (0..100_000).for_each(|n| body.push_str(&format!("&n{n}=x")));
        body.push_str("&api_key=k&last=2");
        let form = form(body.as_bytes());
        for (name, expected) in [("first", Some("1")), ("last", Some("2")), ("n50000", None)] {
            check(&form, name, expected);
        }
        assert_eq!(form.key(["api_key", "key"]).as_deref(), Some("k"));
        assert_eq!(form.key(["n50000", "key"]).as_deref(), Some("x"));
    }

    #[test]
    fn a_blank_key_is_none() {
        assert_eq!(form(b"api_key=a&api_key=+").key(["api_key", "key"]), None);
    }
}
