//! A request's body and query in, named fields out. Takes whatever clients send: any content type, any charset they name, repeated names, any length.

use std::ops::Deref;
use std::time::Duration;

use axum::body::Body;
use axum::http::StatusCode;
use http_body_util::BodyExt;
use percent_encoding::percent_decode;

use crate::http::load::{Load, Share};

/// A body that has arrived whole, and its shares of the memory for bodies.
#[derive(Debug, Default)]
pub(super) struct Arrived {
    bytes: Vec<u8>,
    shares: Vec<Share>,
}

impl Deref for Arrived {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes
    }
}

/// Why nothing was taken from a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unread {
    /// The client broke off, or did not keep to HTTP.
    #[error(
        "the body of the request broke off before its end, and nothing was taken from it; please send all of it again"
    )]
    Broken,
    /// Not before its time was up.
    #[error(
        "the body of the request did not arrive within {} seconds, and nothing was taken from it; please send it again",
        TIME_TO_ARRIVE.as_secs()
    )]
    TooSlow,
    /// Others are being read.
    #[error(
        "too many large requests are being read at this moment; please send this one again in a second"
    )]
    NoRoom,
}

impl Unread {
    pub(super) fn status(self) -> StatusCode {
        match self {
            Self::Broken => StatusCode::BAD_REQUEST,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::NoRoom => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

/// How long a body may take: 8 MiB at 2.2 Mbit/s.
const TIME_TO_ARRIVE: Duration = Duration::from_secs(30);
/// Bytes of every body that need no room: nearly all requests are smaller, and large ones must not keep them out.
const FREE_BYTES: usize = 64 << 10;
/// Bytes kept of the end of an oversized body.
const TAIL_BYTES: usize = 64 << 10;
/// Most bytes that are held of the end: twice what is kept, and what was read last.
const MOST_TAIL_BYTES: usize = 4 * TAIL_BYTES;

/// Reads a body to its end. Of one longer than `max_bytes` the beginning and the end are kept: WordPress puts the key last. One that breaks off is refused
/// whole: half a comment may say the opposite of all of it.
pub(super) async fn read(body: Body, max_bytes: usize, load: &Load) -> Result<Arrived, Unread> {
    let read = read_to_end(body, max_bytes, load);
    let arrived = tokio::time::timeout(TIME_TO_ARRIVE, read).await;
    arrived.unwrap_or(Err(Unread::TooSlow))
}

async fn read_to_end(mut body: Body, max_bytes: usize, load: &Load) -> Result<Arrived, Unread> {
    let mut kept = Arrived::default();
    let mut tail: Vec<u8> = Vec::new();
    let mut left_out = false;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| Unread::Broken)?;
        let Some(data) = frame.data_ref() else {
            continue;
        };
        let room = max_bytes.saturating_sub(kept.len()).min(data.len());
        kept.extend(&data[..room], load)?;
        if room < data.len() && tail.is_empty() {
            kept.shares
                .push(load.room(MOST_TAIL_BYTES).ok_or(Unread::NoRoom)?);
        }
        tail.extend_from_slice(&data[room..]);
        if tail.len() > 2 * TAIL_BYTES {
            tail.drain(..tail.len() - TAIL_BYTES);
            left_out = true;
        }
        if kept.len() > FREE_BYTES {
            // Between two pieces of a large body it is the turn of others.
            tokio::task::yield_now().await;
        }
    }
    // Where nothing is left out the tail goes on in the middle of whatever the limit cut, be it the key. Else whole fields only: what follows the
    // first `&`.
    let from = if left_out {
        tail.iter().position(|&b| b == b'&')
    } else {
        Some(0)
    };
    kept.extend(&tail[from.unwrap_or(tail.len())..], load)?;
    Ok(kept)
}

impl Arrived {
    /// Room is taken before the memory.
    fn extend(&mut self, more: &[u8], load: &Load) -> Result<(), Unread> {
        let wanted = self.bytes.len() + more.len();
        if wanted > self.bytes.capacity() {
            let capacity = wanted.max(2 * self.bytes.capacity());
            let held = self.bytes.capacity().max(FREE_BYTES);
            if capacity > held {
                let share = load.room(capacity - held);
                self.shares.push(share.ok_or(Unread::NoRoom)?);
            }
            self.bytes.reserve_exact(capacity - self.bytes.len());
        }
        self.bytes.extend_from_slice(more);
        Ok(())
    }
}

/// Named values in the order sent.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Fields(Vec<(String, String)>);

impl Fields {
    /// Decodes `application/x-www-form-urlencoded`, in UTF-8 unless `blog_charset` or `charset` among the fields names another. Of more fields than any
    /// client sends, the first and the last are read: WordPress puts what it says of a comment first, and what it adds itself last; between them stands what
    /// the visitor sent, be it thousands of names. Refusing those would publish the comment, for that is what WordPress does when a check fails.
    pub(super) fn decode(bytes: &[u8]) -> Self {
        let count = pairs(bytes).count();
        let left_out = FIRST_FIELDS..count.saturating_sub(LAST_FIELDS).max(FIRST_FIELDS);
        let raw: Vec<(String, Vec<u8>)> = pairs(bytes)
            .enumerate()
            .filter(|(at, _)| !left_out.contains(at))
            .map(|(_, (name, value))| {
                let name = String::from_utf8_lossy(&unescape(name)).into_owned();
                (name, unescape(value))
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

/// Fields read from the beginning of a form and from its end. WordPress sends some sixty, and PHP takes no more than 1,000 from a visitor.
const FIRST_FIELDS: usize = 768;
const LAST_FIELDS: usize = 256;

/// Bytes of a key that are looked at; no key is that long.
const LONGEST_KEY: usize = 1_024;

/// The last value of a name in a form, without reading the rest of it; `None` if it is blank.
pub(super) fn filled_in_form(form: &[u8], wanted: &str) -> Option<String> {
    let value = match form.len() {
        ..=FREE_BYTES => value_of(form, wanted),
        _ => value_in_large(form, wanted),
    }?;
    let value = unescape(&value[..value.len().min(LONGEST_KEY)]);
    let value = String::from_utf8_lossy(&value).trim().to_owned();
    (!value.is_empty()).then_some(value)
}

fn value_of<'a>(form: &'a [u8], wanted: &str) -> Option<&'a [u8]> {
    // `%61%70...`: three bytes for one.
    let is_wanted = |name: &[u8]| {
        name == wanted.as_bytes()
            || (name.len() <= 3 * wanted.len()
                && name.contains(&b'%')
                && unescape(name) == wanted.as_bytes())
    };
    let (_, value) = pairs(form).rfind(|(name, _)| is_wanted(name))?;
    Some(value)
}

/// The same where walking through all fields would take long: names of large forms are looked for as they are spelt.
fn value_in_large<'a>(form: &'a [u8], wanted: &str) -> Option<&'a [u8]> {
    let mut before = form.len();
    while let Some(at) = memchr::memmem::rfind(&form[..before], wanted.as_bytes()) {
        let after = &form[at + wanted.len()..];
        let begins = at == 0 || form[at - 1] == b'&';
        if begins && matches!(after.first(), None | Some(b'=' | b'&')) {
            let end = memchr::memchr(b'&', after).unwrap_or(after.len());
            return Some(after[..end].get(1..).unwrap_or_default());
        }
        before = at;
    }
    None
}

/// Names and values of a form, as sent.
fn pairs(form: &[u8]) -> impl DoubleEndedIterator<Item = (&[u8], &[u8])> {
    let pairs = form.split(|&b| b == b'&').filter(|pair| !pair.is_empty());
    pairs.map(|pair| {
        let (name, value) =
            pair.split_at(pair.iter().position(|&b| b == b'=').unwrap_or(pair.len()));
        (name, value.get(1..).unwrap_or_default())
    })
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
        let arrived = read(Body::from(body), 1_000, &Load::new(1_000)).await;
        let fields = Fields::decode(&arrived.expect("it is whole"));
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
            let arrived = read(Body::from(body.clone()), max_bytes, &Load::new(max_bytes)).await;
            let fields = Fields::decode(&arrived.expect("it is whole"));
            assert_eq!(fields.last("api_key"), Some("0123456789ab"), "{max_bytes}");
        }
    }

    #[tokio::test]
    async fn bodies_wait_for_no_memory_and_give_theirs_back() {
        let load = Load::new(8 << 20);
        let large = || Body::from(vec![b'a'; 8 << 20]);
        let mut held = Vec::new();
        let refused = loop {
            match read(large(), 8 << 20, &load).await {
                Ok(arrived) => held.push(arrived),
                Err(why) => break why,
            }
        };
        let bytes: usize = held.iter().map(|arrived| arrived.bytes.capacity()).sum();
        assert_eq!(refused, Unread::NoRoom);
        assert!((16 << 20..=80 << 20).contains(&bytes), "{bytes}");
        let small = Body::from(vec![b'a'; FREE_BYTES]);
        assert!(read(small, 8 << 20, &load).await.is_ok());
        held.clear();
        assert!(read(large(), 8 << 20, &load).await.is_ok());
    }

    #[test]
    fn of_too_many_fields_the_first_and_the_last_are_read() {
        let mut form = "first=1".to_owned();
        (0..100_000).for_each(|n| form.push_str(&format!("&n{n}=x")));
        form.push_str("&api_key=k&last=2");
        let fields = Fields::decode(form.as_bytes());
        assert_eq!(fields.0.len(), FIRST_FIELDS + LAST_FIELDS);
        assert_eq!(
            (fields.last("first"), fields.last("last")),
            (Some("1"), Some("2"))
        );
        assert_eq!(fields.last("n50000"), None);
        assert_eq!(
            filled_in_form(form.as_bytes(), "api_key").as_deref(),
            Some("k")
        );
        assert_eq!(
            filled_in_form(form.as_bytes(), "n50000").as_deref(),
            Some("x")
        );
        assert_eq!(filled_in_form(b"api_key=a&api_key=+", "api_key"), None);
    }

    #[test]
    fn a_key_is_found_the_same_in_forms_of_any_length() {
        let padding = format!("text={}", "key&".repeat(FREE_BYTES));
        let check = |fields: &str, expected: Option<&str>| {
            for form in [
                fields.to_owned(),
                format!("{padding}&{fields}"),
                format!("{fields}&{padding}"),
            ] {
                let found = filled_in_form(form.as_bytes(), "api_key");
                assert_eq!(found.as_deref(), expected, "{fields}");
            }
        };
        check("api_key=k", Some("k"));
        check("api_key=a&x=api_key=c&api_key=b+", Some("b"));
        check("api_key=a&api_key", None);
        check("my_api_key=a&api_keys=b", None);
        assert_eq!(
            filled_in_form(b"api%5Fkey=k", "api_key").as_deref(),
            Some("k")
        );
    }
}
