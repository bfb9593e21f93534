//! A comment as a blog stores it in, the text as its writer typed it out: HTML paragraphs become
//! lines, and links that the platform made of addresses become addresses. Otherwise the format
//! would give the label away, where one class of a corpus is stored as HTML and the other is not.
//! It never changes links under words of their own.

/// The text as it was typed; unchanged unless it is stored in paragraphs or broken lines of HTML.
/// Links under words of their own stay links.
pub fn as_typed(html: &str) -> String {
    if !["<p>", "<p ", "<br"].iter().any(|tag| html.contains(tag)) {
        return html.to_owned();
    }
    let mut typed = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        typed.push_str(&rest[..at]);
        rest = &rest[at..];
        let Some(end) = rest.find('>') else { break };
        let tag = &rest[1..end];
        let name: String = tag
            .chars()
            .take_while(|c| c.is_ascii_alphanumeric() || *c == '/')
            .collect();
        match name.trim_end_matches('/').to_ascii_lowercase().as_str() {
            "p" | "/p" | "br" => typed.push('\n'),
            "a" => {
                if let Some((href, shown, len)) = link(rest, end) {
                    if is_same_address(href, shown) {
                        typed.push_str(href);
                    } else {
                        typed.push_str(&format!("<a href=\"{href}\">{shown}</a>"));
                    }
                    rest = &rest[len..];
                    continue;
                }
                typed.push_str(&rest[..=end]);
            }
            _ => typed.push_str(&rest[..=end]),
        }
        rest = &rest[end + 1..];
    }
    typed.push_str(rest);
    let decoded = htmlize::unescape(typed.as_str());
    let lines: Vec<&str> = decoded.split('\n').map(str::trim).collect();
    let mut text = String::with_capacity(decoded.len());
    for line in lines {
        // One empty line between paragraphs, none at the beginning.
        if line.is_empty() && (text.is_empty() || text.ends_with("\n\n")) {
            continue;
        }
        text.push_str(line);
        text.push('\n');
    }
    text.trim_end().to_owned()
}

/// Target, words and length of a link that starts the text; its opening tag ends at `end`.
fn link(text: &str, end: usize) -> Option<(&str, &str, usize)> {
    let tag = &text[..end];
    let value = &tag[tag.find("href=")? + 5..];
    let href = match value.chars().next()? {
        quote @ ('"' | '\'') => value[1..].split(quote).next()?,
        _ => value.split_ascii_whitespace().next()?,
    };
    let close = text[end..].find("</a>")? + end;
    Some((href, &text[end + 1..close], close + "</a>".len()))
}

/// Whether the words of a link are its address, perhaps cut short with dots or without its scheme.
fn is_same_address(href: &str, shown: &str) -> bool {
    let shown = shown.trim();
    let bare = |address: &str| -> String {
        let address = address.split("://").last().unwrap_or(address);
        address.trim_start_matches("www.").to_lowercase()
    };
    let (href, start) = (bare(href), bare(shown.split("...").next().unwrap_or(shown)));
    start.contains('.') && !shown.contains(' ') && href.starts_with(start.trim_end_matches('/'))
}

#[cfg(test)]
mod tests {
    use super::as_typed;

    #[track_caller]
    fn check(html: &str, typed: &str) {
        assert_eq!(as_typed(html), typed);
    }

    #[test]
    fn paragraphs_become_lines() {
        check(
            "<p>One &amp; two</p>\n<p>three<br>four</p>",
            "One & two\n\nthree\nfour",
        );
        check(
            "no <b>markup</b> of the blog",
            "no <b>markup</b> of the blog",
        );
    }

    #[test]
    fn addresses_are_addresses_again_and_links_stay() {
        check(
            "<p>See <a href=\"http://a.example/long/path\" rel=\"nofollow\">http://a.example/lo...</a> or <a href=\"http://b.example\" title=\"x\">this</a></p>",
            "See http://a.example/long/path or <a href=\"http://b.example\">this</a>",
        );
        check("<p>an <a href= unclosed", "an <a href= unclosed");
        check("<p>tệ <a>không</a></p>", "tệ <a>không</a>");
    }
}
