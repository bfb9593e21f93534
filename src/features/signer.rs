//! A comment's author in, its name and home page as they are read out. Each is read once, because
//! several views look at them. It never lists a feature.

use crate::comment::Comment;
use crate::text::links::{self, Link, Place};
use crate::text::{self, Reading};

/// The author of a comment, read.
pub(super) struct Signer<'a> {
    /// The name, without blanks around it.
    pub(super) name: &'a str,
    /// The name as a text; empty where there is none.
    pub(super) reading: Reading,
    /// The home page as it was typed.
    pub(super) url: Option<&'a str>,
    /// The home page, where it is an address.
    pub(super) home: Option<Link>,
}

impl<'a> Signer<'a> {
    pub(super) fn of(comment: &'a Comment) -> Self {
        let author = &comment.author;
        let name = author.name.as_deref().unwrap_or("").trim();
        let url = author.url.as_deref();
        Self {
            name,
            reading: match name {
                "" => Reading::default(),
                name => text::read(name),
            },
            url,
            home: url.and_then(|url| links::parse(url, Place::Author)),
        }
    }
}
