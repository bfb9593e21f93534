//! The bytes of a form or a query in, named fields out. Takes whatever clients send: any charset
//! they name, repeated names, any number. Never refuses a form.

use percent_encoding::percent_decode;

/// Named values in the order sent.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Fields(Vec<(String, String)>);

impl Fields {
    /// Decodes `application/x-www-form-urlencoded`, in UTF-8 unless `blog_charset` among the fields
    /// names another charset. Of more fields than any client sends, the first and the last are
    /// read: WordPress puts the fields of the comment first and its own additions last; between
    /// them is what the visitor sent, which may be thousands of names. Such a form is not refused,
    /// because WordPress publishes a comment whose check fails.
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

/// Fields read from the beginning of a form and from its end. WordPress sends some sixty, and PHP
/// takes no more than 1,000 from a visitor.
const FIRST_FIELDS: usize = 768;
const LAST_FIELDS: usize = 256;

/// A form of no more bytes is walked through field by field.
const SHORT_FORM_BYTES: usize = 64 << 10;
/// Bytes of a key that are looked at; no key is that long.
const LONGEST_KEY: usize = 1_024;

/// The last value of a name in a form, without reading the rest of it; `None` if it is blank.
pub(super) fn filled_in_form(form: &[u8], wanted: &str) -> Option<String> {
    let value = match form.len() {
        ..=SHORT_FORM_BYTES => value_of(form, wanted),
        _ => value_in_large(form, wanted),
    }?;
    let value = unescape(&value[..value.len().min(LONGEST_KEY)]);
    let value = String::from_utf8_lossy(&value).trim().to_owned();
    (!value.is_empty()).then_some(value)
}

fn value_of<'a>(form: &'a [u8], wanted: &str) -> Option<&'a [u8]> {
    // An escaped byte, `%61`, takes three: a longer name cannot be the one wanted.
    let is_wanted = |name: &[u8]| {
        name == wanted.as_bytes()
            || (name.len() <= 3 * wanted.len()
                && name.contains(&b'%')
                && unescape(name) == wanted.as_bytes())
    };
    let (_, value) = pairs(form).rfind(|(name, _)| is_wanted(name))?;
    Some(value)
}

/// The same where walking through all fields would take long: names of large forms are looked for
/// as they are spelt.
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
    // Before the escapes: `%2B` is a plus, and must stay one.
    let spaced: Vec<u8> = bytes
        .iter()
        .map(|&b| if b == b'+' { b' ' } else { b })
        .collect();
    percent_decode(&spaced).collect()
}

/// Many clients name a charset and send UTF-8 all the same, so valid UTF-8 is read as UTF-8.
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
        let padding = format!("text={}", "key&".repeat(SHORT_FORM_BYTES));
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
