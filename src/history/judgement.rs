//! The results of the rule for published comments, with their reasons in words for a report. Types:
//! the rule itself is in `trusted`.

use crate::verdict::Label;

/// What becomes of a comment of a history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Judgement {
    /// A person stands behind this label.
    Labelled(Label, Ground),
    /// No person does, or something is against it.
    Doubted(Doubt),
    /// It has no label to doubt.
    Left(Lack),
}

/// Why a label is believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Ground {
    /// A person labelled it.
    Said,
    /// The site's own people wrote it.
    Staff,
    /// Somebody acted on the site at about that time.
    Tended,
    /// Its author is a regular.
    Regular,
    /// It lies in the spam folder.
    SpamFolder,
    /// The operator who imports it says that all published comments are ham.
    Believed,
}

impl Ground {
    /// In words.
    pub fn reason(self) -> &'static str {
        match self {
            Self::Said => "a person said so",
            Self::Staff => "written by the site's own people",
            Self::Tended => "published while somebody looked after the site",
            Self::Regular => "published, by a regular",
            Self::SpamFolder => "in the spam folder",
            Self::Believed => "published (--believe-published)",
        }
    }
}

/// Why a label is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Doubt {
    /// Published, and no person seems to have looked after the site then.
    Untended,
    /// Published, and when is not known.
    Undated,
    /// Published, and links where spam of the site links.
    LinksLikeSpam,
    /// Published, from the e-mail address of spam of the site.
    SignsLikeSpam,
    /// Published, with the words of spam of the site.
    ReadsLikeSpam,
    /// In the spam folder, but written by the site's own people.
    SpamOfStaff,
}

impl Doubt {
    /// In words.
    pub fn reason(self) -> &'static str {
        match self {
            Self::Untended => "published, but nobody seems to have looked after the site near it",
            Self::Undated => "published, but its date is not known",
            Self::LinksLikeSpam => "published, but links where spam of the site links",
            Self::SignsLikeSpam => "published, but its e-mail address also signs spam of the site",
            Self::ReadsLikeSpam => "published, but says the same as spam of the site",
            Self::SpamOfStaff => "in the spam folder, but written by the site's own people",
        }
    }
}

/// Why there is nothing to believe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Lack {
    /// Held back, never decided.
    Waiting,
    /// Thrown away, which need not mean spam.
    Trashed,
    /// The export does not say what became of it.
    Unsaid,
    /// Nothing is written in it.
    Empty,
}

impl Lack {
    /// In words.
    pub fn reason(self) -> &'static str {
        match self {
            Self::Waiting => "held back, never decided",
            Self::Trashed => "thrown away or deleted, for whatever reason",
            Self::Unsaid => "nothing says whether it is spam",
            Self::Empty => "no text, no author",
        }
    }
}
