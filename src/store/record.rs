//! One check, as it is kept, and what is left of it when its words are gone. Types; `checks` writes
//! and reads them.

use serde::{Deserialize, Serialize};

use super::packed;
use super::vault::DayNumber;
use crate::clock::Millis;
use crate::comment::{Comment, CommentId, Likeness, SiteId};
use crate::features::Outline;
use crate::verdict::Assessment;

/// A check, kept so that a moderator can see it and a report can find it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Unique id of the check, 32 hex digits.
    pub guid: String,
    /// When.
    pub at: Millis,
    /// On which site.
    pub site: SiteId,
    /// The comment.
    pub comment: Comment,
    /// What we thought.
    pub assessment: Assessment,
    /// Id of the key it came with.
    #[serde(default)]
    pub key: String,
    /// Where the site wants to hear that the verdict has changed.
    #[serde(default)]
    pub callback: Callback,
    /// What is left of the comment when its words are gone; then `comment` is empty.
    #[serde(default)]
    pub traces: Option<Box<HashedComment>>,
}

/// What is kept of a comment when its words are gone: hashes, so that a label by guid still teaches
/// and a report still finds its check.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HashedComment {
    /// Which comment it was.
    pub comment: CommentId,
    /// What a report of it has in common with it.
    pub likeness: Likeness,
    /// Buckets of its features, ascending.
    #[serde(with = "packed")]
    pub features: Vec<u32>,
    /// Feature code that read them.
    pub features_version: u32,
    /// Sketch of the text (`learn::online::minhash`).
    #[serde(with = "packed")]
    pub sketch: Vec<u32>,
    /// What training needs to know of it beside the buckets.
    pub outline: Outline,
}

impl Record {
    /// The check without a word of the comment, its author, its request or its page; clues go too,
    /// for they quote. Verdict and scores stay.
    pub fn without_words(mut self, traces: HashedComment) -> Self {
        self.comment = Comment::default();
        self.assessment.clues.clear();
        self.assessment.category_clues.clear();
        // Clues and rest sum to the log-odds.
        self.assessment.rest = self.assessment.log_odds;
        self.callback = Callback::None;
        self.traces = Some(Box::new(traces));
        self
    }

    /// What it has in common with a report of the same comment.
    pub fn likeness(&self) -> Likeness {
        match &self.traces {
            Some(traces) => traces.likeness,
            None => Likeness::of(&self.site, &self.comment),
        }
    }

    /// The day whose key seals its words; `None` if they are gone.
    pub(super) fn day_of_words(&self) -> Option<DayNumber> {
        self.traces.is_none().then(|| DayNumber::at(self.at))
    }
}

/// Where a site asked to hear of corrections.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Callback {
    /// It did not ask.
    #[default]
    None,
    /// Here.
    At(String),
    /// It asked for an address that is not called, and why.
    Refused(String),
}
