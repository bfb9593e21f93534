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
    let mut rest = match body.strip_prefix(&separator[1..]) {
        Some(rest) if ends_a_line(rest) => Some(rest),
        _ => next(&finder, body).map(|(_, rest)| rest),
    };
    std::iter::from_fn(move || {
        let of = rest.take()?;
        let (part, is_whole) = match next(&finder, of) {
            Some((part, after)) => {
                rest = Some(after);
                (part, true)
            }
            None => (of, false),
        };
        Some(field(part, is_whole))
    })
    .flatten()
}

/// What stands before the next separator, and what after it.
fn next<'a>(finder: &memmem::Finder<'_>, of: &'a [u8]) -> Option<(&'a [u8], &'a [u8])> {
    let length = finder.needle().len();
    // A line of a comment may begin like the separator.
    let at = finder
        .find_iter(of)
        .find(|at| ends_a_line(&of[at + length..]))?;
    Some((&of[..at], &of[at + length..]))
}

fn ends_a_line(rest: &[u8]) -> bool {
    matches!(rest.first(), None | Some(b'\r' | b'\n' | b' ' | b'\t')) || rest.starts_with(b"--")
}

/// The field of a part, if it is one. The end of a whole part belongs to the separator.
fn field(part: &[u8], is_whole: bool) -> Option<(Cow<'_, [u8]>, &[u8])> {
    // The text may hold empty lines of the other kind: the first one ends the head.
    let gaps = [&b"\r\n\r\n"[..], b"\n\n"];
    let gaps = gaps.map(|gap| Some((memmem::find(part, gap)?, gap.len())));
    let (at, length) = gaps.into_iter().flatten().min()?;
    let (head, value) = (&part[..at], &part[at + length..]);
    let parameters = disposition(head)?;
    if parameter(parameters, "filename").is_some() {
        return None;
    }
    let value = match is_whole {
        true => value.strip_suffix(b"\r").unwrap_or(value),
        false => value,
    };
    Some((parameter(parameters, "name")?, value))
}

/// What `Content-Disposition` says; a header may go on in the next line.
fn disposition(head: &[u8]) -> Option<&[u8]> {
    let is_begin = |line: &[u8]| {
        let name = line.split(|&b| b == b':').next().unwrap_or_default();
        name.trim_ascii()
            .eq_ignore_ascii_case(b"content-disposition")
    };
    let mut at = 0;
    let mut begun = None;
    for line in head.split_inclusive(|&b| b == b'\n') {
        match begun {
            None if is_begin(line) => begun = Some(at),
            Some(begin) if !line.starts_with(b" ") && !line.starts_with(b"\t") => {
                return Some(&head[begin..at]);
            }
            _ => {}
        }
        at += line.len();
    }
    begun.map(|begin| &head[begin..])
}

/// The value of a parameter: `name=x`, `name = "x"`, `name="a\"b;c"`, `name='x'`.
pub(super) fn parameter<'a>(parameters: &'a [u8], wanted: &str) -> Option<Cow<'a, [u8]>> {
    let mut is_quoted = false;
    let mut is_escaped = false;
    // A semicolon between quotes ends no parameter.
    let mut ends = parameters.split(|&b| {
        is_quoted ^= b == b'"' && !is_escaped;
        is_escaped = b == b'\\' && !is_escaped;
        b == b';' && !is_quoted
    });
    let value = ends.find_map(|parameter| {
        let at = parameter.iter().position(|&b| b == b'=')?;
        let (name, value) = (
            parameter[..at].trim_ascii(),
            parameter[at + 1..].trim_ascii(),
        );
        name.eq_ignore_ascii_case(wanted.as_bytes())
            .then_some(value)
    })?;
    let between = |quote: &[u8]| value.strip_prefix(quote)?.strip_suffix(quote);
    Some(match between(b"\"") {
        Some(value) if value.contains(&b'\\') => {
            let unescaped = value.iter().filter(|&&b| b != b'\\');
            Cow::Owned(unescaped.copied().collect())
        }
        Some(value) => Cow::Borrowed(value),
        None => Cow::Borrowed(between(b"'").unwrap_or(value)),
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
    fn the_first_empty_line_ends_the_head_and_the_rest_is_the_value() {
        let body = "--B\nContent-Disposition: form-data; name=a\n\none\r\n\r\ntwo\n\
                    --B\r\nContent-Disposition: form-data; name=b\r\n\r\none\n\ntwo\r\n--B--";
        assert_eq!(
            read(body, "multipart/form-data; boundary=B"),
            pairs(&[("a", "one\r\n\r\ntwo"), ("b", "one\n\ntwo")])
        );
    }

    #[test]
    fn headers_are_read_however_they_are_written() {
        let body = "--a;b\r\nContent-Disposition:\r\n form-data;\r\n\tname = 'x'\r\n\r\n1\n--a;bc\r\n\
                    --a;b\r\nContent-Disposition: form-data; y=\";filename=\"; name=\"z\"\r\n\r\n2\r\n--a;b--";
        assert_eq!(
            read(body, "multipart/form-data; boundary = \"a;b\""),
            pairs(&[("x", "1\n--a;bc"), ("z", "2")])
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
