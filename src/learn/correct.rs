//! Which earlier checks a new label may turn, and what turning is: sketches of comments in, the resembling ones and flips out. Pure: no store, no clock.
//!
//! A label moves every comment that shares a word with it, but only those that share much can cross a cutoff. So a check is remembered by a sketch:
//! what identifies it (links, phone numbers, addresses, its whole text) and a sample of its words that two comments draw alike. docs/DECISIONS.md
//! has the share of flips found this way.

use std::collections::HashMap;

use crate::features::{FeatureId, Features, Kind};
use crate::verdict::{Label, Verdict};

/// How often one check is corrected at most: once, and once back. A site that heard of two flips leaves the third to people.
pub const MOST_FLIPS: u8 = 2;

/// What a site heard of a verdict: an unsure one is not called spam.
pub fn told(verdict: Verdict) -> Label {
    verdict.side().unwrap_or(Label::Ham)
}

/// What a site is to hear now that heard `told` and was corrected `flips` times: ham or unsure that became spam, spam that became ham.
/// Becoming unsure is no reason to take back what was said.
pub fn turned(told: Label, flips: u8, now: Verdict) -> Option<Label> {
    now.side()
        .filter(|&side| side != told && flips < MOST_FLIPS)
}

/// Words sampled from a comment. Of two comments that share half their words, half the sample agrees.
const SAMPLE: usize = 24;
/// Identities kept of a comment; one that lists more links is like others by these.
const MOST_IDENTITIES: usize = 16;

/// A comment in at most forty numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sketch {
    /// Identities first, then the sample.
    ids: Box<[FeatureId]>,
    identities: u8,
}

impl Sketch {
    /// Of a comment that is read.
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
        // The lowest of a stirred number: which words are drawn depends on the words alone, so that like comments draw alike.
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

    fn words(&self) -> usize {
        self.ids.len() - usize::from(self.identities)
    }
}

/// Labels looked for together at most.
pub const MOST_TOGETHER: usize = 64;

/// Looks for what resembles any of some comments.
#[derive(Debug)]
pub struct Search {
    by_id: HashMap<FeatureId, Vec<u8>>,
    words: Vec<usize>,
}

impl Search {
    /// Of at most [`MOST_TOGETHER`] comments; more are left out.
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
            words: sketches.iter().map(Sketch::words).collect(),
        }
    }

    /// How much a comment resembles the nearest of them; 0 for not enough to be looked at again.
    pub fn closeness(&self, sketch: &Sketch) -> u32 {
        let (mut identities, mut words) = ([0_u32; MOST_TOGETHER], [0_u32; MOST_TOGETHER]);
        for (at, id) in sketch.ids.iter().enumerate() {
            for &of in self.by_id.get(id).into_iter().flatten() {
                let of = usize::from(of);
                match at < usize::from(sketch.identities) {
                    true => identities[of] += 1,
                    false => words[of] += 1,
                }
            }
        }
        (0..self.words.len())
            .filter(|&of| {
                let fewer = self.words[of].min(sketch.words()) as u32;
                identities[of] > 0 || words[of] > 0 && words[of] * WORDS_SHARED >= fewer
            })
            .map(|of| identities[of] * SAMPLE as u32 + words[of])
            .max()
            .unwrap_or(0)
    }
}

/// A comment resembles another if one word in so many of the shorter sample is shared.
const WORDS_SHARED: u32 = 6;

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
        let copy = search.closeness(&sketch("My sister collects old lamps: http://lamps.test/"));
        let link = search.closeness(&sketch("Completely different words http://lamps.test/x"));
        let stranger = search.closeness(&sketch("Completely different words about nothing"));
        assert!(copy > link && link > 0, "{copy} {link}");
        assert_eq!(stranger, 0);
        assert!(search.closeness(&label) >= copy);
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
        assert!(search.closeness(&half) > 4, "{}", search.closeness(&half));
        assert_eq!(search.closeness(&other), 0);
    }
}
