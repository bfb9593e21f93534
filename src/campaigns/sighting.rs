//! When and where a comment was checked: as it is told, and as a cluster keeps it. Types alone.

use super::sketch::{Contributor, Sketch};
use crate::comment::CommentId;
use crate::verdict::Verdict;

/// When and where a comment was checked.
#[derive(Debug, Clone, Copy)]
pub struct Sighting {
    /// Its identity on its site.
    pub comment: CommentId,
    /// Id of the check.
    pub guid: u128,
    /// When, in milliseconds since 1970; may go backwards.
    pub at: i64,
    /// What the filter thinks of it without its campaign.
    pub own: Verdict,
}

/// Sightings kept of one cluster; of more, those of the loudest contributor (a site, or a key that
/// names sites) are forgotten first, so that its flood hides no other.
pub const MOST_SIGHTINGS: usize = 64;

/// One sighting, as it is kept.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Member {
    pub(super) guid: u128,
    pub(super) comment: u64,
    pub(super) at: i64,
    pub(super) site: u32,
    /// As in a [`Sketch`].
    pub(super) stranger: u32,
    pub(super) address: u32,
    pub(super) author: u32,
    pub(super) own: Verdict,
}

impl Member {
    pub(super) fn new(sketch: &Sketch, sighting: &Sighting) -> Self {
        Self {
            guid: sighting.guid,
            comment: sighting.comment.0,
            at: sighting.at,
            site: sketch.site,
            stranger: sketch.stranger,
            address: sketch.address,
            author: sketch.author,
            own: sighting.own,
        }
    }

    /// Who speaks.
    pub(super) fn contributor(&self) -> Contributor {
        Contributor::of(self.site, self.stranger)
    }

    /// An author on a site: what they write there a second time is an edit, or at least no new
    /// contributor. Never 0.
    pub(super) fn writer(&self) -> u64 {
        let who = match self.author {
            0 => self.address,
            author => author,
        };
        u64::from(self.site) << 32 | u64::from(who)
    }
}
