//! HTML and bbcode off, link targets kept: text with markup in, plain text and `href`s out. No validation, no escaping of what is kept.

use std::borrow::Cow;

use super::normalize::Undone;

/// A text without its markup.
#[derive(Debug, Default, PartialEq)]
pub struct Plain<'a> {
    /// The text a browser would show.
    pub text: Cow<'a, str>,
    /// Targets of links and images, as written.
    pub targets: Vec<String>,
}

/// Entities may be escaped twice by a form and once more by a proxy; deeper nesting is left as it is.
const ENTITY_ROUNDS: usize = 3;

/// Longest tag looked for, in bytes, so that many lone `<` cannot make the scan quadratic.
const LONGEST_TAG: usize = 2_000;

/// Tags that end a word on screen; others (`<b>`, `<span>`) may stand inside one and vanish without a gap.
const BLOCK_TAGS: [&str; 17] = [
    "p",
    "br",
    "div",
    "li",
    "ul",
    "ol",
    "td",
    "tr",
    "table",
    "h1",
    "h2",
    "h3",
    "h4",
    "blockquote",
    "pre",
    "hr",
    "img",
];

/// Decodes entities, removes tags and bbcode.
pub fn strip<'a>(text: &'a str, undone: &mut Undone) -> Plain<'a> {
    if !holds_any(text, *b"&<[") {
        return Plain {
            text: Cow::Borrowed(text),
            targets: Vec::new(),
        };
    }
    let mut decoded = None::<String>;
    for _ in 0..ENTITY_ROUNDS {
        let source = decoded.as_deref().unwrap_or(text);
        if !source.contains('&') {
            break;
        }
        match htmlize::unescape(source) {
            std::borrow::Cow::Borrowed(_) => break,
            std::borrow::Cow::Owned(next) if next == source => break,
            std::borrow::Cow::Owned(next) => {
                undone.entities += source
                    .matches('&')
                    .count()
                    .saturating_sub(next.matches('&').count())
                    as u32;
                decoded = Some(next);
            }
        }
    }
    let source = decoded.as_deref().unwrap_or(text);
    if !source.contains(['<', '[']) {
        return Plain {
            text: Cow::Owned(source.to_owned()),
            targets: Vec::new(),
        };
    }
    let mut shown = String::with_capacity(source.len());
    let mut targets = Vec::new();
    let mut rest = source;
    while let Some(at) = rest.find(['<', '[']) {
        shown.push_str(&rest[..at]);
        rest = &rest[at..];
        let Some(tag) = Tag::at_start(rest) else {
            shown.push_str(&rest[..1]);
            rest = &rest[1..];
            continue;
        };
        if tag.bbcode {
            undone.bbcode += 1;
        } else {
            undone.tags += 1;
        }
        targets.extend(tag.target().map(str::to_owned));
        if tag.breaks() {
            shown.push('\n');
        }
        rest = &rest[tag.len..];
    }
    shown.push_str(rest);
    Plain {
        text: Cow::Owned(shown),
        targets,
    }
}

/// Whether any of the bytes is there; looks at whole blocks, which the compiler turns into a few wide comparisons.
fn holds_any(text: &str, wanted: [u8; 3]) -> bool {
    text.as_bytes().chunks(64).any(|block| {
        block
            .iter()
            .fold(false, |found, byte| found | wanted.contains(byte))
    })
}

struct Tag<'a> {
    name: &'a str,
    body: &'a str,
    bbcode: bool,
    len: usize,
}

impl<'a> Tag<'a> {
    /// The tag that starts at the first byte, if there is one; `a < b` and `[1]` are not tags.
    fn at_start(text: &'a str) -> Option<Self> {
        let bbcode = text.starts_with('[');
        let window = &text[..text.floor_char_boundary(LONGEST_TAG)];
        if let Some(comment) = window.strip_prefix("<!--") {
            let len = comment.find("-->").map(|end| end + 7)?;
            return Some(Self {
                name: "!--",
                body: "",
                bbcode,
                len,
            });
        }
        let end = window.find(if bbcode { ']' } else { '>' })?;
        let body = window[1..end].trim_end();
        let inner = body.strip_prefix('/').unwrap_or(body);
        let name_len = inner.bytes().take_while(u8::is_ascii_alphanumeric).count();
        let name = &inner[..name_len];
        let known = if bbcode {
            [
                "url", "link", "img", "b", "i", "u", "s", "color", "size", "quote", "code",
                "center", "font", "list", "email", "youtube",
            ]
            .iter()
            .any(|tag| tag.eq_ignore_ascii_case(name))
                && inner[name_len..]
                    .chars()
                    .next()
                    .is_none_or(|c| c == '=' || c == ' ')
        } else {
            name.starts_with(|c: char| c.is_ascii_alphabetic())
                && inner[name_len..]
                    .chars()
                    .next()
                    .is_none_or(|c| c.is_whitespace() || c == '/')
        };
        known.then_some(Self {
            name,
            body,
            bbcode,
            len: end + 1,
        })
    }

    fn breaks(&self) -> bool {
        BLOCK_TAGS
            .iter()
            .any(|tag| tag.eq_ignore_ascii_case(self.name))
    }

    /// Where the tag points: `href`, `src` or the value of `[url=...]`.
    fn target(&self) -> Option<&'a str> {
        if self.body.starts_with('/') {
            return None;
        }
        if self.bbcode {
            let (name, value) = self.body.split_once(['=', ' '])?;
            let takes_target = ["url", "link", "img"]
                .iter()
                .any(|tag| tag.eq_ignore_ascii_case(name));
            let value = value.trim().trim_matches(['"', '\'']);
            return (takes_target && !value.is_empty()).then_some(value);
        }
        let lower = self.body.to_ascii_lowercase();
        let at = lower
            .find("href")
            .map(|at| at + 4)
            .or_else(|| lower.find("src").map(|at| at + 3))?;
        let value = self.body[at..].trim_start().strip_prefix('=')?.trim_start();
        let value = match value.chars().next()? {
            quote @ ('"' | '\'') => value[1..].split(quote).next()?,
            _ => value.split(char::is_whitespace).next()?,
        };
        let value = value.trim();
        (!value.is_empty()).then_some(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str, targets: &[&str]) {
        let plain = strip(text, &mut Undone::default());
        assert_eq!(
            (&*plain.text, plain.targets),
            (expected, targets.iter().map(|t| (*t).to_owned()).collect()),
            "{text:?}"
        );
    }

    #[test]
    fn tags_go_and_their_targets_stay() {
        check(
            "see <a href=\"http://x.test/a\">this</a>!",
            "see this!",
            &["http://x.test/a"],
        );
        check(
            "<a rel=nofollow href=http://x.test>x</a>",
            "x",
            &["http://x.test"],
        );
        check("[url=http://x.test]tin[/url]", "tin", &["http://x.test"]);
        check("[URL]http://x.test[/URL]", "http://x.test", &[]);
        check("a<br>b<p>c</p>", "a\nb\nc\n", &[]);
        check("vi<b></b>agra <!-- x -->now", "viagra now", &[]);
    }

    #[test]
    fn what_is_no_tag_stays() {
        check("if a < b and c > d", "if a < b and c > d", &[]);
        check("Vec<String> x[1] I <3 you", "Vec x[1] I <3 you", &[]);
        check("<", "<", &[]);
        check("[lol] ok", "[lol] ok", &[]);
    }

    #[test]
    fn entities_are_decoded_even_when_escaped_twice() {
        check("a &amp;lt; b &#x41;", "a < b A", &[]);
        check("R&D &unknown;", "R&D &unknown;", &[]);
    }
}
