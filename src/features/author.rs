//! An author's name, e-mail address and home page in, features out: words and form of the name, the
//! home page, the domain of the e-mail, and the address itself as an identity. Never the form of
//! the e-mail's local part: half of the corpora have it hashed.

use super::content;
use super::feature::Features;
use super::kind::Kind;
use super::signer::Signer;
use crate::comment::Comment;
use crate::text::links::Link;
use crate::text::{Language, Reading, TokenKind};

/// Mail providers where anybody can get an address: their domain says nothing of its own about the
/// author.
const FREE_MAIL: [&str; 24] = [
    "gmail.com",
    "yahoo.com",
    "yahoo.com.vn",
    "outlook.com",
    "hotmail.com",
    "live.com",
    "icloud.com",
    "msn.com",
    "aol.com",
    "mail.ru",
    "yandex.ru",
    "yandex.com",
    "proton.me",
    "protonmail.com",
    "gmx.com",
    "gmx.de",
    "gmx.net",
    "mail.com",
    "web.de",
    "ymail.com",
    "googlemail.com",
    "rocketmail.com",
    "bk.ru",
    "inbox.ru",
];

/// Names of people who give no name, and names that forms fill in for them. They tell nobody from
/// anybody. Written as the name is read, folded.
const NOBODY: [&str; 26] = [
    "anonymous",
    "anonym",
    "anon",
    "guest",
    "user",
    "visitor",
    "unknown",
    "no name",
    "noname",
    "nobody",
    "none",
    "null",
    "undefined",
    "n/a",
    "name",
    "your name",
    "test",
    "an danh",
    "khach",
    "khach vang lai",
    "nguoi la",
    "ban doc",
    "vo danh",
    "anonimo",
    "anonyme",
    "аноним",
];

/// Whether a name is one of these.
pub(super) fn is_nobody(folded: &str) -> bool {
    NOBODY.contains(&folded.trim())
}

pub(super) fn add(
    comment: &Comment,
    signer: &Signer<'_>,
    reading: &Reading,
    features: &mut Features,
) {
    let author = &comment.author;
    let Signer { name, home, .. } = signer;
    if !name.is_empty() {
        self::name(name, &signer.reading, reading, features);
    }
    if let Some(home) = home {
        features.add(Kind::HomeShape, "has a home page");
        features.add(Kind::AuthorHost, &home.host);
        features.add(Kind::AuthorDomain, &home.domain);
        features.add(Kind::AuthorSuffix, &home.suffix);
        content::path_words(&home.path, Kind::AuthorPath, features);
        for word in home.host.split(['.', '-']).filter(|w| w.len() > 2) {
            features.add(Kind::AuthorPath, word);
        }
        self::address(signer.url.unwrap_or("").trim(), home, features);
        if !name.is_empty() {
            shared_words(&signer.reading, home, features);
        }
        if home.host.contains('-') {
            features.add(Kind::HomeShape, "home page with a hyphen");
        }
        if home.host.bytes().any(|b| b.is_ascii_digit()) {
            features.add(Kind::HomeShape, "home page with digits");
        }
        if home.is_shortener() {
            features.add(Kind::HomeShape, "home page behind a shortener");
        }
        if reading.links.iter().any(|link| link.domain == home.domain) {
            features.add(Kind::HomeShape, "links to the home page in the text");
        }
    }
    if let Some(email) = author
        .email
        .as_deref()
        .map(|e| e.trim().to_lowercase())
        .filter(|e| e.contains('@'))
    {
        let domain = email.rsplit('@').next().unwrap_or("");
        features.add(Kind::EmailDomain, domain);
        if !FREE_MAIL.contains(&domain) {
            features.add(Kind::EmailShape, "e-mail with a domain of its own");
            if home.as_ref().is_some_and(|home| home.domain == domain) {
                features.add(Kind::EmailShape, "e-mail and home page share a domain");
            }
        }
        features.add(Kind::EmailAddress, &email);
    }
}

/// Facts about the address of the home page. Spammers link to an article that is named after their
/// keywords, on whatever host lets them write it. Their tools write hosts with capitals, which
/// people do not.
fn address(typed: &str, home: &Link, features: &mut Features) {
    let words = home
        .path
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| word.chars().count() > 2 && word.chars().all(char::is_alphabetic))
        .count();
    let fact = match (home.path.len(), words) {
        (0..=1, _) => None,
        (_, 0..=1) => Some("home page with a short path"),
        (_, 2..=3) => Some("home page with some words in its path"),
        _ => Some("home page with many words in its path"),
    };
    if let Some(fact) = fact {
        features.add(Kind::HomeShape, fact);
    }
    if home.path.contains('?') || home.path.contains('=') {
        features.add(Kind::HomeShape, "home page with a query");
    }
    let year = |word: &str| {
        word.len() == 4
            && (word.starts_with("19") || word.starts_with("20"))
            && word.bytes().all(|b| b.is_ascii_digit())
    };
    if home.path.split('/').any(year) {
        features.add(Kind::HomeShape, "home page with a date in its path");
    }
    let host = typed.split("://").last().unwrap_or("").split('/').next();
    let capitals = host.unwrap_or("").chars().filter(|c| c.is_uppercase());
    // A telephone's keyboard writes the first letter as a capital.
    let at_start = host.is_some_and(|host| host.starts_with(char::is_uppercase));
    if capitals.count() > usize::from(at_start && !typed.contains("://")) {
        features.add(Kind::HomeShape, "home page spelt with capitals");
    }
}

/// Facts about words that name and address share: a person's own domain, or a keyword and the
/// article about it.
fn shared_words(reading: &Reading, home: &Link, features: &mut Features) {
    let words: Vec<&str> = reading
        .tokens
        .iter()
        .filter(|t| t.kind == TokenKind::Word)
        .map(|t| reading.folded(t))
        .filter(|word| word.chars().count() > 2)
        .collect();
    let within = |place: &str| words.iter().filter(|word| place.contains(**word)).count();
    if words.is_empty() {
        return;
    }
    let all = words.len();
    if within(&home.host) == all {
        features.add(Kind::HomeShape, "name and host are the same");
    }
    if all > 1 && within(&home.path) * 2 > all {
        features.add(Kind::HomeShape, "name and path say the same");
    }
}

fn name(name: &str, reading: &Reading, text: &Reading, features: &mut Features) {
    let words: Vec<&str> = reading
        .tokens
        .iter()
        .filter(|t| t.kind != TokenKind::SpeltOut)
        .map(|t| reading.folded(t))
        .collect();
    if is_nobody(&reading.folded) {
        return;
    }
    for word in words.iter().take(12) {
        features.add(Kind::AuthorWord, word);
    }
    features.add(Kind::AuthorName, &reading.folded);
    let shape = &reading.shape;
    match words.len() {
        0..=1 => {}
        2..=3 => features.add(Kind::AuthorShape, "name of two or three words"),
        _ => features.add(Kind::AuthorShape, "name of four words or more"),
    }
    if shape.digits > 0 {
        features.add(Kind::AuthorShape, "digits in the name");
    }
    if shape.capitals == 0 && shape.letters > 2 {
        features.add(Kind::AuthorShape, "name without capitals");
    }
    if words.len() == 1 && shape.capitals >= 2 && shape.capitals < shape.letters && name.is_ascii()
    {
        features.add(Kind::AuthorShape, "capitals inside one word");
    }
    let marked = shape.vietnamese > 0;
    if marked && text.language != Language::Vietnamese {
        features.add(Kind::AuthorShape, "Vietnamese name under another language");
    }
    if words.len() > 2 && shape.capitals == 0 {
        features.add(Kind::AuthorShape, "name is a phrase without capitals");
    }
    if !reading.links.is_empty() {
        features.add(Kind::AuthorShape, "a link as name");
    }
    if !reading.phones.is_empty() {
        features.add(Kind::AuthorShape, "a phone number as name");
    }
    if reading.undone.disguises() > 0 {
        features.add(Kind::AuthorShape, "disguised letters in the name");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_nobodys_is_no_name() {
        let of = |name: &str| {
            let mut comment = Comment::from_text("Nice post");
            comment.author.name = Some(name.to_owned());
            let features = Features::of(&comment);
            let named = |kind| features.items.iter().any(|f| f.kind == kind);
            [Kind::AuthorName, Kind::AuthorWord, Kind::SignedWord].map(named)
        };
        for name in ["Anonymous", "ẩn danh", "KHÁCH", "null", " guest "] {
            assert_eq!(of(name), [false; 3], "{name}");
        }
        assert_eq!(of("Ánh Khách"), [true; 3]);
    }
}
