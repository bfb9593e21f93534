//! Window counts in, log-odds and clues out: what it means that nearly the same comment was seen so
//! often on so many sites. Pure. It never looks at a text.
//!
//! `evidence = most * spread(sites) * strangers(addresses, authors) * likeness * window * told` in
//! log-odds. All factors but `most` and `told` are 0 to 1. So
//!
//! - a text alone adds little, however long it is, because people copy poems, wishes and jokes; it
//!   adds more if its copies are suspicious by their own words;
//! - a contact adds much if the texts around it are alike, some if they are suspicious by their own
//!   words, and next to nothing otherwise, because people share links;
//! - one sender may be a person who writes on several sites, and adds nothing on two or three;
//! - repeats on one site alone add nothing.
//!
//! The curve was chosen on `phin evaluate --task campaigns` (docs/DECISIONS.md, "A repeat counts as
//! evidence only across sites and senders").

use super::contacts::{Contact, Kind};
use super::sighting::MOST_SIGHTINGS;
use super::sketch::{FEWEST_WORDS, Place, Sketch};
use super::window_counts::{WindowCounts, Windows};
use crate::verdict::{Clue, Cutoffs, Layer, Verdict};

/// Log-odds of a text without a shared contact, at most: less than most ham is below the unsure
/// cutoff.
const MOST_OF_TEXT: f64 = 1.0;
/// The same if all copies are suspicious by their own words, which poems, wishes and jokes are not.
const MOST_OF_DOUBTED_TEXT: f64 = 5.0;
/// Log-odds of a shared contact, at most: about the distance from the unsure to the spam cutoff.
const MOST_OF_CONTACT: f64 = 5.0;
/// The same for a home page. It is less, because the form asks for one.
const MOST_OF_HOME: f64 = 4.0;
/// Log-odds of text and contact together, at most.
const MOST: f64 = 6.0;
/// Evidence below this, in log-odds, is not shown and not counted.
const LEAST: f64 = 0.1;

/// Number of sites from which on the spread is 1.
const WIDE_SPREAD: f64 = 8.0;
/// Number of sites from which on a shared text and contact together may make spam of what the model
/// calls ham.
const WIDE: u32 = 5;
/// Up to this many senders may be one person: one name from three networks is the root of 3, 1.73.
const A_PERSON: f64 = 1.75;
/// Number of shared words from which on length no longer lowers the evidence of a text.
const LONG: f64 = 40.0;

/// The factor of each window, shortest first: copies in a shorter time are clearer evidence.
const WORTH: [f64; Windows::COUNT] = [1.0, 0.85, 0.6];

/// The evidence of one text or contact that was seen again.
#[derive(Debug, Clone, PartialEq)]
pub struct Campaign {
    /// The counts of the window with the most evidence, the comment itself counted.
    pub counts: WindowCounts,
    /// Length of that window, in minutes.
    pub minutes: u32,
    /// Log-odds, not negative.
    pub evidence: f64,
    /// The contact; `None` if it is the text.
    pub contact: Option<Box<str>>,
    /// Counts of all windows, shortest first.
    by_window: [WindowCounts; Windows::COUNT],
    /// Whether similar texts share the contact on many sites.
    wide: bool,
}

/// The verdicts of the other members by their own words, without their campaign, as shares 0 to 1.
#[derive(Debug, Clone, Copy)]
pub(super) struct NeighbourVerdicts {
    /// The share that is not ham; the unsure count half.
    pub(super) doubted: f64,
    /// The share that is spam.
    pub(super) spam: f64,
}

/// What is known of the other comments with a contact.
pub(super) struct ContactContext<'a> {
    pub(super) neighbours: NeighbourVerdicts,
    /// The window counts of similar texts, shortest first.
    pub(super) alike: Option<&'a [WindowCounts; Windows::COUNT]>,
}

/// The factor of the number of sites, 0 to 1: a logarithm that reaches 1 at eight sites.
fn spread(counts: &WindowCounts) -> f64 {
    match counts.sites {
        0 => 0.0,
        // Repeats on one site add nothing, unless many different senders repeat there.
        1 if counts.addresses >= 4 && counts.authors >= 4 => 0.15,
        1 => 0.0,
        sites => (f64::from(sites).ln() / WIDE_SPREAD.ln()).min(1.0),
    }
}

/// The factor of the senders, 0 to 1: whether they are different people. A person has one name and
/// an address or two; a machine changes one or both.
fn strangers(counts: &WindowCounts, place: Place) -> f64 {
    let senders = match (counts.addresses, counts.authors) {
        // Nothing is known of them: counted as two senders.
        (0, 0) => 2.0,
        (0, known) | (known, 0) => f64::from(known),
        // The geometric mean: a machine that changes only its name or only its address gains
        // little.
        (addresses, authors) => (f64::from(addresses) * f64::from(authors)).sqrt(),
    };
    if senders > A_PERSON {
        return ((senders - A_PERSON) / 2.0).min(1.0);
    }
    // One sender on several sites at once. A pingback is always that, so it adds nothing.
    match place {
        Place::Open | Place::Form if counts.sites >= 4 => 0.2,
        _ => 0.0,
    }
}

impl Campaign {
    fn best(
        sketch: &Sketch,
        counts: &[WindowCounts; Windows::COUNT],
        windows: &Windows,
        most: impl Fn(usize) -> f64,
    ) -> Self {
        let evidence = |at: usize| {
            most(at) * spread(&counts[at]) * strangers(&counts[at], sketch.place) * WORTH[at]
        };
        let mut best = 0;
        for at in 1..Windows::COUNT {
            if evidence(at) > evidence(best) {
                best = at;
            }
        }
        Self {
            counts: counts[best],
            minutes: windows.minutes()[best],
            evidence: evidence(best),
            contact: None,
            by_window: *counts,
            wide: false,
        }
    }

    /// The evidence of a text that was seen again; `shared_words` of its words are the same.
    pub(super) fn of_text(
        sketch: &Sketch,
        counts: &[WindowCounts; Windows::COUNT],
        windows: &Windows,
        shared_words: u16,
        neighbours: NeighbourVerdicts,
    ) -> Self {
        let fewest = f64::from(FEWEST_WORDS);
        let length = ((f64::from(shared_words) - fewest) / (LONG - fewest)).clamp(0.0, 1.0);
        let most = match sketch.place {
            Place::Open | Place::Pingback => {
                MOST_OF_TEXT + (MOST_OF_DOUBTED_TEXT - MOST_OF_TEXT) * neighbours.doubted
            }
            // In a contact form the text is the platform's template.
            Place::Form => 0.0,
        };
        Self::best(sketch, counts, windows, |_| most * length)
    }

    /// The evidence of a contact that was seen again.
    pub(super) fn of_contact(
        sketch: &Sketch,
        contact: &Contact,
        counts: &[WindowCounts; Windows::COUNT],
        windows: &Windows,
        context: &ContactContext<'_>,
    ) -> Self {
        // Links count only spam neighbours: a comment with a link is often unsure and seldom spam,
        // and a page that people talk about has unsure neighbours. A person's own number has none
        // of these. The bases are .05 and not .1, because shared links then made more honest
        // comments spam (docs/DECISIONS.md, "A repeat counts as evidence only across sites and
        // senders").
        let (most, base, neighbours) = match contact.kind {
            Kind::Person => (MOST_OF_CONTACT, 0.3, context.neighbours.doubted),
            Kind::Link => (MOST_OF_CONTACT, 0.05, context.neighbours.spam),
            Kind::Home => (MOST_OF_HOME, 0.05, context.neighbours.spam),
        };
        let alike = |at: usize| {
            let texts = context.alike.map_or(0, |counts| counts[at].sites);
            match counts[at].sites {
                // On one site: several senders in a row, all with the same text.
                1 => f64::from(u8::from(context.alike.is_some_and(|c| c[at].authors >= 4))),
                sites => {
                    f64::from(texts.saturating_sub(1)) / f64::from(sites.saturating_sub(1).max(1))
                }
            }
            .min(1.0)
        };
        // The neighbours' share counts half: anybody can put an honest link beside spam.
        let likeness = |at: usize| alike(at).max(base).max(neighbours / 2.0);
        let mut campaign = Self::best(sketch, counts, windows, |at| most * likeness(at));
        let wide = |at: usize| {
            let texts = context.alike.map_or(0, |counts| counts[at].sites);
            texts.min(counts[at].sites) >= WIDE && strangers(&counts[at], sketch.place) >= 0.5
        };
        campaign.wide = (0..Windows::COUNT).any(wide);
        campaign.contact = Some(contact.name.clone());
        campaign
    }

    /// The same after labels of its members (`labels`).
    pub(super) fn told(mut self, strength: f64) -> Self {
        self.evidence *= strength;
        self.wide &= strength >= 1.0;
        self
    }

    /// The counts of each window, shortest first.
    pub fn by_window(&self) -> &[WindowCounts; Windows::COUNT] {
        &self.by_window
    }

    /// The text of the clue in English:
    pub fn reason_en(&self) -> String {
        let what = match self.contact {
            None => "similar comments",
            Some(_) => "comments with this contact",
        };
        let WindowCounts {
            comments, sites, ..
        } = self.counts;
        let s = if sites == 1 { "" } else { "s" };
        let window = match self.minutes {
            60 => "1 hour".to_owned(),
            1 => "1 minute".to_owned(),
            minutes if minutes % 60 == 0 => format!("{} hours", minutes / 60),
            minutes => format!("{minutes} minutes"),
        };
        format!("{comments} {what} on {sites} site{s} in {window}")
    }

    /// The same in Vietnamese: `3 bình luận tương tự trên 2 trang trong 10 phút`.
    pub fn reason_vi(&self) -> String {
        let what = match self.contact {
            None => "bình luận tương tự",
            Some(_) => "bình luận có liên hệ này",
        };
        let WindowCounts {
            comments, sites, ..
        } = self.counts;
        let window = match self.minutes {
            minutes if minutes % 60 == 0 => format!("{} giờ", minutes / 60),
            minutes => format!("{minutes} phút"),
        };
        format!("{comments} {what} trên {sites} trang trong {window}")
    }

    fn clue(&self, weight: f64) -> Clue {
        Clue {
            reason: self.reason_en().into(),
            reason_vi: self.reason_vi().into(),
            text: self.contact.as_deref().unwrap_or("").to_owned(),
            weight,
            layer: Layer::Shared,
            place: None,
        }
    }
}

/// Whether the verdict may change within minutes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Outlook {
    /// No other was seen lately.
    #[default]
    Settled,
    /// Others like it came in the shortest window: in some minutes more will be known.
    MoreExpected,
}

/// What is known of comments like this one.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NeighbourEvidence {
    /// The evidence of its text.
    pub text: Option<Campaign>,
    /// The evidence of the contact that has most.
    pub contact: Option<Campaign>,
    /// Whether more is expected.
    pub outlook: Outlook,
    /// Ids of the checks of earlier members to be judged again, latest first. Filled when a
    /// campaign's evidence reaches the next whole log-odd.
    pub look_again: Vec<u128>,
}

impl NeighbourEvidence {
    pub(super) fn add_text(&mut self, campaign: Campaign, shared_words: u16) {
        if shared_words >= FEWEST_WORDS {
            self.set_outlook(&campaign);
        }
        self.text = Some(campaign);
    }

    pub(super) fn add_contact(&mut self, campaign: Campaign) {
        self.set_outlook(&campaign);
        let means_more =
            |best: &Campaign| (campaign.evidence, campaign.wide) > (best.evidence, best.wide);
        if self.contact.as_ref().is_none_or(means_more) {
            self.contact = Some(campaign);
        }
    }

    fn set_outlook(&mut self, campaign: &Campaign) {
        if campaign.by_window[0].comments > 1 {
            self.outlook = Outlook::MoreExpected;
        }
    }

    pub(super) fn look_again_at(&mut self, guid: u128) {
        if self.look_again.len() < MOST_SIGHTINGS && !self.look_again.contains(&guid) {
            self.look_again.push(guid);
        }
    }

    /// The clues to add to a comment's own log-odds. They can raise ham to unsure and unsure to
    /// spam. They raise ham to spam only where similar texts share a contact on many sites. They
    /// never reach the discard cutoff.
    pub fn clues(&self, own_log_odds: f64, cutoffs: &Cutoffs) -> Vec<Clue> {
        let heard = [&self.text, &self.contact].into_iter().flatten();
        let heard: Vec<&Campaign> = heard.filter(|c| c.evidence >= LEAST).collect();
        let all: f64 = heard.iter().map(|c| c.evidence).sum();
        let wide = heard.iter().any(|c| c.wide);
        let ceiling = match cutoffs.judge(own_log_odds) {
            Verdict::Ham if !wide => cutoffs.spam,
            _ => cutoffs.discard,
        };
        // A little less than the ceiling, so that rounding cannot reach it.
        let room = ceiling - 1e-6 * (1.0 + ceiling.abs()) - own_log_odds;
        let weight = all.min(MOST).min(room);
        if weight <= 0.0 {
            return Vec::new();
        }
        let clues = heard.iter().map(|c| c.clue(c.evidence / all * weight));
        clues.collect()
    }
}
