//! Counts of windows in, log-odds and words out: what it means that so many said nearly the same in
//! so many places. Pure.
//!
//! `evidence = most * spread(sites) * strangers(addresses, authors) * likeness * window * told`,
//! and
//!
//! - a text alone has little to say, however long it is, for people copy poems, wishes and jokes;
//!   more if its copies are suspicious by themselves;
//! - a contact has much to say if the texts around it are alike, some if they are suspicious by
//!   themselves, next to nothing otherwise: people share links;
//! - one sender is a person on several sites, and has nothing to say on two or three;
//! - one site is that site's own affair.
//!
//! The curve was chosen on `phin evaluate --task campaigns` (docs/DECISIONS.md).

use super::contacts::{Contact, Kind};
use super::sighting::MOST_SIGHTINGS;
use super::sketch::{FEWEST_WORDS, Place, Sketch};
use super::window_counts::{WindowCounts, Windows};
use crate::verdict::{Clue, Cutoffs, Layer, Verdict};

/// Log-odds of a text without a shared contact, at most: less than lies between most ham and doubt.
const MOST_OF_TEXT: f64 = 1.0;
/// The same if all copies are suspicious by their own words: poems, wishes and jokes are not.
const MOST_OF_DOUBTED_TEXT: f64 = 5.0;
/// Log-odds of a shared contact, at most: about what lies between doubt and spam.
const MOST_OF_CONTACT: f64 = 5.0;
/// The same for a home page, which the form asks for.
const MOST_OF_HOME: f64 = 4.0;
/// Log-odds of all together, at most.
const MOST: f64 = 6.0;
/// Evidence below this is not worth a word.
const LEAST: f64 = 0.1;

/// Sites on which all of it is said.
const WIDE_SPREAD: f64 = 8.0;
/// Sites from which a shared text and contact may make spam of what was ham by itself.
const WIDE: u32 = 5;
/// Senders one person may look like: one name from three networks is 1.73.
const A_PERSON: f64 = 1.75;
/// Words from which a text is fully its own.
const LONG: f64 = 40.0;

/// What each window's evidence is worth: the faster, the surer.
const WORTH: [f64; Windows::COUNT] = [1.0, 0.85, 0.6];

/// What a text or a contact seen again means.
#[derive(Debug, Clone, PartialEq)]
pub struct Campaign {
    /// Who was counted, the comment itself among them.
    pub counts: WindowCounts,
    /// In how many minutes.
    pub minutes: u32,
    /// Log-odds, not negative.
    pub evidence: f64,
    /// The contact; `None` if it is the text.
    pub contact: Option<Box<str>>,
    /// Counts of all windows.
    by_window: [WindowCounts; Windows::COUNT],
    /// Whether the contact is shared by like texts on many sites.
    wide: bool,
}

/// What the others are by their own words, without their campaign.
#[derive(Debug, Clone, Copy)]
pub(super) struct NeighbourVerdicts {
    /// The share that is not ham; the unsure count half.
    pub(super) doubted: f64,
    /// The share that is spam.
    pub(super) spam: f64,
}

/// What the others around a contact are.
pub(super) struct ContactContext<'a> {
    pub(super) neighbours: NeighbourVerdicts,
    /// The counts of like texts.
    pub(super) alike: Option<&'a [WindowCounts; Windows::COUNT]>,
}

/// How far a number of sites reaches, 0 to 1.
fn spread(counts: &WindowCounts) -> f64 {
    match counts.sites {
        0 => 0.0,
        // One site's own affair, unless strangers stand in line there.
        1 if counts.addresses >= 4 && counts.authors >= 4 => 0.15,
        1 => 0.0,
        sites => (f64::from(sites).ln() / WIDE_SPREAD.ln()).min(1.0),
    }
}

/// How far the senders are strangers to each other, 0 to 1. A person has one name and an address or
/// two; a machine changes one or both.
fn strangers(counts: &WindowCounts, place: Place) -> f64 {
    let senders = match (counts.addresses, counts.authors) {
        // Nothing is known of them: believed as little as two.
        (0, 0) => 2.0,
        (0, known) | (known, 0) => f64::from(known),
        (addresses, authors) => (f64::from(addresses) * f64::from(authors)).sqrt(),
    };
    if senders > A_PERSON {
        return ((senders - A_PERSON) / 2.0).min(1.0);
    }
    // One sender, everywhere at once. A pingback is just that.
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

    /// What a text seen again means. `shared_words` of it are the same.
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
            // The form writes the text, not the people.
            Place::Form => 0.0,
        };
        Self::best(sketch, counts, windows, |_| most * length)
    }

    /// What a contact seen again means.
    pub(super) fn of_contact(
        sketch: &Sketch,
        contact: &Contact,
        counts: &[WindowCounts; Windows::COUNT],
        windows: &Windows,
        context: &ContactContext<'_>,
    ) -> Self {
        // A comment with a link is often doubted and seldom spam, a page that people talk about has
        // doubtful neighbours, and nobody's number is.
        let (most, base, neighbours) = match contact.kind {
            Kind::Person => (MOST_OF_CONTACT, 0.3, context.neighbours.doubted),
            Kind::Link => (MOST_OF_CONTACT, 0.05, context.neighbours.spam),
            Kind::Home => (MOST_OF_HOME, 0.05, context.neighbours.spam),
        };
        let alike = |at: usize| {
            let texts = context.alike.map_or(0, |counts| counts[at].sites);
            match counts[at].sites {
                // Strangers in line on one site, all with the same text.
                1 => f64::from(u8::from(context.alike.is_some_and(|c| c[at].authors >= 4))),
                sites => {
                    f64::from(texts.saturating_sub(1)) / f64::from(sites.saturating_sub(1).max(1))
                }
            }
            .min(1.0)
        };
        // Bad neighbours count half: anybody can put an honest link beside spam.
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

    /// The same after people spoke of its members.
    pub(super) fn told(mut self, strength: f64) -> Self {
        self.evidence *= strength;
        self.wide &= strength >= 1.0;
        self
    }

    /// Who stands in each window, shortest first.
    pub fn by_window(&self) -> &[WindowCounts; Windows::COUNT] {
        &self.by_window
    }

    /// The clue's words in English: `3 similar comments on 2 sites in 10 minutes`.
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
            reason: self.reason_en(),
            reason_vi: self.reason_vi(),
            text: self.contact.as_deref().unwrap_or("").to_owned(),
            weight,
            layer: Layer::Shared,
            place: None,
        }
    }
}

/// Whether a verdict may soon be a surer one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Outlook {
    /// Nothing is under way.
    #[default]
    Settled,
    /// Others like it came in the shortest window: in some minutes more is known.
    MoreExpected,
}

/// What is known of a comment's like.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NeighbourEvidence {
    /// What its text means.
    pub text: Option<Campaign>,
    /// What the contact that means most means.
    pub contact: Option<Campaign>,
    /// Whether more is expected.
    pub outlook: Outlook,
    /// Checks of earlier members that deserve another look, latest first: filled when a campaign's
    /// evidence climbs a step of 1.
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

    /// The clues to add to a comment's own log-odds. They can lift ham to unsure, unsure to spam,
    /// and ham to spam only where like texts share a contact on many sites; they never reach
    /// `discard`.
    pub fn clues(&self, own_log_odds: f64, cutoffs: &Cutoffs) -> Vec<Clue> {
        let heard = [&self.text, &self.contact].into_iter().flatten();
        let heard: Vec<&Campaign> = heard.filter(|c| c.evidence >= LEAST).collect();
        let all: f64 = heard.iter().map(|c| c.evidence).sum();
        let wide = heard.iter().any(|c| c.wide);
        let ceiling = match cutoffs.judge(own_log_odds) {
            Verdict::Ham if !wide => cutoffs.spam,
            _ => cutoffs.discard,
        };
        // A little less, so that no rounding carries it over.
        let room = ceiling - 1e-6 * (1.0 + ceiling.abs()) - own_log_odds;
        let weight = all.min(MOST).min(room);
        if weight <= 0.0 {
            return Vec::new();
        }
        let clues = heard.iter().map(|c| c.clue(c.evidence / all * weight));
        clues.collect()
    }
}
