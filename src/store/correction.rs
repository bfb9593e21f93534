//! One verdict that was turned after its site had heard it, as it is kept. A type; `corrections`
//! writes and reads it.

use serde::{Deserialize, Serialize};

use crate::clock::Millis;
use crate::comment::{CommentId, SiteId};
use crate::verdict::Label;

/// One comment whose verdict was turned. A check has at most one; a later flip overwrites it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Correction {
    /// The check that is corrected.
    pub guid: String,
    /// Its site.
    pub site: SiteId,
    /// Its comment: once a person has labelled it, nothing is sent any more.
    pub comment: CommentId,
    /// Secret of the key it came with.
    pub key: String,
    /// Where the site wants to hear of it.
    pub callback: String,
    /// The platform's name for the page.
    pub post: Option<String>,
    /// The platform's name for the comment answered to.
    pub parent: Option<String>,
    /// The author's e-mail address.
    pub email: Option<String>,
    /// What we think now.
    pub verdict: Label,
    /// How often this check was turned, this flip counted.
    pub flips: u8,
    /// When the flip was found.
    pub at: Millis,
    /// How often it was tried.
    pub tries: u32,
    /// When it was tried last.
    pub tried_at: Option<Millis>,
    /// What became of it.
    pub state: CorrectionState,
}

/// What became of a correction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CorrectionState {
    /// Not delivered yet; to be tried from then on.
    Pending(Millis),
    /// The site took it.
    Done,
    /// It is not tried again, and why.
    GivenUp(String),
    /// A person labelled the comment before it was delivered.
    Withdrawn,
}
