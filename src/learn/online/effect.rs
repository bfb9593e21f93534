//! What a label did, where it counts now, and how many labels count on a site: the types of these
//! answers. It computes none of them.

use crate::learn::online::trust::Place;

/// What a label did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// It was counted.
    Learnt,
    /// It took an earlier label back and was counted.
    Turned,
    /// It took an earlier label back; the filter had been right.
    TakenBack,
    /// The comment had this label before.
    Known,
    /// Its features were read by other code; they count at the next retrain.
    Unreadable,
}

impl Effect {
    /// For the person who gave the label.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Learnt => "learnt",
            Self::Turned => "an earlier label was taken back, this one learnt",
            Self::TakenBack => {
                "an earlier label was taken back; the filter had been right, and there is nothing more to learn"
            }
            Self::Known => "known already",
            Self::Unreadable => "kept for the next retrain",
        }
    }
}

/// Where a label of the ledger stands now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Now {
    /// It is counted.
    Counted(Place),
    /// A later label of the same comment took its place, it repeated one, or nothing was left to
    /// learn.
    Superseded,
    /// The operator undid it.
    Struck,
    /// Its features were read by other code.
    Unreadable,
}

/// Labels counted when a site is judged.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SiteLabels {
    /// Of the site itself, spam.
    pub spam: u32,
    /// Of the site itself, ham.
    pub ham: u32,
    /// Of all sites, as far as they count for all.
    pub shared: u32,
    /// Of those, given on other sites.
    pub elsewhere: u32,
}

impl SiteLabels {
    /// Of the site itself.
    pub fn own(&self) -> u32 {
        self.spam + self.ham
    }
}
