//! The result of reading a text: its words in two views, its tokens, its addresses, what was
//! undone. A type and its limits; it never reads a text itself.

use std::borrow::Cow;

use super::language::Language;
use super::links;
use super::shape::Shape;
use super::token::Token;
use super::undone::Undone;
use crate::comment::ends_of;

/// Longest text that is read whole, in bytes; of a longer one the beginning and the end
/// ([`ends_of`]). The longest honest comment of the corpora has 22,585 bytes, and Discourse cuts at
/// 32,000 characters; only e-mails are longer.
pub const MAX_TEXT_BYTES: usize = 32 * 1024;

/// A comment's text, read.
#[derive(Debug, Clone, Default)]
pub struct Reading {
    /// All words joined by single spaces, lower case, tone marks kept; what `Token::marked` points
    /// into.
    pub marked: String,
    /// The same without marks and with digits-for-letters undone: what `Token::folded` points into.
    pub folded: String,
    /// The tokens in order.
    pub tokens: Vec<Token>,
    /// Links found in the text and in its markup, lower case.
    pub links: Vec<links::Link>,
    /// E-mail addresses, lower case.
    pub emails: Vec<String>,
    /// Phone numbers, digits only.
    pub phones: Vec<String>,
    /// Chat handles and invitations (`zalo`, `telegram`, ...), by platform.
    pub handles: Vec<&'static str>,
    /// What was undone to read it.
    pub undone: Undone,
    /// Countable facts of the text without its disguise.
    pub shape: Shape,
    /// Language of the text.
    pub language: Language,
}

impl Reading {
    /// The token's text with tone marks.
    pub fn marked(&self, token: &Token) -> &str {
        token.marked.of(&self.marked)
    }

    /// The token's text without tone marks.
    pub fn folded(&self, token: &Token) -> &str {
        token.folded.of(&self.folded)
    }
}

/// The part of a text that is read.
pub(super) fn readable(text: &str) -> Cow<'_, str> {
    ends_of(text, MAX_TEXT_BYTES).map_or(Cow::Borrowed(text), |(beginning, end)| {
        Cow::Owned([beginning, end].join("\n"))
    })
}
