//! What comments need from other places of their export (people, pages, authors) in, the same with
//! limits out: texts cut to what a title or a name has, and an error when all together would need
//! too much memory.

use super::broken::Broken;
use crate::comment::MAX_FIELD_BYTES;

/// Bytes that all of it may take together: a million pages with their addresses and titles take 300
/// MB.
const MOST: usize = 512 << 20;

/// What an entry takes beside its texts.
const ENTRY: usize = 96;

/// Counts what is kept.
#[derive(Debug)]
pub(super) struct Side {
    left: usize,
    /// What is kept, for a message: `pages and people`.
    what: &'static str,
}

impl Side {
    pub(super) fn of(what: &'static str) -> Self {
        Self { left: MOST, what }
    }

    /// One entry more, of so many bytes of text.
    pub(super) fn keep(&mut self, bytes: usize) -> Result<(), Broken> {
        self.left = self.left.checked_sub(ENTRY + bytes).ok_or_else(|| {
            Broken::Other(format!(
                "it has more {} than {} of memory hold; split it and import the parts",
                self.what,
                crate::bounded::in_words(MOST)
            ))
        })?;
        Ok(())
    }
}

/// A text as long as a field of a comment may be.
pub(super) fn cut(mut text: String) -> String {
    if text.len() > MAX_FIELD_BYTES {
        text.truncate(text.floor_char_boundary(MAX_FIELD_BYTES));
        text.shrink_to_fit();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_has_an_end_and_so_has_a_text() {
        let mut side = Side::of("pages");
        assert!(side.keep(MOST / 2).is_ok());
        let full = side.keep(MOST / 2).expect_err("full").to_string();
        assert!(full.contains("more pages than 512 MiB"), "{full}");
        assert_eq!(
            cut("ệ".repeat(MAX_FIELD_BYTES)).len(),
            MAX_FIELD_BYTES / 3 * 3
        );
        assert_eq!(cut("a".into()), "a");
    }
}
