//! One changed verdict that its site is to be told of, as it lies on disk. Types only;
//! `corrections` writes and reads them.

use serde::{Deserialize, Serialize};

use crate::clock::Millis;
use crate::comment::{CommentId, SiteId};
use crate::verdict::Label;

/// A check whose verdict was changed later. A check has at most one row; a later change overwrites
/// it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Correction {
    /// The check that is corrected.
    pub guid: String,
    /// Its site.
    pub site: SiteId,
    /// Its comment. Once a person has labelled it, nothing is sent any more.
    pub comment: CommentId,
    /// Id of the key that sent the check.
    pub key: String,
    /// Address that the site gave for corrections.
    pub callback: String,
    /// The platform's id of the page.
    pub post: Option<String>,
    /// The platform's id of the parent comment.
    pub parent: Option<String>,
    /// The author's e-mail address.
    pub email: Option<String>,
    /// The new verdict.
    pub verdict: Label,
    /// How many corrections this check has had, this one included.
    pub flips: u8,
    /// When the change was found, in milliseconds since 1970.
    pub at: Millis,
    /// How many deliveries were tried.
    pub tries: u32,
    /// When the last delivery was tried, in milliseconds since 1970.
    pub tried_at: Option<Millis>,
    /// Whether it was delivered.
    pub state: CorrectionState,
}

/// Whether a correction was delivered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CorrectionState {
    /// Not delivered yet; the next try is due at this time (milliseconds since 1970).
    Pending(Millis),
    /// The site accepted it.
    Done,
    /// It is not tried again; the text says why.
    GivenUp(String),
    /// A person labelled the comment before it was delivered.
    Withdrawn,
}
