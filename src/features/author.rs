//! Who signed: words and form of the name, the home page, the e-mail's domain and the address itself as an identity.
//! Never the form of the e-mail's local part: half the corpora hash it.

use super::{Features, Kind, content};
use crate::comment::Comment;
use crate::text::links::{self, Place};
use crate::text::{self, Reading, TokenKind};

/// Mail providers anybody can sign up with; a name says more than their domain.
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

pub(super) fn add(comment: &Comment, reading: &Reading, features: &mut Features) {
    let author = &comment.author;
    let name = author.name.as_deref().unwrap_or("").trim();
    let home = author
        .url
        .as_deref()
        .and_then(|url| links::parse(url, Place::Author));
    if !name.is_empty() {
        self::name(name, features);
    }
    if let Some(home) = &home {
        features.add(Kind::HomeShape, "has a home page");
        features.add(Kind::AuthorHost, &home.host);
        features.add(Kind::AuthorDomain, &home.domain);
        features.add(Kind::AuthorSuffix, &home.suffix);
        content::path_words(&home.path, Kind::AuthorPath, features);
        for word in home.host.split(['.', '-']).filter(|w| w.len() > 2) {
            features.add(Kind::AuthorPath, word);
        }
        if home.path.len() > 1 {
            features.add(Kind::HomeShape, "home page with a path");
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

fn name(name: &str, features: &mut Features) {
    let reading = text::read(name);
    let words: Vec<&str> = reading
        .tokens
        .iter()
        .filter(|t| t.kind != TokenKind::SpeltOut)
        .map(|t| reading.folded(t))
        .collect();
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
