//! One cluster: the sightings of one text or contact, and which of them gives way to a newcomer.
//! What holds clusters together, and how many, is the business of `clusters`.

use super::labels::Labels;
use super::sighting::{MOST_SIGHTINGS, Member};
use super::sketch::{BINS, Contributor};
use super::window_counts::Windows;

/// What is known of one text or one contact.
#[derive(Debug)]
#[cfg_attr(test, derive(Clone, PartialEq))]
pub(super) struct Cluster {
    /// Of a text: its first copy. Later ones are compared with that and nothing else, so a campaign
    /// cannot wander.
    pub(super) bins: [u8; BINS],
    /// Of a contact; 0 for a text.
    pub(super) contact: u64,
    /// In order of arrival.
    pub(super) members: Vec<Member>,
    pub(super) labels: Labels,
    /// What of this is on the heap, as it was last counted.
    pub(super) heap_bytes: usize,
    /// Highest step its evidence stood on.
    pub(super) climbed: u8,
    pub(super) newer: u32,
    pub(super) older: u32,
}

/// Drops those that are too old, else the oldest of the contributor that has most, the newcomer
/// counted.
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
    // Of equals the first, which is the oldest.
    let floods: Vec<usize> = members
        .iter()
        .map(|m| of_contributor(m.contributor()))
        .collect();
    let most = floods.iter().copied().max().unwrap_or(0);
    if let Some(oldest) = floods.iter().position(|&flood| flood == most) {
        members.remove(oldest);
    }
}
