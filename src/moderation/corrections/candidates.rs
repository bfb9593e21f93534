//! Sketches of labelled comments in, the earlier checks that may change out; and what counts as a
//! change. Never uses the store or a clock.
//!
//! A label moves the score of every comment that shares a word with it. But only comments that
//! share much, or that were near a cutoff, cross one. So a check is remembered by its margin and a
//! sketch: its identities (links, phone numbers, addresses, the whole text) and a sample of its
//! words. The sample is drawn so that similar comments draw the same words. docs/DECISIONS.md has
//! the share of changes found this way.

use std::collections::HashMap;

use crate::features::{FeatureId, Features, Kind};
use crate::verdict::{Cutoffs, Label, Verdict};

/// How often one check is corrected at most: once, and once back. After two changes a third is left
/// to people.
pub const MOST_FLIPS: u8 = 2;

/// The label that a verdict means to its site: unsure is not called spam.
pub fn told(verdict: Verdict) -> Label {
    verdict.side().unwrap_or(Label::Ham)
}

/// The new label for a site that has `told` as its last label and got `flips` corrections; `None`
/// if nothing is sent. Ham or unsure may become spam, and spam may become ham. A change to unsure
/// is not sent.
pub fn turned(told: Label, flips: u8, now: Verdict) -> Option<Label> {
    now.side()
        .filter(|&side| side != told && flips < MOST_FLIPS)
}

/// How many words are sampled from a comment. If two comments share half their words, about half of
/// their samples agree.
const SAMPLE: usize = 24;
/// How many identities of a comment are kept. With more links it is compared by these only.
const MOST_IDENTITIES: usize = 16;

/// A comment in at most forty feature ids.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sketch {
    /// The identities first, then the sample of words.
    ids: Box<[FeatureId]>,
    identities: u8,
}

impl Sketch {
    /// The sketch of a comment from its features.
    pub fn of(features: &Features) -> Self {
        let mut identities = Vec::new();
        let mut sample = Vec::new();
        for feature in &features.items {
            match feature.kind {
                Kind::Whole
                | Kind::Host
                | Kind::Domain
                | Kind::Phone
                | Kind::EmailInText
                | Kind::Handle
                | Kind::AuthorHost
                | Kind::AuthorDomain
                | Kind::AuthorName
                | Kind::EmailAddress
                    if identities.len() < MOST_IDENTITIES =>
                {
                    identities.push(feature.id)
                }
                Kind::Word | Kind::Pair => sample.push(feature.id),
                _ => {}
            }
        }
        // The words with the lowest scrambled ids are drawn. This depends on the words alone, so
        // similar comments draw the same words.
        let stirred = |id: &FeatureId| id.wrapping_mul(0x9e37_79b1).rotate_left(13);
        if sample.len() > SAMPLE {
            sample.select_nth_unstable_by_key(SAMPLE, stirred);
            sample.truncate(SAMPLE);
        }
        let kept = identities.len() as u8;
        identities.append(&mut sample);
        Self {
            ids: identities.into(),
            identities: kept,
        }
    }
}

/// How many labelled comments are compared together at most.
pub const MOST_TOGETHER: usize = 64;

/// Finds comments that resemble any of some labelled comments.
#[derive(Debug)]
pub struct Search {
    by_id: HashMap<FeatureId, Vec<u8>>,
    together: usize,
}

impl Search {
    /// Takes at most [`MOST_TOGETHER`] comments; more are left out.
    pub fn of(sketches: &[Sketch]) -> Self {
        let sketches = &sketches[..sketches.len().min(MOST_TOGETHER)];
        let mut by_id: HashMap<FeatureId, Vec<u8>> = HashMap::new();
        for (at, sketch) in sketches.iter().enumerate() {
            for &id in &sketch.ids {
                by_id.entry(id).or_default().push(at as u8);
            }
        }
        Self {
            by_id,
            together: sketches.len(),
        }
    }

    /// How much a comment shares with the most similar of them; 0 for nothing. A word counts 1, and
    /// an identity as much as the whole sample.
    pub fn shared(&self, sketch: &Sketch) -> u32 {
        let mut shared = [0_u32; MOST_TOGETHER];
        for (at, id) in sketch.ids.iter().enumerate() {
            let is_identity = at < usize::from(sketch.identities);
            for &of in self.by_id.get(id).into_iter().flatten() {
                shared[usize::from(of)] += if is_identity { SAMPLE as u32 } else { 1 };
            }
        }
        shared[..self.together].iter().copied().max().unwrap_or(0)
    }
}

/// How far a score is from the cutoff that would change the label `told`, in log-odds.
pub fn margin(told: Label, log_odds: f64, cutoffs: &Cutoffs) -> f64 {
    match told {
        Label::Ham => (cutoffs.spam - log_odds).max(0.0),
        Label::Spam => (log_odds - cutoffs.unsure).max(0.0),
    }
}

/// How likely a check is to change: `shared` divided by its margin. `None` if it is not worth
/// judging again.
pub fn urgency(shared: u32, margin: f64) -> Option<u32> {
    let urgency = f64::from(shared) / (margin + NO_MARGIN);
    (urgency >= LEAST_URGENT).then_some((urgency * 1_000.0) as u32)
}

/// Added to each margin, in log-odds: margins far below it count alike.
const NO_MARGIN: f64 = 0.25;
/// The lowest urgency that is judged again. It was chosen because it finds all changes that "shares
/// anything" finds, with a third of the checks (docs/DECISIONS.md).
const LEAST_URGENT: f64 = 1.0;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::comment::Comment;

    fn sketch(text: &str) -> Sketch {
        Sketch::of(&Features::of(&Comment::from_text(text)))
    }

    #[test]
    fn what_turns_is_ham_or_unsure_to_spam_and_spam_to_ham_and_twice_at_most() {
        use Verdict::*;
        let was = |verdict, now| turned(told(verdict), 0, now);
        assert_eq!(was(Ham, Spam), Some(Label::Spam));
        assert_eq!(was(Unsure, Discard), Some(Label::Spam));
        assert_eq!(was(Discard, Ham), Some(Label::Ham));
        for (before, now) in [
            (Ham, Unsure),
            (Unsure, Ham),
            (Spam, Unsure),
            (Spam, Discard),
            (Ham, Ham),
        ] {
            assert_eq!(was(before, now), None, "{before} to {now}");
        }
        assert_eq!(turned(Label::Spam, 1, Ham), Some(Label::Ham));
        assert_eq!(turned(Label::Ham, 2, Spam), None);
    }

    #[test]
    fn near_copies_are_closer_than_what_shares_a_link_and_strangers_are_not_found() {
        let label = sketch("My sister collects old lamps, see http://lamps.test/ today");
        let search = Search::of(&[sketch("hôm nay trời đẹp quá các bạn ơi"), label.clone()]);
        let copy = search.shared(&sketch("My sister collects old lamps: http://lamps.test/"));
        let link = search.shared(&sketch("Completely different words http://lamps.test/x"));
        let stranger = search.shared(&sketch("Completely different words about nothing"));
        assert!(copy > link && link > 0, "{copy} {link}");
        assert_eq!(stranger, 0);
        assert!(search.shared(&label) >= copy);
        assert!(urgency(copy, 1.0) > urgency(link, 1.0) && urgency(link, 0.1) > urgency(link, 1.0));
        assert_eq!(urgency(0, 0.0), None);
    }

    #[test]
    fn a_margin_is_the_way_to_the_other_verdict_not_to_the_next() {
        let cutoffs = Cutoffs {
            unsure: -1.0,
            spam: 2.0,
            discard: 5.0,
        };
        assert_eq!(margin(Label::Ham, -3.0, &cutoffs), 5.0);
        assert_eq!(margin(Label::Ham, 0.0, &cutoffs), 2.0);
        assert_eq!(margin(Label::Spam, 6.0, &cutoffs), 7.0);
        assert_eq!(margin(Label::Spam, -2.0, &cutoffs), 0.0);
    }

    #[test]
    fn long_comments_that_share_their_words_draw_the_same_sample() {
        let words = |from: usize| {
            (from..from + 300)
                .map(|n| format!("word{n} "))
                .collect::<String>()
        };
        let (one, half, other) = (sketch(&words(0)), sketch(&words(150)), sketch(&words(900)));
        assert!(one.ids.len() <= SAMPLE + MOST_IDENTITIES);
        let search = Search::of(&[one]);
        assert!(search.shared(&half) > 4, "{}", search.shared(&half));
        assert_eq!(search.shared(&other), 0);
    }
}
