//! Tokens and facts in, sparse [`Features`] out: each a bucket to count in and a name to show. Presence, not frequency. Pure, no clock, cannot fail.
//!
//! Training and serving run exactly this code; a model made with another [`FEATURES_VERSION`] is refused at load.

mod author;
mod behaviour;
mod content;
mod facts;
mod hashed;
mod kind;
mod listed;
mod outline;
mod parts;
mod person;
mod request;
mod shares;
mod signature;
#[cfg(test)]
mod stable;
mod view;
mod words;

pub use facts::Reason;
pub use kind::{Field, Kind};
pub use listed::listed_bucket;
pub use outline::Outline;
pub use shares::Shares;
pub use view::{Expert, View};

use crate::comment::Comment;
use crate::text::{self, Language, Reading, Span};

/// Raise it with every change to which features a comment has: old models then say they are old instead of scoring nonsense.
pub const FEATURES_VERSION: u32 = 5;

/// Features are hashed into `2^FEATURE_BITS` buckets.
pub const FEATURE_BITS: u32 = 22;

/// The hash behind the buckets, stable by its crate's contract; the name is written into every model.
pub const HASH_NAME: &str = "rapidhash_v3";

/// The bucket of a feature, below `2^FEATURE_BITS`.
pub type FeatureId = u32;

/// One feature of one comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Feature {
    /// Its bucket.
    pub id: FeatureId,
    /// What it looks at.
    pub kind: Kind,
    name: Span,
}

/// All features of one comment, each bucket once.
#[derive(Debug, Clone, Default)]
pub struct Features {
    /// The features, in the order they were found.
    pub items: Vec<Feature>,
    /// Language of the text, for cutoffs and calibration.
    pub language: Language,
    /// The signature's words as buckets of the text: what the text's evidence says of the name and the home page. Each once, in no order; labels do not
    /// teach them, for the signature has buckets of its own.
    pub echo: Vec<FeatureId>,
    is_foreign: bool,
    fields: u16,
    names: String,
    place: parts::Place,
    words: Vec<words::Word>,
    text_len: usize,
    seen: Seen,
}

impl Features {
    /// Reads a comment and lists its features.
    pub fn of(comment: &Comment) -> Self {
        Self::of_reading(comment, &text::read(&comment.text))
    }

    /// The same for a comment whose text is already read.
    pub fn of_reading(comment: &Comment, reading: &Reading) -> Self {
        let most = content::most_features(reading) + 64;
        let mut features = Self {
            items: Vec::with_capacity(most),
            language: reading.language,
            is_foreign: is_foreign(reading),
            fields: fields_of(comment),
            echo: Vec::new(),
            names: String::with_capacity(reading.folded.len() * 2 + 256),
            place: parts::Place::default(),
            words: Vec::new(),
            text_len: 0,
            seen: Seen::with_room_for(most),
        };
        content::add(comment, reading, &mut features);
        author::add(comment, reading, &mut features);
        signature::add(comment, &mut features);
        request::add(comment, reading, &mut features);
        behaviour::add(comment, &mut features);
        person::add(comment, &mut features);
        features
    }

    /// The piece of the comment a feature came from, normalised; the fact it states where it is no piece ([`Features::reason`] tells them apart).
    pub fn text_of(&self, feature: &Feature) -> &str {
        feature.name.of(&self.names)
    }

    /// Whether the text is in a language, or at least a script, that the shipped model was not taught.
    pub fn is_foreign(&self) -> bool {
        self.is_foreign
    }

    /// Which parts of a check this comment came with, as bits `1 << field`.
    pub fn fields(&self) -> u16 {
        self.fields
    }

    /// Whether the author left a home page.
    pub fn has_home(&self) -> bool {
        Field::Home.is_in(self.fields)
    }

    /// Buckets in ascending order: what the ledger keeps and counting uses.
    pub fn ids(&self) -> Vec<FeatureId> {
        let mut ids: Vec<FeatureId> = self.items.iter().map(|f| f.id).collect();
        ids.sort_unstable();
        ids
    }

    /// Adds a feature whose name is also what is hashed.
    fn add(&mut self, kind: Kind, name: &str) {
        let id = bucket(kind, hash(name.as_bytes()));
        if self.seen.insert(id) {
            let start = self.names.len();
            self.names.push_str(name);
            let name = Span::new(start, self.names.len());
            self.items.push(Feature { id, kind, name });
        }
    }

    /// Adds a feature that has a bucket to itself.
    fn add_reserved(&mut self, kind: Kind, place: u32, name: &str) {
        let start = self.keep(name);
        let name = Span::new(start, self.names.len());
        let id = View::Behaviour.start() + place;
        if self.seen.insert(id) {
            self.items.push(Feature { id, kind, name });
        }
    }

    /// Adds a feature that is already hashed and named by a span of `names`.
    fn add_hashed(&mut self, kind: Kind, hash: u64, name: Span) {
        let id = bucket(kind, hash);
        if self.seen.insert(id) {
            self.items.push(Feature { id, kind, name });
        }
    }

    /// Copies a text that spans may point into; returns its offset.
    fn keep(&mut self, text: &str) -> usize {
        let start = self.names.len();
        self.names.push_str(text);
        start
    }
}

fn is_foreign(reading: &Reading) -> bool {
    let shape = &reading.shape;
    matches!(reading.language, Language::Other(_))
        || reading.language == Language::Undetermined && shape.foreign * 2 > shape.letters
}

fn fields_of(comment: &Comment) -> u16 {
    let (author, request, page) = (&comment.author, &comment.request, &comment.page);
    let present = [
        (Field::Text, true),
        (Field::Name, author.name.is_some()),
        (
            Field::Contact,
            author.email.is_some() || author.url.is_some(),
        ),
        (Field::Home, author.url.is_some()),
        (Field::Email, author.email.is_some()),
        (Field::Network, request.ip.is_some()),
        (Field::Agent, request.user_agent.is_some()),
        (
            Field::Page,
            page.kind.is_some() || !page.languages.is_empty(),
        ),
        (
            Field::Behaviour,
            comment.behaviour != crate::comment::Behaviour::default(),
        ),
    ];
    present
        .iter()
        .filter(|(_, is)| *is)
        .map(|(field, _)| 1 << *field as u16)
        .sum()
}

/// The stable hash of a name.
fn hash(bytes: &[u8]) -> u64 {
    rapidhash::v3::rapidhash_v3(bytes)
}

/// The same for a short row of known length: the hash's branches on the length fall away.
#[inline(always)]
fn hash_row<const N: usize>(bytes: &[u8; N]) -> u64 {
    rapidhash::v3::rapidhash_v3_inline::<true, false, false>(
        bytes,
        &rapidhash::v3::DEFAULT_RAPID_SECRETS,
    )
}

/// Joins two hashes, order kept.
fn join(left: u64, right: u64) -> u64 {
    (left.rotate_left(23) ^ right).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// The bucket of a hashed name: each view has a range of its own, and kinds are salted so that a word and a word's stem do not meet.
fn bucket(kind: Kind, hash: u64) -> FeatureId {
    let mixed = (hash ^ (kind as u64 + 1).wrapping_mul(0xd6e8_feb8_6659_fd93))
        .wrapping_mul(0x9e37_79b9_7f4a_7c15);
    kind.view().bucket(mixed)
}

/// A set of buckets: open addressing, because sorting a thousand of them costs more than all the rest of a check.
#[derive(Debug, Clone, Default)]
struct Seen {
    slots: Vec<u32>,
    len: usize,
}

impl Seen {
    fn with_room_for(len: usize) -> Self {
        Self {
            slots: vec![0; (len + len / 3 + 1).next_power_of_two().max(64)],
            len: 0,
        }
    }

    #[inline]
    fn insert(&mut self, id: FeatureId) -> bool {
        if self.slots.len() * 3 < 4 * (self.len + 1) {
            self.grow();
        }
        let mask = self.slots.len() - 1;
        let mut at = (id.wrapping_mul(0x9e37_79b1) >> 7) as usize & mask;
        loop {
            match self.slots[at] {
                0 => break,
                taken if taken == id + 1 => return false,
                _ => at = (at + 1) & mask,
            }
        }
        self.slots[at] = id + 1;
        self.len += 1;
        true
    }

    #[cold]
    fn grow(&mut self) {
        let old = std::mem::replace(self, Self::with_room_for((self.len + 1) * 3 / 2));
        for slot in old.slots.into_iter().filter(|&slot| slot != 0) {
            self.insert(slot - 1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bucket_comes_once_and_every_feature_has_a_name() {
        let mut comment =
            Comment::from_text("vay vay tiền tiền nhanh, zalo 0912000345 http://x.test/a");
        comment.author.name = Some("An".into());
        let features = Features::of(&comment);
        let mut ids = features.ids();
        let all = ids.len();
        ids.dedup();
        assert_eq!(ids.len(), all);
        for feature in &features.items {
            assert!(!feature.kind.reason_en().is_empty() && !feature.kind.reason_vi().is_empty());
            assert!(!features.text_of(feature).is_empty(), "{feature:?}");
        }
    }

    #[test]
    fn the_set_of_buckets_grows() {
        let mut seen = Seen::default();
        assert!((0..5_000).all(|id| seen.insert(id)));
        assert!((0..5_000).all(|id| !seen.insert(id)));
    }

    #[test]
    fn buckets_are_stable() {
        // Written down once: a change here breaks every model and ledger in the field.
        let of = |kind| bucket(kind, hash(b"vay"));
        assert_eq!(
            [of(Kind::Word), of(Kind::Host), of(Kind::AuthorWord)],
            [978_151, 2_677_062, 3_060_598]
        );
    }
}
