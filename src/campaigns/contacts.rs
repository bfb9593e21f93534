//! A comment in, its contacts out: phone numbers, e-mail addresses, chat handles, links, home page.
//! A spammer who rewrites a text keeps them, because readers must reach him. It never looks
//! anything up.
//!
//! The contact of a link is its registrable domain; on platforms where everybody has a page it is
//! that page. The site's own pages, hotlines and platforms without a page are no contacts.

use crate::comment::{Comment, SiteId};
use crate::text::links::{self, Link, Place};
use crate::text::{Reading, TokenKind};

/// How a reader can reach the writer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Phone number, e-mail address, chat handle: they belong to one person.
    Person,
    /// A link in the text.
    Link,
    /// The author's home page.
    Home,
}

/// One contact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Contact {
    pub(super) kind: Kind,
    /// A hash of the name, never 0: a cluster with key 0 is that of a text.
    pub(super) key: u64,
    /// As it is shown.
    pub(super) name: Box<str>,
}

/// At most this many contacts of one comment are kept. Link farms have hundreds, and their first
/// few are shared like the rest.
const MOST_CONTACTS: usize = 6;

/// Hosts where a page belongs to somebody and the host to nobody. Subdomains count as the host.
const PLATFORMS: [&str; 58] = [
    "youtube.com",
    "youtu.be",
    "facebook.com",
    "fb.com",
    "fb.me",
    "m.me",
    "instagram.com",
    "tiktok.com",
    "twitter.com",
    "x.com",
    "threads.net",
    "t.me",
    "telegram.me",
    "zalo.me",
    "wa.me",
    "whatsapp.com",
    "discord.gg",
    "discord.com",
    "line.me",
    "viber.com",
    "skype.com",
    "linkedin.com",
    "pinterest.com",
    "reddit.com",
    "quora.com",
    "tumblr.com",
    "medium.com",
    "blogspot.com",
    "wordpress.com",
    "wordpress.org",
    "wixsite.com",
    "weebly.com",
    "github.com",
    "github.io",
    "gitlab.com",
    "stackoverflow.com",
    "google.com",
    "goo.gl",
    "bing.com",
    "wikipedia.org",
    "wikimedia.org",
    "imgur.com",
    "giphy.com",
    "gravatar.com",
    "amazon.com",
    "apple.com",
    "microsoft.com",
    "shopee.vn",
    "lazada.vn",
    "tiki.vn",
    "spotify.com",
    "soundcloud.com",
    "vimeo.com",
    "twitch.tv",
    "patreon.com",
    "paypal.com",
    "archive.org",
    "change.org",
];

/// Prefixes of hosts that lead to the same pages.
const FRONTS: [&str; 6] = ["w.", "ww.", "m.", "mobile.", "web.", "vi-vn."];

/// Longest name of a page kept, in bytes.
const LONGEST_PAGE: usize = 80;

/// Lists a comment's contacts, each once: those of a person first, then links, then the home page.
pub(super) fn of(site: &SiteId, comment: &Comment, reading: &Reading) -> Vec<Contact> {
    let mut found = Vec::new();
    for phone in &reading.phones {
        add_phone(phone, &mut found);
    }
    for email in &reading.emails {
        add(Kind::Person, email, &mut found);
    }
    if !reading.handles.is_empty() {
        let mentions = reading
            .tokens
            .iter()
            .filter(|t| t.kind == TokenKind::Mention);
        for name in mentions
            .map(|t| reading.folded(t))
            .filter(|name| name.len() >= 4)
        {
            add(Kind::Person, &format!("@{name}"), &mut found);
        }
    }
    let home = comment.author.url.as_deref();
    let home = home.and_then(|url| links::parse(url, Place::Author));
    if reading.links.is_empty() && home.is_none() {
        return found;
    }
    let own = links::parse(site.as_str(), Place::Author);
    for link in &reading.links {
        add_link(Kind::Link, link, own.as_ref(), &mut found);
    }
    if let Some(home) = &home {
        add_link(Kind::Home, home, own.as_ref(), &mut found);
    }
    found
}

/// Adds a phone number, given as digits. `84912..` and `0912..` are the same number. Hotlines
/// (1800, 1900) and numbers below nine digits belong to no person.
fn add_phone(digits: &str, found: &mut Vec<Contact>) {
    let national = digits.strip_prefix("84").map(|rest| format!("0{rest}"));
    let number = national.as_deref().unwrap_or(digits);
    if number.len() >= 9 && !number.starts_with("1800") && !number.starts_with("1900") {
        add(Kind::Person, number, found);
    }
}

fn add_link(kind: Kind, link: &Link, own: Option<&Link>, found: &mut Vec<Contact>) {
    let is_platform = PLATFORMS.contains(&link.domain.as_str())
        || PLATFORMS.contains(&link.host.as_str())
        || link.is_shortener()
        || link.chat_platform().is_some();
    let at_home =
        own.is_some_and(|own| own.host == link.host || (own.domain == link.domain && !is_platform));
    if at_home {
        return;
    }
    if !is_platform {
        return add(kind, &link.domain, found);
    }
    // `w` is what is left of `www` after long repeats are cut.
    let host = FRONTS
        .iter()
        .find_map(|front| link.host.strip_prefix(front));
    let host = host.unwrap_or(&link.host);
    let path = link.path.split(['&', '#']).next().unwrap_or("");
    let path = path.trim_matches(['/', '+', '@']);
    let is_number = path.len() >= 9 && path.bytes().all(|b| b.is_ascii_digit());
    match link.chat_platform() {
        Some(_) if is_number => add_phone(path, found),
        Some(platform) if !path.is_empty() => {
            add(Kind::Person, &cut(format!("{platform}:{path}")), found)
        }
        Some(_) => {}
        // `shop.blogspot.com` is a page without a path, `facebook.com` is not.
        None if path.is_empty() && host == link.domain => {}
        None => add(kind, &cut(format!("{host}/{path}")), found),
    }
}

fn cut(mut name: String) -> String {
    name.truncate(name.floor_char_boundary(LONGEST_PAGE));
    name
}

fn add(kind: Kind, name: &str, found: &mut Vec<Contact>) {
    let key = rapidhash::v3::rapidhash_v3(name.as_bytes()) | 1;
    if found.len() < MOST_CONTACTS && found.iter().all(|contact| contact.key != key) {
        found.push(Contact {
            kind,
            key,
            name: name.into(),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text;

    #[track_caller]
    fn contacts(text: &str, home: Option<&str>, expected: &[&str]) {
        let site = SiteId::parse("https://blog.example.com/vi").expect("a site");
        let mut comment = Comment::from_text(text);
        comment.author.url = home.map(str::to_owned);
        let found = of(&site, &comment, &text::read(text));
        let names: Vec<&str> = found.iter().map(|contact| &*contact.name).collect();
        assert_eq!(names, expected, "{text:?}");
    }

    #[test]
    fn a_number_is_one_number_however_it_is_spelt() {
        contacts("gọi 0912.000.345", None, &["0912000345"]);
        contacts(
            "gọi +84 912 000 345 hoặc o912.ooo.345",
            None,
            &["0912000345"],
        );
        contacts("https://zalo.me/0912000345", None, &["0912000345"]);
        contacts("tổng đài 1900 0001", None, &[]);
    }

    #[test]
    fn a_page_on_a_platform_is_somebodys_and_a_platform_is_nobodys() {
        contacts(
            "https://www.youtube.com/watch?v=abc&t=10s",
            None,
            &["youtube.com/watch?v=abc"],
        );
        contacts("http://facebook.com và youtube.com", None, &[]);
        contacts(
            "kênh https://t.me/vaynhanh nhé",
            None,
            &["telegram:vaynhanh"],
        );
        contacts("https://bit.ly/3abc", None, &["bit.ly/3abc"]);
        contacts(
            "https://news.example.net/a/b and http://news.example.net/c",
            None,
            &["example.net"],
        );
    }

    #[test]
    fn the_site_itself_is_no_contact_and_a_home_page_is() {
        contacts(
            "xem https://shop.example.com/bai-2",
            Some("http://blog.example.com"),
            &[],
        );
        contacts("hay", Some("http://casino.example"), &["casino.example"]);
        contacts(
            "http://casino.example/a",
            Some("casino.example"),
            &["casino.example"],
        );
    }

    #[test]
    fn handles_need_a_platform() {
        contacts("nhắn telegram @vaynhanh", None, &["@vaynhanh"]);
        contacts("cảm ơn @nguyenan", None, &[]);
    }
}
