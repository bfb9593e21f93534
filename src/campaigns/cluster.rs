//! Sightings of one text or contact in, which of them are kept out. A cluster never knows of other
//! clusters; `clusters` does.

use super::labels::Labels;
use super::sighting::{MOST_SIGHTINGS, Member};
use super::sketch::{BINS, Contributor};
use super::window_counts::Windows;

/// What is known of one text or one contact.
#[derive(Debug)]
#[cfg_attr(test, derive(Clone, PartialEq))]
pub(super) struct Cluster {
    /// For a text: the sketch of its first copy. Later copies are compared with that one alone, so
    /// a campaign cannot drift to other texts.
    pub(super) bins: [u8; BINS],
    /// The key of a contact; 0 for a text.
    pub(super) contact: u64,
    /// In the order of arrival, at most `MOST_SIGHTINGS`.
    pub(super) members: Vec<Member>,
    pub(super) labels: Labels,
    /// Bytes on the heap, as last measured.
    pub(super) heap_bytes: usize,
    /// The highest whole log-odd that its evidence reached.
    pub(super) climbed: u8,
    pub(super) newer: u32,
    pub(super) older: u32,
}

/// Makes room for one more: drops members that are too old, else the oldest of the contributor that
/// has most, the new one counted. So a flood of one contributor pushes out its own members only.
pub(super) fn make_room(members: &mut Vec<Member>, newcomer: &Member, windows: &Windows) {
    members.retain(|m| windows.longest_holds(newcomer.at, m.at));
    if members.len() < MOST_SIGHTINGS {
        return;
    }
    let of_contributor = |contributor: Contributor| {
        let kept = members
            .iter()
            .filter(|m| m.contributor() == contributor)
            .count();
        kept + usize::from(newcomer.contributor() == contributor)
    };
    // `position` finds the first of the largest, which is the oldest.
    let floods: Vec<usize> = members
        .iter()
        .map(|m| of_contributor(m.contributor()))
        .collect();
    let most = floods.iter().copied().max().unwrap_or(0);
    if let Some(oldest) = floods.iter().position(|&flood| flood == most) {
        members.remove(oldest);
    }
}
