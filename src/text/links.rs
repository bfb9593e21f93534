//! One run of characters without blanks in, a link or e-mail address out. It never looks at the
//! words around it.

use percent_encoding::percent_decode_str;

use super::normalize;
use super::vietnamese::{base_letter, is_syllable, is_vietnamese};

/// Where a link was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// In the visible text.
    Text,
    /// Behind an anchor, image or bbcode tag.
    Markup,
    /// In the author's home-page field.
    Author,
    /// In lines or blocks quoted from somebody else.
    Quote,
    /// Behind `@name` or `#word`: the person or subject that the writer addresses. It is not there
    /// to be clicked.
    Mention,
}

/// A link, lower case, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Host without `www.`.
    pub host: String,
    /// Registrable domain (`blog.example.co.uk` -> `example.co.uk`).
    pub domain: String,
    /// Public suffix (`co.uk`).
    pub suffix: String,
    /// Path and query without the leading slash.
    pub path: String,
    /// Where it stood.
    pub place: Place,
}

/// Suffixes that make a link without `http://` or `www.`. Any other word after a full stop is more
/// often the start of a sentence without a blank (`đẹp.ok`, `see.no`).
pub(super) const BARE_SUFFIXES: [&str; 64] = [
    "com", "net", "org", "info", "biz", "vn", "xyz", "top", "club", "online", "site", "shop",
    "store", "live", "vip", "io", "co", "cc", "win", "bet", "app", "dev", "ru", "cn", "link",
    "click", "tk", "ml", "cf", "gq", "ga", "pro", "asia", "mobi", "tv", "gg", "ly", "fun", "icu",
    "work", "today", "world", "life", "space", "website", "tech", "blog", "news", "uk", "de", "fr",
    "jp", "eu", "ws", "casino", "poker", "loan", "loans", "money", "finance", "sale", "edu", "gov",
    "us",
];

/// Hosts that hide where a link goes.
const SHORTENERS: [&str; 24] = [
    "bit.ly",
    "tinyurl.com",
    "goo.gl",
    "t.co",
    "ow.ly",
    "is.gd",
    "buff.ly",
    "cutt.ly",
    "rebrand.ly",
    "shorturl.at",
    "rb.gy",
    "s.id",
    "v.gd",
    "adf.ly",
    "shorte.st",
    "bom.so",
    "by.com.vn",
    "short.gy",
    "t.ly",
    "tiny.cc",
    "soo.gd",
    "linktr.ee",
    "lnkd.in",
    "dub.sh",
];

/// Hosts that open a chat -> the platform.
const CHAT_HOSTS: [(&str, &str); 12] = [
    ("t.me", "telegram"),
    ("telegram.me", "telegram"),
    ("telegram.dog", "telegram"),
    ("zalo.me", "zalo"),
    ("chat.zalo.me", "zalo"),
    ("wa.me", "whatsapp"),
    ("chat.whatsapp.com", "whatsapp"),
    ("api.whatsapp.com", "whatsapp"),
    ("m.me", "messenger"),
    ("discord.gg", "discord"),
    ("line.me", "line"),
    ("viber.me", "viber"),
];

impl Link {
    /// Whether the host hides the destination.
    pub fn is_shortener(&self) -> bool {
        is_shortener(&self.host)
    }

    /// The chat platform a link leads into.
    pub fn chat_platform(&self) -> Option<&'static str> {
        CHAT_HOSTS
            .iter()
            .find(|(host, _)| *host == self.host)
            .map(|(_, platform)| *platform)
    }
}

/// Whether a host hides where its links lead.
pub fn is_shortener(host: &str) -> bool {
    SHORTENERS.contains(&host)
}

/// Hosts that make a link without `http://` although their suffix is not among these, where a path
/// follows:
fn is_believed_host(host: &str) -> bool {
    is_shortener(host) || CHAT_HOSTS.iter().any(|(chat, _)| *chat == host)
}

/// Reads a link from one piece of text without spaces, if it is one. Accepts `http://`, `hxxp://`,
/// `//`, `www.`, bare domains with a well-known suffix, bare domains of any public suffix with a
/// path, and backslashes where browsers take them for slashes. Letters stay as written, except for
/// what a browser itself changes: case, invisible characters, compatibility forms, percent signs in
/// the host.
pub fn parse(piece: &str, place: Place) -> Option<Link> {
    let mut lower = if piece.is_ascii() {
        piece.trim().to_ascii_lowercase()
    } else {
        normalize::as_a_browser_reads(piece.trim())
    };
    if lower.contains('\\') {
        lower = lower.replace('\\', "/");
    }
    let trimmed = lower.trim_start_matches(|c: char| !c.is_alphanumeric() && c != '/');
    let (rest, explicit) = match after_scheme(trimmed) {
        Some(rest) => (rest, true),
        None => (
            trimmed,
            trimmed.starts_with("www.") || !matches!(place, Place::Text | Place::Quote),
        ),
    };
    let host_end = rest
        .find([
            '/', '?', '#', ':', '"', '\'', '<', '>', ')', ']', ',', ';', '!',
        ])
        .unwrap_or(rest.len());
    let authority = &rest[..host_end];
    // `user@host` in an address is a disguise for the host; without a scheme it is an e-mail
    // address.
    let host = match authority.rsplit_once('@') {
        Some((_, host)) if explicit => host,
        Some(_) => return None,
        None => authority,
    };
    let decoded = host
        .contains('%')
        .then(|| percent_decode_str(host).decode_utf8_lossy().to_lowercase());
    let host = decoded.as_deref().unwrap_or(host);
    let host = host.strip_prefix("www.").unwrap_or(host).trim_matches('.');
    if host.len() > 253 || !host.contains('.') || !host.split('.').all(is_label) {
        return None;
    }
    let suffix = psl::suffix(host.as_bytes())?;
    let is_address = host
        .split('.')
        .all(|label| label.bytes().all(|b| b.is_ascii_digit()));
    let path = rest[host_end..].trim_start_matches(['/', ':']);
    let top = host.rsplit('.').next()?;
    let leads_on = path.starts_with(char::is_alphanumeric) && rest[host_end..].starts_with('/');
    if !explicit {
        // Without a scheme the first label must have a letter: `3.5` and `10.000.us` are numbers.
        // And it must be no Vietnamese syllable with marks: `đẹp.vn` is the start of a sentence
        // without a blank.
        let first = host.split('.').next()?;
        let believed = BARE_SUFFIXES.contains(&top)
            || leads_on && (is_believed_host(host) || suffix.is_known() && host.is_ascii());
        if !believed
            || is_address
            || !first.chars().any(char::is_alphabetic)
            || is_marked_syllable(first)
        {
            return None;
        }
    }
    let suffix = std::str::from_utf8(suffix.as_bytes()).ok()?;
    let domain = if is_address {
        host
    } else {
        psl::domain_str(host).unwrap_or(host)
    };
    Some(Link {
        host: host.to_owned(),
        domain: domain.to_owned(),
        suffix: if is_address {
            "address".to_owned()
        } else {
            suffix.to_owned()
        },
        path: without_closing(path).to_owned(),
        place,
    })
}

/// An address without the punctuation behind it. A closing bracket stays where the address itself
/// opens one.
pub(super) fn without_closing(address: &str) -> &str {
    let is_closing = |c: char| {
        matches!(
            c,
            '.' | ','
                | ';'
                | ':'
                | '!'
                | '?'
                | '\''
                | '"'
                | ')'
                | ']'
                | '}'
                | '>'
                | '*'
                | '~'
                | '…'
                | '”'
                | '’'
                | '»'
        )
    };
    let mut kept = address;
    while let Some(last) = kept.chars().next_back().filter(|&c| is_closing(c)) {
        if last == ')' && kept.matches('(').count() >= kept.matches(')').count() {
            break;
        }
        kept = &kept[..kept.len() - last.len_utf8()];
    }
    kept
}

/// What follows `http://` or another scheme. After `http:` browsers accept one slash or none.
fn after_scheme(text: &str) -> Option<&str> {
    if let Some(rest) = text.strip_prefix("//") {
        return Some(rest);
    }
    let (scheme, rest) = text.split_once(':')?;
    let is_web = matches!(scheme, "http" | "https" | "hxxp" | "hxxps");
    if rest.starts_with("//") && scheme.len() <= 8 || is_web {
        return Some(rest.trim_start_matches('/'));
    }
    None
}

fn is_marked_syllable(label: &str) -> bool {
    !label.is_ascii()
        && label.chars().any(is_vietnamese)
        && is_syllable(&label.chars().map(base_letter).collect::<String>())
}

/// Whether anybody can have a name below this host: `com`, `co.uk`. Not `github.io`, which one
/// company controls.
pub fn is_registry(host: &str) -> bool {
    psl::suffix(host.as_bytes()).is_some_and(|suffix| {
        suffix.as_bytes() == host.as_bytes() && suffix.typ() != Some(psl::Type::Private)
    })
}

fn is_label(label: &str) -> bool {
    !label.is_empty()
        && label.len() <= 63
        && label
            .chars()
            .all(|c| c.is_alphanumeric() || c == '-' || c == '_')
}

/// Reads an e-mail address from one piece of lower-case text.
pub fn parse_email(piece: &str) -> Option<&str> {
    let piece = piece.strip_prefix("mailto:").unwrap_or(piece);
    let piece = piece.trim_matches(|c: char| !c.is_alphanumeric());
    let (local, domain) = piece.split_once('@')?;
    let good_local = !local.is_empty()
        && local
            .chars()
            .all(|c| c.is_alphanumeric() || "._+-".contains(c));
    (good_local && domain.contains('.') && domain.split('.').all(is_label)).then_some(piece)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn link(piece: &str, expected: Option<(&str, &str, &str)>) {
        let found = parse(piece, Place::Text);
        assert_eq!(
            found
                .as_ref()
                .map(|l| (l.host.as_str(), l.domain.as_str(), l.path.as_str())),
            expected,
            "{piece:?}"
        );
    }

    #[test]
    fn links_are_known_with_and_without_a_scheme() {
        link(
            "https://www.Blog.Example.co.uk/a/b?c=1",
            Some(("blog.example.co.uk", "example.co.uk", "a/b?c=1")),
        );
        link("hxxp://kubet.vip", Some(("kubet.vip", "kubet.vip", "")));
        link(
            "(www.vay-nhanh.xyz)",
            Some(("vay-nhanh.xyz", "vay-nhanh.xyz", "")),
        );
        link("t8bet.com,", Some(("t8bet.com", "t8bet.com", "")));
        link("http://1.2.3.4/x", Some(("1.2.3.4", "1.2.3.4", "x")));
        link("http:kubet.vip/a", Some(("kubet.vip", "kubet.vip", "a")));
    }

    #[test]
    fn letters_of_a_host_stay_as_written() {
        for host in ["youtube.com", "bbb.org", "aaaclub.com", "kubеt.com"] {
            link(&format!("https://www.{host}"), Some((host, host, "")));
        }
        link("goo.gl\\x", Some(("goo.gl", "goo.gl", "x")));
        link("http:\\\\x.test\\y", Some(("x.test", "x.test", "y")));
        link("http://%6bubet.vip", Some(("kubet.vip", "kubet.vip", "")));
        link(
            "http://ku\u{200b}bet.ｃｏｍ",
            Some(("kubet.com", "kubet.com", "")),
        );
    }

    #[test]
    fn a_path_makes_a_bare_host_believable() {
        link("t.me/abc", Some(("t.me", "t.me", "abc")));
        link("youtu.be/x1", Some(("youtu.be", "youtu.be", "x1")));
        for piece in ["t.me", "node.js/x", "hay.đẹp/a", "nhé.vn", "đẹp.com"] {
            link(piece, None);
        }
    }

    #[test]
    fn full_stops_and_numbers_are_no_links() {
        for piece in [
            "đẹp.ok",
            "3.5",
            "v1.2",
            "100.000",
            "e.g.",
            "me@x.com",
            "...",
            "a.b",
            "khong.biet",
        ] {
            link(piece, None);
        }
    }

    #[test]
    fn a_registry_is_nobodys_domain() {
        for (host, expected) in [
            ("com", true),
            ("co.uk", true),
            ("com.vn", true),
            ("example", true),
            ("github.io", false),
            ("blog.example", false),
        ] {
            assert_eq!(is_registry(host), expected, "{host}");
        }
    }

    #[test]
    fn e_mail_addresses() {
        assert_eq!(
            parse_email("<a.b+c@mail.example>,"),
            Some("a.b+c@mail.example")
        );
        assert_eq!(parse_email("@abc"), None);
        assert_eq!(parse_email("a@b"), None);
    }
}
