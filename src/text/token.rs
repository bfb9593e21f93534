//! One token of a reading and the places of its letters. Types alone; `segment` makes them.

/// A range of bytes in one of the reading's texts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Span {
    start: u32,
    end: u32,
}

impl Span {
    /// A span from byte offsets; texts are at most a few times `MAX_TEXT_BYTES`, so 32 bits
    /// suffice.
    #[inline]
    pub fn new(start: usize, end: usize) -> Self {
        Self {
            start: start as u32,
            end: end as u32,
        }
    }

    /// The text it covers.
    #[inline]
    pub fn of(self, text: &str) -> &str {
        text.get(self.start as usize..self.end as usize)
            .unwrap_or("")
    }

    /// Its length in bytes.
    #[inline]
    pub fn len(self) -> usize {
        (self.end - self.start) as usize
    }

    /// Whether it covers nothing.
    #[inline]
    pub fn is_empty(self) -> bool {
        self.end == self.start
    }

    /// From the start of this one to the end of the other.
    #[inline]
    pub fn to(self, other: Self) -> Self {
        Self {
            start: self.start,
            end: other.end,
        }
    }

    /// First byte.
    #[inline]
    pub fn start(self) -> usize {
        self.start as usize
    }
}

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// Letters, perhaps with digits.
    Word,
    /// Digits only.
    Number,
    /// One emoji.
    Emoji,
    /// A piece of punctuation standing alone: `:)`, `...`, `=))`.
    Emoticon,
    /// A link.
    Link,
    /// An e-mail address.
    Email,
    /// A phone number.
    Phone,
    /// `@name`.
    Mention,
    /// The full form of an abbreviation; has no place in the marked view.
    SpeltOut,
}

/// One token, in both views.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// Its place in `Reading::marked`.
    pub marked: Span,
    /// Its place in `Reading::folded`.
    pub folded: Span,
    /// Whether it is quoted from somebody else.
    pub quoted: bool,
}
