//! A query or an `application/x-www-form-urlencoded` body in, names and values as bytes out. Knows no
//! charset.

/// A form of no more bytes is walked through field by field.
const SHORT_FORM_BYTES: usize = 64 << 10;

/// The last value of a name in a form, still escaped, without reading the rest of it.
pub(super) fn last<'a>(form: &'a [u8], wanted: &str) -> Option<&'a [u8]> {
    match form.len() {
        ..=SHORT_FORM_BYTES => value_of(form, wanted),
        _ => value_in_large(form, wanted),
    }
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
pub(super) fn pairs(form: &[u8]) -> impl DoubleEndedIterator<Item = (&[u8], &[u8])> + Clone {
    let pairs = form.split(|&b| b == b'&').filter(|pair| !pair.is_empty());
    pairs.map(|pair| {
        let (name, value) =
            pair.split_at(pair.iter().position(|&b| b == b'=').unwrap_or(pair.len()));
        (name, value.get(1..).unwrap_or_default())
    })
}

/// Undoes one layer of escapes.
pub(super) fn unescape(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    unescape_into(bytes, &mut out);
    out
}

/// The same, behind what is there already.
pub(super) fn unescape_into(bytes: &[u8], out: &mut Vec<u8>) {
    let mut rest = bytes;
    while let Some(at) = memchr::memchr2(b'+', b'%', rest) {
        out.extend_from_slice(&rest[..at]);
        let escape = &rest[at..];
        let hex = |at: usize| char::from(*escape.get(at)?).to_digit(16);
        let (byte, length) = match (escape[0], hex(1), hex(2)) {
            (b'+', ..) => (b' ', 1),
            (_, Some(high), Some(low)) => ((high * 16 + low) as u8, 3),
            // It is no escape.
            _ => (b'%', 1),
        };
        out.push(byte);
        rest = &escape[length..];
    }
    out.extend_from_slice(rest);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_undone_once_and_half_ones_stay() {
        for (escaped, expected) in [
            ("a+b%2Bc%2b", "a b+c+"),
            ("%", "%"),
            ("%4", "%4"),
            ("%4g%41%%41", "%4gA%A"),
            ("%2525", "%25"),
            ("", ""),
        ] {
            let spaced = escaped.replace('+', " ");
            let theirs: Vec<u8> = percent_encoding::percent_decode_str(&spaced).collect();
            assert_eq!(theirs, expected.as_bytes(), "{escaped}");
            assert_eq!(unescape(escaped.as_bytes()), theirs, "{escaped}");
        }
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
                let found = last(form.as_bytes(), "api_key").map(unescape);
                let expected = expected.map(|value| value.as_bytes().to_vec());
                assert_eq!(found, expected, "{fields}");
            }
        };
        check("api_key=k", Some("k"));
        check("api_key=a&x=api_key=c&api_key=b+", Some("b "));
        check("api_key=a&api_key", Some(""));
        check("my_api_key=a&api_keys=b", None);
        assert_eq!(last(b"api%5Fkey=k", "api_key"), Some(&b"k"[..]));
    }
}
