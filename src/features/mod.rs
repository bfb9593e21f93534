//! A comment and its reading in, sparse [`Features`] out: each is a bucket to count in and a name
//! to show. A feature is there or not; how often does not count. Pure: no clock, and it never
//! fails.
//!
//! Training and serving use exactly this code. A model made with another [`FEATURES_VERSION`] is
//! refused when it is loaded.

mod author;
mod behaviour;
mod bucket;
mod bucket_set;
mod content;
mod facts;
mod feature;
mod hashed;
mod kind;
mod listed;
mod outline;
mod parts;
mod person;
mod place;
mod request;
mod shares;
mod signature;
mod signer;
mod view;
mod words;

pub use bucket::{FEATURE_BITS, FeatureId, HASH_NAME};
pub use facts::Reason;
pub use feature::{Feature, Features, Word};
pub use kind::{Field, Kind};
pub use listed::listed_bucket;
pub use outline::Outline;
pub use shares::Shares;
pub use view::{Expert, View};

use bucket_set::BucketSet;
use place::Place;
use signer::Signer;

use crate::comment::Comment;
use crate::text::{self, Language, Reading};

/// Raise it with every change of the features of any comment: then old models are refused instead
/// of giving meaningless scores.
pub const FEATURES_VERSION: u32 = 5;

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
            place: Place::default(),
            words: Vec::new(),
            text_len: 0,
            seen: BucketSet::with_room_for(most),
        };
        let signer = Signer::of(comment);
        content::add(comment, reading, &mut features);
        author::add(comment, &signer, reading, &mut features);
        signature::add(&signer, &mut features);
        request::add(comment, reading, &mut features);
        behaviour::add(comment, &mut features);
        // Last: it asks whether the content has links or contacts.
        person::add(comment, &signer, &mut features);
        std::mem::take(&mut features.seen).give_back();
        features
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

#[cfg(test)]
mod tests;
