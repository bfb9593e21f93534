//! A `multipart/form-data` body in, names and values as bytes out. PHP's cURL sends one where it is
//! handed an array, and so does `FormData` in JavaScript.
//!
//! Our own reader, because a body may be cut: of an oversized one the middle is missing, and still
//! the key at its end counts. Libraries refuse such a body.

use std::borrow::Cow;

use memchr::memmem;

/// Longest boundary that is looked for; the standard allows 70 bytes.
const LONGEST_BOUNDARY: usize = 200;

/// What stands between two parts, if that is the body's type. It begins with a newline.
pub(super) fn separator(content_type: &str) -> Option<Vec<u8>> {
    let (kind, parameters) = content_type.split_once(';')?;
    if !kind.trim().eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    let boundary = parameter(parameters.as_bytes(), "boundary")?;
    let fits = (1..=LONGEST_BOUNDARY).contains(&boundary.len());
    fits.then(|| [b"\n--", &*boundary].concat())
}

/// Names and values of the fields, in the order sent. A part without a name is no field; nor is a
/// file, as in PHP.
pub(super) fn parts<'a>(
    body: &'a [u8],
    separator: &'a [u8],
) -> impl Iterator<Item = (Cow<'a, [u8]>, &'a [u8])> + Clone {
    let finder = memmem::Finder::new(separator);
    // No line stands before the first one.
    let mut rest = body.strip_prefix(&separator[1..]).or_else(|| {
        let at = finder.find(body)?;
        Some(&body[at + separator.len()..])
    });
    std::iter::from_fn(move || {
        let of = rest.take()?;
        let (part, is_whole) = match finder.find(of) {
            Some(at) => {
                rest = Some(&of[at + separator.len()..]);
                (&of[..at], true)
            }
            None => (of, false),
        };
        Some(field(part, is_whole))
    })
    .flatten()
}

/// The field of a part, if it is one. The end of a whole part belongs to the separator.
fn field(part: &[u8], is_whole: bool) -> Option<(Cow<'_, [u8]>, &[u8])> {
    let (head, value) = [&b"\r\n\r\n"[..], b"\n\n"].iter().find_map(|gap| {
        let at = memmem::find(part, gap)?;
        Some((&part[..at], &part[at + gap.len()..]))
    })?;
    let parameters = head.split(|&b| b == b'\n').find_map(|line| {
        let (name, rest) = line.split_at(line.iter().position(|&b| b == b':')?);
        name.trim_ascii()
            .eq_ignore_ascii_case(b"content-disposition")
            .then_some(rest)
    })?;
    if parameter(parameters, "filename").is_some() {
        return None;
    }
    let value = match is_whole {
        true => value.strip_suffix(b"\r").unwrap_or(value),
        false => value,
    };
    Some((parameter(parameters, "name")?, value))
}

/// The value of a parameter: `name=x`, `name="x"`, `name="a\"b"`.
pub(super) fn parameter<'a>(parameters: &'a [u8], wanted: &str) -> Option<Cow<'a, [u8]>> {
    let value = parameters.split(|&b| b == b';').find_map(|parameter| {
        let parameter = parameter.trim_ascii();
        let (name, value) = parameter.split_at_checked(wanted.len())?;
        let is_wanted = name.eq_ignore_ascii_case(wanted.as_bytes());
        is_wanted.then(|| value.strip_prefix(b"=")).flatten()
    })?;
    let quoted = value
        .strip_prefix(b"\"")
        .and_then(|v| v.strip_suffix(b"\""));
    Some(match quoted {
        Some(value) if value.contains(&b'\\') => {
            let unescaped = value.iter().filter(|&&b| b != b'\\');
            Cow::Owned(unescaped.copied().collect())
        }
        Some(value) => Cow::Borrowed(value),
        None => Cow::Borrowed(value),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str, content_type: &str) -> Vec<(String, String)> {
        let separator = separator(content_type).expect("a boundary");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        parts(body.as_bytes(), &separator)
            .map(|(name, value)| (text(&name), text(value)))
            .collect()
    }

    fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
        let owned = expected
            .iter()
            .map(|&(name, value)| (name.to_owned(), value.to_owned()));
        owned.collect()
    }

    #[test]
    fn fields_are_read_as_curl_and_browsers_send_them() {
        let body = "--B\r\nContent-Disposition: form-data; name=\"blog\"\r\n\r\nhttp://b.example\r\n\
                    --B\r\nContent-Type: text/plain; charset=UTF-8\r\n\
                    content-disposition: form-data; name=text\r\n\r\na\r\n\r\n--b\r\n\r\n\
                    --B\r\nContent-Disposition: form-data; name=\"empty\"\r\n\r\n\r\n--B--\r\n";
        for kind in [
            "multipart/form-data; boundary=B",
            "Multipart/Form-Data; charset=utf-8; Boundary=\"B\"",
        ] {
            let expected = [
                ("blog", "http://b.example"),
                ("text", "a\r\n\r\n--b\r\n"),
                ("empty", ""),
            ];
            assert_eq!(read(body, kind), pairs(&expected));
        }
    }

    #[test]
    fn a_file_is_no_field_and_a_cut_body_keeps_what_came() {
        let body = "before\n--B\nContent-Disposition: form-data; name=\"f\"; filename=\"x\"\n\nfile\n\
                    --B\nContent-Disposition: form-data; name=\"a\\\"b\"\n\n1\n\
                    --B\nno header\n\n2\n\
                    --B\nContent-Disposition: form-data; name=\"c\"\n\ncut";
        assert_eq!(
            read(body, "multipart/form-data; boundary=B"),
            pairs(&[("a\"b", "1"), ("c", "cut")])
        );
    }

    #[test]
    fn other_types_have_no_separator() {
        for kind in [
            "application/x-www-form-urlencoded",
            "multipart/form-data",
            "multipart/form-data; boundary=",
            "multipart/mixed; boundary=B",
            "",
        ] {
            assert_eq!(separator(kind), None, "{kind}");
        }
    }
}
