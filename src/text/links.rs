//! One run of characters without spaces in, a link, e-mail address or phone number out. Knows nothing of the words around it but what it is handed.

/// Where a link stood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// In the visible text.
    Text,
    /// Behind an anchor, image or bbcode tag.
    Markup,
    /// In the author's home-page field.
    Author,
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

/// Suffixes believed without `http://` or `www.`; any other word after a full stop is more often a sentence begun without a space
/// (`đẹp.ok`, `see.no`).
const BARE_SUFFIXES: [&str; 64] = [
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

/// Reads a link from one piece of text without spaces, if it is one. Accepts `http://`, `hxxp://`, `//`, `www.` and bare domains with a well-known suffix.
pub fn parse(piece: &str, place: Place) -> Option<Link> {
    let lower = piece.trim().to_lowercase();
    let trimmed = lower.trim_start_matches(|c: char| !c.is_alphanumeric() && c != '/');
    let (rest, explicit) = match trimmed.find("://") {
        Some(at) if at <= 8 => (&trimmed[at + 3..], true),
        _ => match trimmed.strip_prefix("//") {
            Some(rest) => (rest, true),
            None => (trimmed, trimmed.starts_with("www.") || place != Place::Text),
        },
    };
    let host_end = rest
        .find([
            '/', '?', '#', ':', '"', '\'', '<', '>', ')', ']', ',', ';', '!',
        ])
        .unwrap_or(rest.len());
    let authority = &rest[..host_end];
    // `user@host` in an address is a disguise for the host; without a scheme it is an e-mail address.
    let host = match authority.rsplit_once('@') {
        Some((_, host)) if explicit => host,
        Some(_) => return None,
        None => authority,
    };
    let host = host.strip_prefix("www.").unwrap_or(host).trim_matches('.');
    if host.len() > 253 || !host.contains('.') || !host.split('.').all(is_label) {
        return None;
    }
    let suffix = psl::suffix_str(host)?;
    let is_address = host
        .split('.')
        .all(|label| label.bytes().all(|b| b.is_ascii_digit()));
    let top = host.rsplit('.').next()?;
    let mut believed = explicit || BARE_SUFFIXES.contains(&top);
    if !explicit {
        // `v1.2.com`? rare; `3.5`, `10.000.us`? no: a bare domain has a letter in its first label.
        believed &= host.split('.').next()?.chars().any(char::is_alphabetic) && !is_address;
    }
    if !believed || (is_address && !explicit) {
        return None;
    }
    let domain = if is_address {
        host
    } else {
        psl::domain_str(host).unwrap_or(host)
    };
    let path = rest[host_end..].trim_start_matches(['/', ':']);
    Some(Link {
        host: host.to_owned(),
        domain: domain.to_owned(),
        suffix: if is_address {
            "address".to_owned()
        } else {
            suffix.to_owned()
        },
        path: path
            .trim_end_matches(['.', ',', ')', ']', '"', '\'', '>'])
            .to_owned(),
        place,
    })
}

/// Whether anybody at all may be below this host: `com`, `co.uk`. Not `github.io`, which one company rules.
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

/// Longest phone number, in pieces: `0 9 8 . 0 0 0 . 1 2 3` has thirteen.
const MOST_PHONE_PIECES: usize = 20;

/// Vietnamese number words, without marks.
const DIGIT_WORDS: [(&str, char); 13] = [
    ("khong", '0'),
    ("mot", '1'),
    ("hai", '2'),
    ("ba", '3'),
    ("bon", '4'),
    ("tu", '4'),
    ("nam", '5'),
    ("lam", '5'),
    ("sau", '6'),
    ("bay", '7'),
    ("bẩy", '7'),
    ("tam", '8'),
    ("chin", '9'),
];

/// Reads a phone number from the start of a row of pieces: its digits and how many pieces it took.
///
/// Vietnamese: 10-11 digits from 0, or from 84; `o` counts as 0 and `l` as 1 beside digits; number words count when all pieces are such.
/// Elsewhere: `+` and 9-14 digits, or ten digits in three groups (eleven from 1).
pub fn phone_at<'a>(pieces: impl Iterator<Item = &'a str>) -> Option<(String, usize)> {
    let mut digits = String::new();
    let mut plus = false;
    let mut groups = 0;
    let mut found = None;
    for (taken, piece) in pieces.take(MOST_PHONE_PIECES).enumerate() {
        let before = digits.len();
        let has_digit = piece.bytes().any(|b| b.is_ascii_digit());
        let mut group_open = false;
        let mut closed = false;
        if has_digit
            || before > 0
                && piece
                    .chars()
                    .all(|c| matches!(c, 'o' | '.' | '-' | '(' | ')' | '/' | '_' | '*'))
        {
            for c in piece.chars() {
                let digit = match c {
                    '0'..='9' => Some(c),
                    'o' => Some('0'),
                    'l' => Some('1'),
                    _ => None,
                };
                match (digit, c) {
                    (Some(digit), _) if !closed => {
                        groups += u32::from(!group_open);
                        group_open = true;
                        digits.push(digit);
                    }
                    (None, '+') if digits.is_empty() => plus = true,
                    (None, '.' | '-' | '(' | ')' | '/' | '_' | '*' | '[' | ']' | '~') => {
                        group_open = false
                    }
                    (None, ',' | ';' | '!' | '?' | ':' | '"' | '\'') => closed = true,
                    _ => return found,
                }
            }
        } else {
            let word: String = piece
                .trim_matches(|c: char| !c.is_alphanumeric())
                .chars()
                .map(super::vietnamese::base_letter)
                .collect();
            match DIGIT_WORDS.iter().find(|(name, _)| *name == word) {
                Some((_, digit)) => digits.push(*digit),
                None if piece == "+" && digits.is_empty() => plus = true,
                None => return found,
            }
            groups += 1;
        }
        if digits.len() > 15 {
            return found;
        }
        if is_phone(&digits, plus, groups) {
            found = Some((digits.clone(), taken + 1));
        }
        if closed {
            return found;
        }
    }
    found
}

fn is_phone(digits: &str, plus: bool, groups: u32) -> bool {
    let len = digits.len();
    if plus {
        return (9..=14).contains(&len);
    }
    match digits.as_bytes().first() {
        Some(b'0') => (10..=11).contains(&len) && !digits.starts_with("00"),
        Some(b'8') if digits.starts_with("84") => (11..=12).contains(&len),
        Some(b'1') if digits.starts_with("1800") || digits.starts_with("1900") => {
            (len == 8 && groups <= 3) || (len == 11 && groups >= 3)
        }
        Some(b'1') => len == 11 && groups >= 3,
        Some(b'2'..=b'9') => len == 10 && (3..=4).contains(&groups),
        _ => false,
    }
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

    #[track_caller]
    fn phone(text: &str, expected: Option<(&str, usize)>) {
        let found = phone_at(text.split_whitespace());
        assert_eq!(
            found
                .as_ref()
                .map(|(digits, taken)| (digits.as_str(), *taken)),
            expected,
            "{text:?}"
        );
    }

    #[test]
    fn phone_numbers_are_known_in_disguise() {
        phone("0912000345", Some(("0912000345", 1)));
        phone("0 9 1 2 . 0 0 0 . 3 4 5 nhé", Some(("0912000345", 12)));
        phone("o912.ooo.345", Some(("0912000345", 1)));
        phone("+84 912 000 345", Some(("84912000345", 4)));
        phone(
            "không chín một hai không không không ba bốn năm",
            Some(("0912000345", 10)),
        );
        phone("+1 (305) 555-0147", Some(("13055550147", 3)));
        phone("305-555-0147", Some(("3055550147", 1)));
        phone("1900 0001", Some(("19000001", 2)));
    }

    #[test]
    fn prices_dates_and_years_are_no_phone_numbers() {
        for text in [
            "500.000.000",
            "23.11.2026",
            "2026-11-23",
            "1234567890",
            "hai ba",
            "0.5",
            "00000000000",
            "100 200 300 400 500",
        ] {
            phone(text, None);
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
