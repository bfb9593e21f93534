//! A past comment in, hashes that it may have in common with others out: the domains it links to,
//! its e-mail address, its author, its words. No text is kept.

use crate::comment::Comment;
use crate::text;

/// Domains that everybody links to, spam too: they are no evidence against a comment.
const COMMON: [&str; 24] = [
    "amazon.com",
    "apple.com",
    "bit.ly",
    "facebook.com",
    "fb.com",
    "flickr.com",
    "github.com",
    "gmail.com",
    "goo.gl",
    "google.com",
    "imgur.com",
    "instagram.com",
    "linkedin.com",
    "medium.com",
    "microsoft.com",
    "paypal.com",
    "pinterest.com",
    "reddit.com",
    "t.co",
    "tiktok.com",
    "twitter.com",
    "wikipedia.org",
    "x.com",
    "youtube.com",
];

fn hash(text: &str) -> u64 {
    rapidhash::v3::rapidhash_v3(text.as_bytes())
}

/// Registrable domain of an address; `None` for places everybody links to.
pub(super) fn domain(address: &str) -> Option<u64> {
    let link = text::links::parse(&address.to_lowercase(), text::links::Place::Markup)?;
    evidence(&link)
}

pub(super) fn evidence(link: &text::links::Link) -> Option<u64> {
    let named = !link.domain.is_empty() && !COMMON.contains(&link.domain.as_str());
    named.then(|| hash(&link.domain))
}

/// Where a comment links, in its text and as its author's home page.
pub(super) fn domains(comment: &Comment) -> impl Iterator<Item = u64> + use<> {
    let links = text::read(&comment.text).links;
    let home = comment.author.url.as_deref().and_then(domain);
    links
        .into_iter()
        .filter_map(|link| evidence(&link))
        .chain(home)
}

pub(super) fn email(comment: &Comment) -> Option<u64> {
    let email = comment.author.email.as_deref()?.trim().to_lowercase();
    email.contains('@').then(|| hash(&email))
}

/// An author is recognised by the e-mail address, which readers never see, or else by the name.
pub(super) fn author(comment: &Comment) -> Option<u64> {
    email(comment).or_else(|| {
        let name = comment.author.name.as_deref()?.trim().to_lowercase();
        (!name.is_empty()).then(|| hash(&name))
    })
}

/// A hash of the words of a text, if it is too long to be written twice by chance.
pub(super) fn words(comment: &Comment) -> Option<u64> {
    let folded = text::read(&comment.text).folded;
    (folded.len() >= 20).then(|| hash(&folded))
}
