//! When and where a comment was checked, as it comes in and as a cluster keeps it. Types alone:
//! nothing is computed.

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
    /// When, in milliseconds since 1970. It may be earlier than that of the sighting before.
    pub at: i64,
    /// The verdict without its campaign.
    pub own: Verdict,
}

/// At most this many sightings of one cluster are kept. Of more, those of the contributor with most
/// (a site, or a key that names sites) are forgotten first, so that a flood hides no other
/// contributor.
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

    /// The contributor of this sighting.
    pub(super) fn contributor(&self) -> Contributor {
        Contributor::of(self.site, self.stranger)
    }

    /// A key for an author on a site, never 0: a second comment of theirs there is an edit, or at
    /// least no new contributor. Without an author it is the address.
    pub(super) fn writer(&self) -> u64 {
        let who = match self.author {
            0 => self.address,
            author => author,
        };
        u64::from(self.site) << 32 | u64::from(who)
    }
}
