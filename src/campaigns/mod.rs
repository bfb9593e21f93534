//! Sketches of comments and the time in, how often nearly the same was seen lately and what that
//! adds to a score out. Pure: it uses no clock and does no I/O, and its memory is bounded.
//!
//! - `contacts`: what stays when a text is rewritten (links, numbers, handles, home page);
//! - `sketch`: what is remembered of a comment;
//! - `index`, `clusters`: the memory; the oldest cluster is forgotten first;
//! - `window_counts`: how many comments, sites, addresses and authors a window has;
//! - `evidence`: what these counts add to the log-odds, and the clues that say so.
//!
//! A site counts as one site where the operator gave it to a key or vouches for the key. Any other
//! key may invent its sites. Of its comments only the newest counts for others, and only beside
//! those of two more such keys. Its labels count for itself alone. For its own comments, all it
//! sends counts in full (docs/DECISIONS.md, "A site counts for campaigns only if its key is
//! trusted").
//!
//! A second comment by the same author on the same site is an edit and no repeat. Noting a comment
//! twice changes nothing. All of this is a cache: it is empty after a restart (docs/DECISIONS.md,
//! "Campaigns are not kept across a restart").

mod cluster;
mod clusters;
mod contacts;
mod evidence;
mod index;
mod labels;
mod sighting;
mod sketch;
mod window_counts;

use crate::comment::CommentId;
use crate::verdict::Label;

pub use evidence::{Campaign, NeighbourEvidence, Outlook};
pub use sighting::{MOST_SIGHTINGS, Sighting};
pub use sketch::Sketch;
pub use window_counts::{WindowCounts, Windows};

use clusters::Clusters;
use evidence::ContactContext;
use sighting::Member;

/// The default memory, in bytes: tables for 114,688 texts and contacts, and room for some 157,000
/// sightings of them (docs/DECISIONS.md, "Campaigns use 32 MiB by default").
pub const DEFAULT_BYTES: usize = 32 << 20;

/// The smallest memory, in bytes. With less, too little is remembered to be useful.
pub const FEWEST_BYTES: usize = 1 << 20;

/// Whether a sighting is remembered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counting {
    /// It counts from now on.
    Noted,
    /// A recheck or a test: it gets the counts and is not remembered.
    Asked,
}

/// The texts and contacts that were seen lately.
#[derive(Debug)]
pub struct Campaigns {
    clusters: Clusters,
    windows: Windows,
}

impl Campaigns {
    /// A memory of this many bytes ([`FEWEST_BYTES`] at least). The memory is reserved at once; the
    /// system provides its pages as they fill.
    pub fn new(most_bytes: usize, windows: Windows) -> Self {
        Self {
            clusters: Clusters::new(most_bytes.max(FEWEST_BYTES)),
            windows,
        }
    }

    /// Notes a sighting, unless it is only asked about. Returns what is known of comments like it,
    /// itself counted.
    pub fn observe(
        &mut self,
        sketch: &Sketch,
        sighting: &Sighting,
        counting: Counting,
    ) -> NeighbourEvidence {
        let me = Member::new(sketch, sighting);
        let text = match (self.clusters.of_text(sketch, me.comment), counting) {
            (Some(found), _) => Some(found),
            (None, Counting::Noted) => self
                .clusters
                .begin_text(sketch)
                .map(|cluster| (cluster, sketch.words)),
            (None, Counting::Asked) => None,
        };
        let mut heard = NeighbourEvidence::default();
        let mut alike = None;
        // The text comes first: a contact counts more where the texts around it are alike.
        if let Some((cluster, shared_words)) = text {
            let counts = self.step(cluster, me, counting);
            let told = self.clusters.labels(cluster).strength(me.contributor());
            let neighbours = self.clusters.neighbours(cluster, me, &self.windows);
            let campaign =
                Campaign::of_text(sketch, &counts, &self.windows, shared_words, neighbours)
                    .told(told);
            alike = Some(counts);
            self.rise(cluster, me, campaign.evidence, counting, &mut heard);
            heard.add_text(campaign, shared_words);
        }
        for contact in &sketch.contacts {
            let cluster = match (self.clusters.of_contact(contact.key), counting) {
                (Some(cluster), _) => cluster,
                (None, Counting::Noted) => self.clusters.begin_contact(contact.key),
                (None, Counting::Asked) => continue,
            };
            let counts = self.step(cluster, me, counting);
            let context = ContactContext {
                neighbours: self.clusters.neighbours(cluster, me, &self.windows),
                alike: alike.as_ref(),
            };
            let told = self.clusters.labels(cluster).strength(me.contributor());
            let campaign =
                Campaign::of_contact(sketch, contact, &counts, &self.windows, &context).told(told);
            self.rise(cluster, me, campaign.evidence, counting, &mut heard);
            heard.add_contact(campaign);
        }
        heard
    }

    /// Notes a member of a cluster and returns the counts of each window, shortest first.
    fn step(
        &mut self,
        cluster: u32,
        me: Member,
        counting: Counting,
    ) -> [WindowCounts; Windows::COUNT] {
        if counting == Counting::Noted {
            self.clusters.note(cluster, me, &self.windows);
        }
        window_counts::count(self.clusters.members(cluster), &me, &self.windows)
    }

    /// When a cluster's evidence reaches a whole log-odd that it never reached before, its earlier
    /// members are listed to be judged again.
    fn rise(
        &mut self,
        cluster: u32,
        me: Member,
        evidence: f64,
        counting: Counting,
        heard: &mut NeighbourEvidence,
    ) {
        if counting == Counting::Noted && self.clusters.climbs(cluster, evidence.floor() as u8) {
            let members = self.clusters.members(cluster).iter().rev();
            let earlier = members
                .filter(|m| m.comment != me.comment && self.windows.longest_holds(me.at, m.at));
            for member in earlier {
                heard.look_again_at(member.guid);
            }
        }
    }

    /// Remembers the label that a comment now has; `None` removes it. A campaign forgets a label
    /// with the cluster.
    pub fn label(&mut self, sketch: &Sketch, comment: CommentId, label: Option<Label>) {
        let text = self
            .clusters
            .of_text(sketch, comment.0)
            .map(|(cluster, _)| cluster);
        let contacts = sketch.contacts.iter();
        let contacts = contacts.filter_map(|contact| self.clusters.of_contact(contact.key));
        let clusters: Vec<u32> = text.into_iter().chain(contacts).collect();
        for cluster in clusters {
            self.clusters
                .label(cluster, sketch.contributor(), comment.0, label);
        }
    }

    /// Number of texts and contacts seen more than once and not forgotten.
    pub fn alive(&self) -> usize {
        self.clusters.alive()
    }

    /// Bytes in use or reserved, without what the allocator adds.
    pub fn bytes(&self) -> usize {
        self.clusters.bytes()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::comment::{Comment, SiteId};
    use crate::text;
    use crate::verdict::Verdict;

    const TEXT: &str = "Vay tiền nhanh trong ngày, không cần thế chấp, lãi suất thấp, chỉ cần chứng minh thư là có tiền";
    const MINUTE: i64 = 60_000;

    /// A comment as a machine would send it: any of them may be missing.
    #[derive(Debug, Clone)]
    struct Sent {
        id: u64,
        site: u8,
        author: u8,
        network: u8,
        at: i64,
        text: String,
    }

    impl Sent {
        fn sketch(&self) -> Sketch {
            let site = SiteId::parse(&format!("site-{}.example", self.site)).expect("a site");
            let mut comment = Comment::from_text(self.text.clone());
            comment.author.name = (self.author > 0).then(|| format!("An {}", self.author));
            comment.request.ip = (self.network > 0).then(|| [198, 51, self.network, 7].into());
            Sketch::of(&site, &comment, &text::read(&comment.text))
        }

        fn observe(&self, campaigns: &mut Campaigns, counting: Counting) -> NeighbourEvidence {
            let sighting = Sighting {
                comment: CommentId(self.id),
                guid: u128::from(self.id),
                at: self.at,
                own: Verdict::Ham,
            };
            campaigns.observe(&self.sketch(), &sighting, counting)
        }

        fn writer(&self) -> (u8, u8, u8) {
            let network = if self.author == 0 { self.network } else { 0 };
            (self.site, self.author, network)
        }
    }

    fn fresh() -> Campaigns {
        Campaigns::new(FEWEST_BYTES, Windows::default())
    }

    fn distinct<T: Ord>(values: impl Iterator<Item = T>) -> u32 {
        values.collect::<std::collections::BTreeSet<T>>().len() as u32
    }

    /// What a list of everything that was ever sent would say.
    fn truth(sent: &[Sent], now: i64, minutes: u32) -> WindowCounts {
        let near = || {
            let holds = move |s: &&Sent| now.abs_diff(s.at) <= u64::from(minutes) * 60_000;
            sent.iter().filter(holds)
        };
        WindowCounts {
            comments: distinct(near().map(Sent::writer)),
            sites: distinct(near().map(|s| s.site)),
            addresses: distinct(near().map(|s| s.network).filter(|&n| n > 0)),
            authors: distinct(near().map(|s| s.author).filter(|&a| a > 0)),
        }
    }

    /// Comments of one text: within a day, at any time, in any order.
    fn copies(most: usize) -> impl Strategy<Value = Vec<Sent>> {
        let one = (0_u8..9, 0_u8..9, 0_u8..9, 0..24 * 60 * MINUTE);
        proptest::collection::vec(one, 1..most).prop_map(|all| {
            let sent = all.into_iter().enumerate();
            sent.map(|(id, (site, author, network, at))| Sent {
                id: id as u64 + 1,
                site,
                author,
                network,
                at,
                text: TEXT.to_owned(),
            })
            .collect()
        })
    }

    /// Any comments: few words, so that they resemble each other, and contacts among them; any
    /// time, so that clocks go backwards and far ahead.
    fn anything(most: usize) -> impl Strategy<Value = Vec<Sent>> {
        let word = prop::sample::select(vec![
            "vay",
            "tien",
            "nhanh",
            "hay",
            "0912000345",
            "0912000346",
            "shop.example",
            "t.me/abcd",
            "cam",
            "on",
            "ban",
            "nhe",
            "xem",
            "phim",
        ]);
        let text = proptest::collection::vec(word, 0..24).prop_map(|words| words.join(" "));
        let time = prop_oneof![4 => 0..48 * 60 * MINUTE, 1 => any::<i64>()];
        let one = (0_u8..5, 0_u8..5, 0_u8..5, time, text);
        proptest::collection::vec(one, 1..most).prop_map(|all| {
            let sent = all.into_iter();
            sent.map(|(site, author, network, at, text)| Sent {
                // Like a `CommentId`: of who and what, not of when.
                id: rapidhash::v3::rapidhash_v3(
                    format!("{site} {author} {network} {text}").as_bytes(),
                ),
                site,
                author,
                network,
                at,
                text,
            })
            .collect()
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn counts_are_exact_up_to_the_bound(sent in copies(MOST_SIGHTINGS)) {
            let mut campaigns = fresh();
            for (at, one) in sent.iter().enumerate() {
                let heard = one.observe(&mut campaigns, Counting::Noted).text.expect("a text");
                for (counts, minutes) in heard.by_window().iter().zip([10, 60, 24 * 60]) {
                    prop_assert_eq!(*counts, truth(&sent[..=at], one.at, minutes));
                }
            }
        }

        #[test]
        fn counts_beyond_the_bound_are_never_above_the_truth_and_sites_stay_exact(sent in copies(4 * MOST_SIGHTINGS)) {
            let mut campaigns = fresh();
            for (at, one) in sent.iter().enumerate() {
                let heard = one.observe(&mut campaigns, Counting::Noted).text.expect("a text");
                let day = heard.by_window()[2];
                let truth = truth(&sent[..=at], one.at, 24 * 60);
                prop_assert_eq!(day.sites, truth.sites);
                prop_assert!(day.comments <= truth.comments && day.addresses <= truth.addresses && day.authors <= truth.authors);
            }
        }

        #[test]
        fn noting_a_comment_again_changes_nothing_and_asking_leaves_no_trace(sent in anything(30)) {
            let mut campaigns = fresh();
            for one in &sent {
                one.observe(&mut campaigns, Counting::Noted);
                let before = campaigns.clusters.clone();
                one.observe(&mut campaigns, Counting::Noted);
                one.observe(&mut campaigns, Counting::Asked);
                Sent { id: 7_777, ..one.clone() }.observe(&mut campaigns, Counting::Asked);
                prop_assert!(campaigns.clusters == before);
            }
        }

        #[test]
        fn the_same_comments_are_heard_the_same(sent in anything(200)) {
            let (mut one, mut other) = (fresh(), fresh());
            for comment in &sent {
                prop_assert_eq!(comment.observe(&mut one, Counting::Noted), comment.observe(&mut other, Counting::Noted));
                prop_assert_eq!(one.bytes(), other.bytes());
            }
        }

        #[test]
        fn an_opposite_label_takes_the_first_back_and_none_takes_all_back(sent in anything(30), first in any::<bool>()) {
            let (first, second) = if first { (Label::Spam, Label::Ham) } else { (Label::Ham, Label::Spam) };
            let mut campaigns = fresh();
            for one in &sent {
                one.observe(&mut campaigns, Counting::Noted);
            }
            let never = campaigns.clusters.clone();
            let one = &sent[sent.len() / 2];
            let mut label = |label| {
                campaigns.label(&one.sketch(), CommentId(one.id), label);
                campaigns.clusters.clone()
            };
            let only_second = label(Some(second));
            prop_assert!(label(None).says_the_same_as(&never));
            label(Some(first));
            prop_assert!(label(Some(second)).says_the_same_as(&only_second));
        }
    }

    #[test]
    fn memory_stays_within_its_bound_and_the_oldest_go_first() {
        for most_bytes in [FEWEST_BYTES, 3 * FEWEST_BYTES] {
            let mut campaigns = Campaigns::new(most_bytes, Windows::default());
            let sent = |n: u64| Sent {
                id: n,
                site: (n % 200) as u8,
                author: (n % 251) as u8,
                network: (n % 241) as u8,
                at: n as i64 * 10,
                // Every third of some campaign, the rest alone in the world; one in seven with a
                // contact.
                text: match n % 21 {
                    0 | 3 | 6 | 9 | 12 | 15 | 18 => {
                        format!("{TEXT} số {}", ["một", "hai", "ba", "bốn"][n as usize % 4])
                    }
                    7 | 14 => format!("gọi 09{:08} nhé em", n),
                    _ => (0..12).map(|word| format!("w{}x{} ", n, word)).collect(),
                },
            };
            let all = most_bytes as u64 / 40;
            for n in 0..all {
                sent(n).observe(&mut campaigns, Counting::Noted);
                assert!(
                    campaigns.bytes() <= most_bytes,
                    "{} of {most_bytes} bytes after {n}",
                    campaigns.bytes()
                );
            }
            campaigns.clusters.recount();
            let is_known = |campaigns: &mut Campaigns, n: u64| {
                sent(n).observe(campaigns, Counting::Asked).text.is_some()
            };
            assert!(is_known(&mut campaigns, all - 2) && is_known(&mut campaigns, all - 20));
            assert!(!is_known(&mut campaigns, 1) && !is_known(&mut campaigns, 22));
            assert!(campaigns.alive() >= 1);
        }
    }

    #[test]
    fn a_day_later_a_campaign_is_over_and_a_clock_set_back_keeps_nothing_for_ever() {
        let sent = |id: u64, at: i64| Sent {
            id,
            site: id as u8,
            author: id as u8,
            network: id as u8,
            at,
            text: TEXT.to_owned(),
        };
        let mut campaigns = fresh();
        let comments = |campaigns: &mut Campaigns, one: Sent| {
            one.observe(campaigns, Counting::Noted)
                .text
                .expect("a text")
                .by_window()[2]
                .comments
        };
        assert_eq!(comments(&mut campaigns, sent(1, 0)), 1);
        assert_eq!(comments(&mut campaigns, sent(2, 24 * 60 * MINUTE)), 2);
        assert_eq!(comments(&mut campaigns, sent(3, 24 * 60 * MINUTE + 1)), 2);
        assert_eq!(comments(&mut campaigns, sent(4, 72 * 60 * MINUTE)), 1);
        // The clock was a year ahead, and is put right.
        assert_eq!(comments(&mut campaigns, sent(5, 365 * 24 * 60 * MINUTE)), 1);
        assert_eq!(comments(&mut campaigns, sent(6, 73 * 60 * MINUTE)), 1);
        assert_eq!(comments(&mut campaigns, sent(7, 73 * 60 * MINUTE - 5)), 2);
        assert_eq!(comments(&mut campaigns, sent(8, i64::MIN)), 1);
        assert_eq!(comments(&mut campaigns, sent(9, i64::MAX)), 1);
    }
}
