//! A comment as it was rendered or escaped for storage in, the text as it was typed out, as far as
//! that can be known: paragraphs and breaks become lines, entities become letters, and a link whose
//! words are its address becomes the address. Other markup is never changed, because it says
//! something about its author.
//!
//! Otherwise the format would give the label away: one system stores ham with `<p>`, another stores
//! spam without.

use std::borrow::Cow;

/// Longest tag, in bytes. Without a limit, many lone `<` would make the scan quadratic.
const LONGEST_TAG: usize = 2_000;

/// Undoes rendering.
pub(super) fn as_typed(html: &str) -> String {
    let html = match escaped_twice(html) {
        true => Cow::Owned(htmlize::unescape(html).into_owned()),
        false => Cow::Borrowed(html),
    };
    if !html.contains(['<', '&']) {
        return html.trim().to_owned();
    }
    let mut typed = String::with_capacity(html.len());
    let mut rest = &*html;
    while let Some(at) = rest.find('<') {
        typed.push_str(&htmlize::unescape(&rest[..at]));
        rest = &rest[at..];
        let Some(tag) = Tag::at_start(rest) else {
            typed.push('<');
            rest = &rest[1..];
            continue;
        };
        rest = &rest[tag.length..];
        match tag.name.to_ascii_lowercase().as_str() {
            "br" => {
                typed.push('\n');
                rest = rest.strip_prefix("\r\n").unwrap_or(rest);
                rest = rest.strip_prefix('\n').unwrap_or(rest);
            }
            "p" | "/p" => {
                let kept = typed.trim_end_matches('\n').len();
                typed.truncate(kept);
                if !typed.is_empty() {
                    typed.push_str("\n\n");
                }
                rest = rest.trim_start_matches(['\n', '\r']);
            }
            "a" => rest = link(tag.text, rest, &mut typed),
            _ => typed.push_str(tag.text),
        }
    }
    typed.push_str(&htmlize::unescape(rest));
    typed.trim().to_owned()
}

/// Whether tags are there, but only as `&lt;p&gt;`.
fn escaped_twice(html: &str) -> bool {
    let lower = html.to_ascii_lowercase();
    let any = |tags: [&str; 3]| tags.iter().any(|tag| lower.contains(tag));
    any(["&lt;p&gt;", "&lt;br", "&lt;a href"]) && !any(["<p", "<br", "<a "])
}

/// Writes a link down and returns what follows it.
fn link<'a>(tag: &str, after: &'a str, typed: &mut String) -> &'a str {
    // The search ends there: otherwise many links without an end would make the scan quadratic.
    let window = &after[..after.floor_char_boundary(LONGEST_TAG + 4)];
    let (words, end) = match window.find("</a>") {
        Some(at) => (&after[..at], &after[at + 4..]),
        _ => {
            typed.push_str(tag);
            return after;
        }
    };
    let Some(target) = target(tag) else {
        typed.push_str(&htmlize::unescape(words));
        return end;
    };
    let words = htmlize::unescape(words);
    let bare = |address: &str| {
        let address = address.trim();
        let address = address.split_once("://").map_or(address, |(_, rest)| rest);
        address.trim_end_matches('/').to_owned()
    };
    // Disqus shortens the words of long addresses with dots.
    let shortened = words.trim().trim_end_matches("...").trim_end_matches('…');
    if bare(&target) == bare(&words)
        || (shortened.len() < words.trim().len() && bare(&target).starts_with(&bare(shortened)))
    {
        typed.push_str(&target);
    } else {
        typed.push_str(&format!("<a href=\"{target}\">{words}</a>"));
    }
    end
}

/// The `href`, freed of Disqus's counting of clicks
/// (`http://disq.us/url?url=ADDRESS%3AKEY&cuid=1`).
fn target(tag: &str) -> Option<String> {
    let at = tag.to_ascii_lowercase().find("href")?;
    let value = tag[at + 4..].trim_start().strip_prefix('=')?.trim_start();
    let value = match value.chars().next()? {
        quote @ ('"' | '\'') => value[1..].split(quote).next()?,
        _ => value.split([' ', '>']).next()?,
    };
    let value = htmlize::unescape_attribute(value).trim().to_owned();
    let Some((_, counted)) = value.split_once("disq.us/url?url=") else {
        return (!value.is_empty()).then_some(value);
    };
    let counted = counted.split('&').next()?;
    let address = percent_encoding::percent_decode_str(counted).decode_utf8_lossy();
    let address = match address.rsplit_once(':') {
        Some((address, key)) if !key.starts_with("//") && !key.contains('/') => address,
        _ => &address,
    };
    Some(address.to_owned())
}

struct Tag<'a> {
    /// With its slash: `p`, `/p`.
    name: &'a str,
    text: &'a str,
    length: usize,
}

impl<'a> Tag<'a> {
    /// The tag that begins here; `a < b` and `<3` begin none.
    fn at_start(text: &'a str) -> Option<Self> {
        let window = &text[..text.floor_char_boundary(LONGEST_TAG)];
        let length = window.find('>')? + 1;
        let inner = &window[1..length - 1];
        let slash = usize::from(inner.starts_with('/'));
        let letters = inner[slash..]
            .bytes()
            .take_while(u8::is_ascii_alphanumeric)
            .count();
        let name = &inner[..slash + letters];
        let known = inner[slash..].starts_with(|c: char| c.is_ascii_alphabetic())
            && inner[name.len()..]
                .chars()
                .next()
                .is_none_or(|c| c.is_whitespace() || c == '/');
        known.then_some(Self {
            name,
            text: &window[..length],
            length,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(html: &str, expected: &str) {
        assert_eq!(as_typed(html), expected, "{html:?}");
    }

    #[test]
    fn paragraphs_and_breaks_become_lines() {
        check("<p>Một</p><p>Hai<br>ba</p>", "Một\n\nHai\nba");
        check("<p>one</p>\n<p>two<br />\nthree</p>\n", "one\n\ntwo\nthree");
        check("plain\n\ntext", "plain\n\ntext");
    }

    #[test]
    fn entities_become_letters_once_and_escaped_markup_twice() {
        check("Tom &amp; Jerry &#8217;s", "Tom & Jerry \u{2019}s");
        check("it costs &amp;lt; 5", "it costs &lt; 5");
        check(
            "&lt;p&gt;Tom &amp;amp; Jerry&lt;br&gt;x&lt;/p&gt;",
            "Tom & Jerry\nx",
        );
        check("I <3 this, 1 < 2 & 3 > 2", "I <3 this, 1 < 2 & 3 > 2");
    }

    #[test]
    fn a_link_that_shows_its_address_is_that_address() {
        check(
            "see <a href=\"https://x.example/a?b=1&amp;c=2\" rel=\"nofollow\">https://x.example/a?b=1&amp;c=2</a>.",
            "see https://x.example/a?b=1&c=2.",
        );
        check(
            "<a href=\"http://disq.us/url?url=https%3A%2F%2Fx.example%2Flong%2Fpath%3AaBc-1&amp;cuid=7\" rel=\"nofollow noopener\" title=\"https://x.example/long/path\">https://x.example/long...</a>",
            "https://x.example/long/path",
        );
        check(
            "<a href='http://x.example' target=_blank>cheap <b>shoes</b></a>",
            "<a href=\"http://x.example\">cheap <b>shoes</b></a>",
        );
        check(
            "<a name=x>anchor</a>, <a href=\"u\">open",
            "anchor, <a href=\"u\">open",
        );
        check(
            "<b>bold</b> <script>x</script>",
            "<b>bold</b> <script>x</script>",
        );
    }
}
