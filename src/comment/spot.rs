//! The places in a comment where a list can match. A type: it never matches.

/// A place in a comment where a list can match.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Spot {
    /// The words of the text.
    Words,
    /// The host of a link in the text.
    Link,
    /// The host of the author's home page.
    Home,
    /// The domain of the author's e-mail address.
    Email,
}

impl Spot {
    /// All of them. The order is part of the buckets of a list.
    pub const ALL: [Self; 4] = [Self::Words, Self::Link, Self::Home, Self::Email];
}
