//! One value of a dump: bytes as they were kept in, text out. What was too long has none.

use super::charset::Charset;

/// A value, its escapes undone.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Null,
    /// A string, or a number as it is written.
    Bytes(Vec<u8>),
    /// Longer than anything a comment has; nothing of it is kept.
    TooLong,
}

impl Value {
    pub(super) fn text(&self, charset: Charset) -> String {
        match self {
            Self::Null | Self::TooLong => String::new(),
            Self::Bytes(bytes) => charset.text(bytes),
        }
    }
}

pub(super) fn from_hexadecimal(digits: &[u8]) -> Vec<u8> {
    digits
        .chunks(2)
        .filter_map(|pair| std::str::from_utf8(pair).ok())
        .filter_map(|pair| u8::from_str_radix(pair, 16).ok())
        .collect()
}
