//! The length of a text in, the number of its parts and the place of its two views among the names
//! out. It never looks at the text.

/// Length of a part, in bytes of the text without marks: a sentence or two.
const PART_BYTES: usize = 100;

/// Texts with fewer parts are judged whole.
const FEWEST_PARTS: usize = 3;

/// Largest number of parts; in longer texts a part is longer than [`PART_BYTES`].
const MOST_PARTS: usize = 64;

/// Where the two views of the text lie among the names.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Place {
    pub(super) marked_at: usize,
    pub(super) folded_at: usize,
    pub(super) folded_len: usize,
    pub(super) parts: usize,
}

impl Place {
    pub(super) fn new(marked_at: usize, folded_at: usize, folded_len: usize) -> Self {
        let parts = folded_len.div_ceil(PART_BYTES);
        Self {
            marked_at,
            folded_at,
            folded_len,
            parts: if parts < FEWEST_PARTS {
                0
            } else {
                parts.min(MOST_PARTS)
            },
        }
    }
}
