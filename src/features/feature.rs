//! A feature in, all features of one comment out: each bucket once. It never decides which features
//! a comment has; the files of the views do.

use super::bucket::{FeatureId, hash, scaled};
use super::bucket_set::BucketSet;
use super::kind::{Field, Kind};
use super::place::Place;
use super::view::View;
use crate::text::{Language, Span};

/// One word of the text in both views, as spans of `Features::names`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Word {
    /// With tone marks.
    pub marked: Span,
    /// Without.
    pub folded: Span,
}

pub(super) fn shifted(span: Span, by: usize) -> Span {
    Span::new(span.start() + by, span.start() + span.len() + by)
}

/// One feature of one comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Feature {
    /// Its bucket.
    pub id: FeatureId,
    /// What it looks at.
    pub kind: Kind,
    pub(super) name: Span,
}

/// All features of one comment, each bucket once.
#[derive(Debug, Clone, Default)]
pub struct Features {
    /// The features, in the order they were found.
    pub items: Vec<Feature>,
    /// Language of the text, for cutoffs and calibration.
    pub language: Language,
    /// The words of the signature as buckets of the text, so that the text's evidence can be used
    /// for the name and the home page. Each once, in ascending order. Labels do not teach them,
    /// because the signature has buckets of its own.
    pub echo: Vec<FeatureId>,
    pub(super) is_foreign: bool,
    pub(super) fields: u16,
    pub(super) names: String,
    pub(super) place: Place,
    pub(super) words: Vec<Word>,
    pub(super) text_len: usize,
    /// Empty once all features are listed.
    pub(super) seen: BucketSet,
}

/// The bucket of a hashed name. Each view has a range of its own, and the kind changes the hash, so
/// that a word and a stem with the same letters have different buckets.
#[inline]
pub(super) fn bucket(kind: Kind, hash: u64) -> FeatureId {
    let Range { salt, start, room } = RANGES[kind as usize];
    start + scaled((hash ^ salt).wrapping_mul(0x9e37_79b9_7f4a_7c15), room)
}

/// Where the buckets of a kind are.
#[derive(Clone, Copy)]
struct Range {
    /// What changes the hash.
    salt: u64,
    start: FeatureId,
    room: u32,
}

/// By kind, in the order of `Kind::ALL`: computed once, because every feature of a comment asks.
const RANGES: [Range; Kind::ALL.len()] = {
    let range = Range {
        salt: 0,
        start: 0,
        room: 0,
    };
    let mut ranges = [range; Kind::ALL.len()];
    let mut at = 0;
    while at < ranges.len() {
        let view = Kind::ALL[at].view();
        ranges[at] = Range {
            salt: (at as u64 + 1).wrapping_mul(0xd6e8_feb8_6659_fd93),
            start: view.start(),
            room: view.buckets(),
        };
        at += 1;
    }
    ranges
};

impl Features {
    /// The piece of the comment a feature came from, normalised, or the name of the fact
    /// ([`Features::reason`] tells them apart).
    pub fn text_of(&self, feature: &Feature) -> &str {
        feature.name.of(&self.names)
    }

    /// Whether the text is in a language, or at least a script, that the shipped model was not
    /// trained on.
    pub fn is_foreign(&self) -> bool {
        self.is_foreign
    }

    /// The fields that this comment has, as bits `1 << field`.
    pub fn fields(&self) -> u16 {
        self.fields
    }

    /// Whether the author left a home page.
    pub fn has_home(&self) -> bool {
        Field::Home.is_in(self.fields)
    }

    /// All buckets in ascending order, as the ledger keeps them and counts use them.
    pub fn ids(&self) -> Vec<FeatureId> {
        let mut ids: Vec<FeatureId> = self.items.iter().map(|f| f.id).collect();
        ids.sort_unstable();
        ids
    }

    /// Adds a feature whose name is also what is hashed.
    pub(super) fn add(&mut self, kind: Kind, name: &str) {
        let id = bucket(kind, hash(name.as_bytes()));
        if self.seen.insert(id) {
            let start = self.names.len();
            self.names.push_str(name);
            let name = Span::new(start, self.names.len());
            self.items.push(Feature { id, kind, name });
        }
    }

    /// Adds a feature with a bucket that no hash leads to; `place` counts from 0.
    pub(super) fn add_reserved(&mut self, kind: Kind, place: u32, name: &str) {
        let start = self.keep(name);
        let name = Span::new(start, self.names.len());
        let id = View::Behaviour.start() + place;
        if self.seen.insert(id) {
            self.items.push(Feature { id, kind, name });
        }
    }

    /// Adds a feature that is already hashed and named by a span of `names`.
    #[inline]
    pub(super) fn add_hashed(&mut self, kind: Kind, hash: u64, name: Span) {
        let id = bucket(kind, hash);
        if self.seen.insert(id) {
            self.items.push(Feature { id, kind, name });
        }
    }

    /// Copies a text that spans may point into; returns its offset.
    pub(super) fn keep(&mut self, text: &str) -> usize {
        let start = self.names.len();
        self.names.push_str(text);
        start
    }
}
