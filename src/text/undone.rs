//! Counts of the disguises of a text. A type: it undoes nothing itself.

/// The disguises of a text, and how often each was found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Undone {
    /// HTML entities decoded.
    pub entities: u32,
    /// HTML tags taken off.
    pub tags: u32,
    /// bbcode tags taken off.
    pub bbcode: u32,
    /// Invisible characters dropped.
    pub invisible: u32,
    /// Compatibility letters (mathematical, full width, circled) replaced.
    pub compatibility: u32,
    /// Letters of another script standing in for Latin ones.
    pub look_alikes: u32,
    /// Stray combining marks dropped (zalgo).
    pub stray_marks: u32,
    /// Characters cut from long repeats.
    pub repeats: u32,
    /// Words whose letters were set apart by blanks or signs.
    pub spaced: u32,
    /// Words with digits in the place of letters.
    pub leet: u32,
}

impl Undone {
    /// Number of characters and words that had been disguised (markup and repeats are not
    /// disguise).
    pub fn disguises(&self) -> u32 {
        self.letters() + self.spaced
    }

    /// Number of characters that were not what they looked like.
    pub fn letters(&self) -> u32 {
        self.invisible + self.compatibility + self.look_alikes + self.stray_marks
    }
}
