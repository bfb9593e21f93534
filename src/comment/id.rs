//! A comment and its site in, a number out that identifies it. It uses only what every client sends
//! back with a report.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::fields::Comment;
use super::site::SiteId;

/// Identity of a comment on its site: the same submission checked, edited by a moderator or
/// reported again has the same id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct CommentId(pub u64);

impl CommentId {
    /// Derives the id from what every client sends back with a report (site, author, e-mail,
    /// address, page, text). Take the comment of the check where there is one: a report may lack
    /// the address or say the text in another way ([`Likeness`](super::Likeness)).
    pub fn of(site: &SiteId, comment: &Comment) -> Self {
        let mut bytes = Vec::with_capacity(comment.text.len() + 128);
        let mut field = |value: &str| {
            bytes.extend_from_slice(value.trim().as_bytes());
            bytes.push(0);
        };
        field(site.as_str());
        field(comment.author.name.as_deref().unwrap_or(""));
        field(comment.author.email.as_deref().unwrap_or(""));
        field(
            &comment
                .request
                .ip
                .map(|ip| ip.to_string())
                .unwrap_or_default(),
        );
        field(comment.origin.post.as_deref().unwrap_or(""));
        field(&comment.text);
        Self(rapidhash::v3::rapidhash_v3(&bytes))
    }
}

impl fmt::Display for CommentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_ignores_outer_space_and_notices_the_author() {
        let site = SiteId::parse("blog.example").expect("a site");
        let one = Comment::from_text("xin chào");
        let same = Comment::from_text(" xin chào\n");
        let mut other = one.clone();
        other.author.name = Some("An".into());
        assert_eq!(CommentId::of(&site, &one), CommentId::of(&site, &same));
        assert_ne!(CommentId::of(&site, &one), CommentId::of(&site, &other));
    }
}
