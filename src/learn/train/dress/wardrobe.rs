//! The purpose of a row in (it judges or it teaches), the set of names and hosts that may be drawn
//! for it out. The sets are disjoint. It draws nothing itself.

use crate::learn::train::dress::letters::unmarked;

/// Which of the disjoint sets of names and hosts is used, so that no model is judged by names that
/// it has learnt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Wardrobe {
    /// For rows that judge.
    Judging,
    /// For rows that teach: the set of one fold, below [`FOLDS`]. A fold that training leaves out
    /// is not judged by names it has learnt either.
    Teaching(u8),
}

/// Folds of the teaching rows with names of their own; what training leaves out in turn are such
/// folds or unions of them.
pub const FOLDS: u8 = 4;

impl Wardrobe {
    /// All of them.
    pub(super) fn all() -> impl Iterator<Item = Self> {
        std::iter::once(Self::Judging).chain((0..FOLDS).map(Self::Teaching))
    }

    /// The one that a teaching row draws from, by what its fold is chosen by.
    pub fn of_group(group: u64) -> Self {
        Self::Teaching(((group >> 7) % u64::from(FOLDS)) as u8)
    }

    /// One home page among how many rows.
    pub(super) fn home_pages(self) -> u32 {
        match self {
            Self::Judging => HOME_PAGES,
            Self::Teaching(_) => TAUGHT_HOME_PAGES,
        }
    }

    /// A number of its own.
    pub(super) fn number(self) -> u16 {
        match self {
            Self::Judging => 0,
            Self::Teaching(fold) => 1 + u16::from(fold),
        }
    }

    /// Whether a name or a host's label belongs to this wardrobe: bits of the hash of its letters
    /// decide, so that no two can share one.
    pub(super) fn holds(self, word: &str) -> bool {
        // Compared as somebody without a Vietnamese keyboard writes it: `Đông` and `Dong` are one
        // name.
        let folded = unmarked(word).to_lowercase();
        // With names from one list, the model learnt the names: false positives on whole blogs were
        // .60 %, and .25 % with a list for each fold (docs/DECISIONS.md, "Invented names come from
        // a separate list for each fold"). Another seed would do as well; this one leaves both
        // sides common Vietnamese family names.
        let hash = rapidhash::v3::rapidhash_v3(folded.as_bytes());
        match self {
            Self::Judging => hash >> 7 & 1 == 1,
            Self::Teaching(fold) => {
                hash >> 7 & 1 == 0 && (hash >> 11) % u64::from(FOLDS) == u64::from(fold)
            }
        }
    }
}

/// One home page among so many rows that have none of their own.
const HOME_PAGES: u32 = 8;

/// The same among rows that teach. Real spam has a home page far more often than honest comments,
/// and rows that show only that teach that any home page means spam.
// One in two and one in four did worse (docs/DECISIONS.md, "One training row in three without a
// home page gets one").
const TAUGHT_HOME_PAGES: u32 = 3;
