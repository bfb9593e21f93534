//! One check as it lies on disk, and what stays of it when its personal text is removed. Types
//! only; `checks` writes and reads them.

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
    /// When the check was made, in milliseconds since 1970.
    pub at: Millis,
    /// The site of the comment.
    pub site: SiteId,
    /// The comment.
    pub comment: Comment,
    /// Verdict, score and clues.
    pub assessment: Assessment,
    /// Id of the key it came with.
    #[serde(default)]
    pub key: String,
    /// Where the site wants to be told when the verdict changes.
    #[serde(default)]
    pub callback: Callback,
    /// What stays when the personal text is removed; then `comment` is empty.
    #[serde(default)]
    pub traces: Option<Box<HashedComment>>,
}

/// A hashed comment: what stays when the personal text is removed. It is enough for a label by guid
/// to teach, and for a report to find its check.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HashedComment {
    /// Id of the comment.
    pub comment: CommentId,
    /// Hash by which a report finds its check.
    pub likeness: Likeness,
    /// Buckets of its features, ascending.
    #[serde(with = "packed")]
    pub features: Vec<u32>,
    /// Version of the feature code that made the buckets.
    pub features_version: u32,
    /// Sketch of the text (`learn::online::minhash`).
    #[serde(with = "packed")]
    pub sketch: Vec<u32>,
    /// What training needs beside the buckets.
    pub outline: Outline,
}

impl Record {
    /// The check without any personal text: comment, author, request and page are removed. Clues
    /// are removed too, because they quote. Verdict and scores stay.
    pub fn without_words(mut self, traces: HashedComment) -> Self {
        self.comment = Comment::default();
        self.assessment.clues.clear();
        self.assessment.category_clues.clear();
        // The weights of clues and `rest` add up to the log-odds; without clues `rest` is all of
        // it.
        self.assessment.rest = self.assessment.log_odds;
        self.callback = Callback::None;
        self.traces = Some(Box::new(traces));
        self
    }

    /// Hash by which a report of the same comment finds this check.
    pub fn likeness(&self) -> Likeness {
        match &self.traces {
            Some(traces) => traces.likeness,
            None => Likeness::of(&self.site, &self.comment),
        }
    }

    /// The day whose key encrypts its personal text; `None` if the text is removed.
    pub(super) fn day_of_words(&self) -> Option<DayNumber> {
        self.traces.is_none().then(|| DayNumber::at(self.at))
    }
}

/// Where a site wants to be told of corrections.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Callback {
    /// The site gave no address.
    #[default]
    None,
    /// This address.
    At(String),
    /// The site gave an address that is never called; the text says why.
    Refused(String),
}
