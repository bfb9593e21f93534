//! Members and labels in, the memory of clusters out: one for each text and each contact seen
//! lately, with its last sightings and its labels. It is never larger than its bound. When room is
//! needed, the cluster that was quiet for longest is forgotten whole.

use std::collections::HashMap;

use super::cluster::{Cluster, make_room};
use super::evidence::NeighbourVerdicts;
use super::index::{Index, MOST_PLACES};
use super::labels::Labels;
use super::sighting::{MOST_SIGHTINGS, Member};
use super::sketch::{BINS, Contributor, Sketch, TextSketch};
use super::window_counts::{self, Windows};
use crate::verdict::{Label, Verdict};

/// Two texts belong to one campaign if this share of their word pairs is the same. A copy with
/// every seventh word changed keeps .56 of them, two comments on one subject less than .05
/// (docs/DECISIONS.md, "Near copies are found by 32 minima of word pairs").
const LIKENESS: f64 = 0.3;

const NONE: u32 = u32::MAX;

/// All clusters.
#[derive(Debug)]
#[cfg_attr(test, derive(Clone, PartialEq))]
pub(super) struct Clusters {
    slots: Vec<Cluster>,
    /// The first free slot; free slots are a list linked by `older`.
    free: u32,
    most_clusters: usize,
    newest: u32,
    oldest: u32,
    texts: Index,
    contacts: HashMap<u64, u32>,
    alive: usize,
    /// Bytes of the tables, which are reserved once.
    fixed_bytes: usize,
    /// Bytes of members and labels, which grow and shrink.
    member_bytes: usize,
    most_member_bytes: usize,
}

/// Buckets of the index for each cluster. A bucket has four entries, and a text writes one for each
/// of its sixteen bands.
const BUCKETS_PER_CLUSTER: usize = 4;

/// Bytes of all tables for this number of slots, a power of two. Seven eighths of the slots are
/// used, because the standard hash map becomes no fuller before it grows.
fn table_bytes(slots: usize) -> usize {
    let map = slots * (size_of::<(u64, u32)>() + 1) + 64;
    slots * 7 / 8 * size_of::<Cluster>() + map + Index::bytes_of(BUCKETS_PER_CLUSTER * slots)
}

impl Clusters {
    pub(super) fn new(most_bytes: usize) -> Self {
        // At least one member for each slot must fit beside the tables.
        let enough = |slots: usize| table_bytes(slots) + slots * size_of::<Member>() <= most_bytes;
        let mut slots = 1 << 8;
        while enough(slots * 2) && slots * 2 * 7 / 8 <= MOST_PLACES {
            slots *= 2;
        }
        let most_clusters = slots * 7 / 8;
        let fixed_bytes = table_bytes(slots);
        Self {
            slots: Vec::with_capacity(most_clusters),
            free: NONE,
            most_clusters,
            newest: NONE,
            oldest: NONE,
            texts: Index::new(BUCKETS_PER_CLUSTER * slots),
            contacts: HashMap::with_capacity(most_clusters),
            alive: 0,
            fixed_bytes,
            member_bytes: 0,
            most_member_bytes: most_bytes.saturating_sub(fixed_bytes),
        }
    }

    pub(super) fn bytes(&self) -> usize {
        self.fixed_bytes + self.member_bytes
    }

    pub(super) fn alive(&self) -> usize {
        self.alive
    }

    pub(super) fn members(&self, cluster: u32) -> &[Member] {
        &self.slots[cluster as usize].members
    }

    pub(super) fn labels(&self, cluster: u32) -> &Labels {
        &self.slots[cluster as usize].labels
    }

    /// The cluster whose text is most like this one, and how many words they share. A cluster that
    /// already has this comment comes first.
    pub(super) fn of_text(&self, sketch: &Sketch, comment: u64) -> Option<(u32, u16)> {
        let text = sketch.text.as_ref()?;
        // Bands may lead to 64 places; 32 different ones are compared, so that a check has a
        // bounded cost.
        let mut seen = [NONE; 32];
        let mut looked_at = 0;
        let mut best: Option<(bool, f64, u32)> = None;
        for place in text.bands.iter().flat_map(|&key| self.texts.places(key)) {
            if looked_at == seen.len() || seen[..looked_at].contains(&place) {
                continue;
            }
            seen[looked_at] = place;
            looked_at += 1;
            let Some(cluster) = self.slots.get(place as usize) else {
                continue;
            };
            if cluster.contact != 0 || cluster.members.is_empty() {
                continue;
            }
            let likeness = TextSketch::likeness(&text.bins, &cluster.bins);
            if likeness >= LIKENESS {
                let has = cluster.members.iter().any(|m| m.comment == comment);
                let found = (has, likeness, place);
                if best.is_none_or(|best| (found.0, found.1) > (best.0, best.1)) {
                    best = Some(found);
                }
            }
        }
        best.map(|(_, likeness, place)| {
            // For two texts of `n` words that share `s`, likeness is `s / (2n - s)`; solved for
            // `s`.
            let shared = f64::from(sketch.words) * 2.0 * likeness / (1.0 + likeness);
            (place, shared as u16)
        })
    }

    /// The cluster of a contact.
    pub(super) fn of_contact(&self, key: u64) -> Option<u32> {
        self.contacts.get(&key).copied()
    }

    /// A new cluster for a text, if it has one.
    pub(super) fn begin_text(&mut self, sketch: &Sketch) -> Option<u32> {
        let text = sketch.text.as_ref()?;
        let place = self.begin(text.bins, 0);
        for &key in &text.bands {
            self.texts.put(key, place);
        }
        Some(place)
    }

    /// A new cluster for a contact.
    pub(super) fn begin_contact(&mut self, key: u64) -> u32 {
        let place = self.begin([0; BINS], key);
        self.contacts.insert(key, place);
        place
    }

    fn begin(&mut self, bins: [u8; BINS], contact: u64) -> u32 {
        let fresh = Cluster {
            bins,
            contact,
            members: Vec::new(),
            labels: Labels::default(),
            heap_bytes: 0,
            climbed: 0,
            newer: NONE,
            older: NONE,
        };
        if self.free == NONE && self.slots.len() == self.most_clusters {
            self.forget(self.oldest);
        }
        let place = match self.free {
            NONE => {
                self.slots.push(fresh);
                self.slots.len() as u32 - 1
            }
            free => {
                self.free = self.slots[free as usize].older;
                self.slots[free as usize] = fresh;
                free
            }
        };
        self.link_newest(place);
        place
    }

    /// Notes a member; one that is there already changes nothing. A cluster without a member in the
    /// longest window begins anew, without its old labels.
    pub(super) fn note(&mut self, place: u32, me: Member, windows: &Windows) {
        let cluster = &mut self.slots[place as usize];
        if cluster.members.iter().any(|m| m.comment == me.comment) {
            return;
        }
        let was_alive = cluster.members.len() > 1;
        if cluster
            .members
            .last()
            .is_some_and(|m| !windows.longest_holds(me.at, m.at))
        {
            cluster.members.clear();
            cluster.labels = Labels::default();
            cluster.climbed = 0;
        }
        if cluster.members.len() == MOST_SIGHTINGS {
            make_room(&mut cluster.members, &me, windows);
        }
        if cluster.members.len() == cluster.members.capacity() {
            let more = cluster.members.len().max(1);
            cluster.members.reserve_exact(more);
        }
        cluster.members.push(me);
        let is_alive = cluster.members.len() > 1;
        self.alive = self.alive + usize::from(is_alive) - usize::from(was_alive);
        self.measure(place);
        self.unlink(place);
        self.link_newest(place);
        self.sweep(me.at, windows);
    }

    /// Remembers the label of a comment, if it is a member.
    pub(super) fn label(
        &mut self,
        place: u32,
        contributor: Contributor,
        comment: u64,
        label: Option<Label>,
    ) {
        let cluster = &mut self.slots[place as usize];
        if cluster.members.iter().any(|m| m.comment == comment) {
            cluster.labels.set(contributor, comment, label);
            self.measure(place);
            self.sweep_for_room();
        }
    }

    /// The verdicts of the other members by their own words.
    pub(super) fn neighbours(
        &self,
        place: u32,
        me: Member,
        windows: &Windows,
    ) -> NeighbourVerdicts {
        let longest = windows.minutes()[Windows::COUNT - 1];
        let members = window_counts::heard_by(self.members(place), &me, longest);
        let others = members.filter(|m| m.writer() != me.writer());
        let (mut all, mut unsure, mut spam) = (0.0_f64, 0.0, 0.0);
        for other in others {
            all += 1.0;
            match other.own {
                Verdict::Ham => {}
                Verdict::Unsure => unsure += 1.0,
                Verdict::Spam | Verdict::Discard => spam += 1.0,
            }
        }
        NeighbourVerdicts {
            doubted: (unsure / 2.0 + spam) / all.max(1.0),
            spam: spam / all.max(1.0),
        }
    }

    /// Whether a cluster's evidence reaches a higher step than ever before; true once for each
    /// step.
    pub(super) fn climbs(&mut self, place: u32, step: u8) -> bool {
        let climbed = &mut self.slots[place as usize].climbed;
        let higher = step > *climbed;
        *climbed = step.max(*climbed);
        higher
    }

    /// Measures the heap memory of a cluster again and corrects the sum of all clusters.
    fn measure(&mut self, place: u32) {
        let cluster = &mut self.slots[place as usize];
        let before = cluster.heap_bytes;
        cluster.heap_bytes =
            cluster.members.capacity() * size_of::<Member>() + cluster.labels.heap_bytes();
        self.member_bytes = self.member_bytes + cluster.heap_bytes - before;
    }

    /// Forgets clusters that are older than the longest window, and those there is no room for. Two
    /// old ones at most for each call, so that no check pays for many.
    fn sweep(&mut self, now: i64, windows: &Windows) {
        for _ in 0..2 {
            let Some(oldest) = self.slots.get(self.oldest as usize) else {
                break;
            };
            match oldest.members.last() {
                Some(last) if windows.longest_holds(now, last.at) => break,
                _ => self.forget(self.oldest),
            }
        }
        self.sweep_for_room();
    }

    fn sweep_for_room(&mut self) {
        while self.member_bytes > self.most_member_bytes && self.oldest != self.newest {
            self.forget(self.oldest);
        }
    }

    fn forget(&mut self, place: u32) {
        self.unlink(place);
        let cluster = &mut self.slots[place as usize];
        self.member_bytes -= std::mem::take(&mut cluster.heap_bytes);
        self.alive -= usize::from(cluster.members.len() > 1);
        if cluster.contact != 0 {
            self.contacts.remove(&cluster.contact);
        }
        cluster.members = Vec::new();
        cluster.labels = Labels::default();
        cluster.older = self.free;
        self.free = place;
    }

    fn unlink(&mut self, place: u32) {
        let (newer, older) = {
            let cluster = &self.slots[place as usize];
            (cluster.newer, cluster.older)
        };
        match newer {
            NONE => self.newest = older,
            newer => self.slots[newer as usize].older = older,
        }
        match older {
            NONE => self.oldest = newer,
            older => self.slots[older as usize].newer = newer,
        }
    }

    fn link_newest(&mut self, place: u32) {
        let older = self.newest;
        self.slots[place as usize].newer = NONE;
        self.slots[place as usize].older = older;
        match older {
            NONE => self.oldest = place,
            older => self.slots[older as usize].newer = place,
        }
        self.newest = place;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Clusters {
        /// Counts again what is kept as a running sum.
        pub(in crate::campaigns) fn recount(&self) {
            let members: usize = self
                .slots
                .iter()
                .map(|t| t.members.capacity() * size_of::<Member>() + t.labels.heap_bytes())
                .sum();
            assert_eq!(members, self.member_bytes);
            let alive = self.slots.iter().filter(|t| t.members.len() > 1).count();
            assert_eq!(alive, self.alive);
            let contacts = self
                .slots
                .iter()
                .filter(|t| t.contact != 0 && !t.members.is_empty())
                .count();
            assert_eq!(contacts, self.contacts.len());
            assert!(
                self.slots.capacity() == self.most_clusters
                    && self.contacts.capacity() * 8 / 7 * (size_of::<(u64, u32)>() + 1)
                        <= self.fixed_bytes
            );
        }

        /// Whether every cluster has the same contributor.
        pub(in crate::campaigns) fn says_the_same_as(&self, other: &Self) -> bool {
            let strengths = |clusters: &Self| -> Vec<(u64, Vec<f64>)> {
                let slots = clusters.slots.iter();
                slots
                    .map(|t| {
                        (
                            t.contact,
                            t.members
                                .iter()
                                .map(|m| t.labels.strength(m.contributor()))
                                .collect(),
                        )
                    })
                    .collect()
            };
            strengths(self) == strengths(other)
        }
    }

    #[test]
    fn the_default_memory_is_what_is_said_of_it() {
        let clusters = Clusters::new(crate::campaigns::DEFAULT_BYTES);
        assert_eq!(clusters.most_clusters, 114_688);
        let sightings = clusters.most_member_bytes / size_of::<Member>();
        assert!((150_000..165_000).contains(&sightings), "{sightings}");
        assert!(clusters.bytes() <= crate::campaigns::DEFAULT_BYTES);
        clusters.recount();
    }

    #[test]
    fn a_flood_on_one_site_hides_no_other() {
        let member = |n: u64, site: u32| Member {
            guid: u128::from(n),
            comment: n,
            at: 0,
            site,
            stranger: 0,
            address: 1,
            author: n as u32 + 1,
            own: Verdict::Ham,
        };
        let mut clusters = Clusters::new(1 << 20);
        let windows = Windows::default();
        let place = clusters.begin_contact(7);
        for n in 0..5 {
            clusters.note(place, member(n, n as u32 + 1), &windows);
        }
        for n in 5..500 {
            clusters.note(place, member(n, 99), &windows);
        }
        let sites: std::collections::HashSet<u32> =
            clusters.members(place).iter().map(|m| m.site).collect();
        assert_eq!(
            (sites.len(), clusters.members(place).len()),
            (6, MOST_SIGHTINGS)
        );
    }
}
