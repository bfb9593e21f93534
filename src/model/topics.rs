//! Features of a comment in, topics out: numbers for what it is about. A word is the same topic
//! wherever it is. Which category a topic speaks for, this file never knows; `categories` does.

use serde::{Deserialize, Serialize};

use crate::features::{Features, Kind};
use crate::text::Language;
use crate::verdict::Category;

/// Topics are hashed into `2^TOPIC_BITS` buckets of their own.
const TOPIC_BITS: u32 = 22;

/// Number of languages told apart: 1 is English, 0 is all others.
pub(super) const LANGUAGES: usize = 2;

pub(super) fn language_of(features: &Features) -> usize {
    usize::from(features.language == Language::English)
}

/// The topics of a spam comment whose category a person gave.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Row {
    pub(super) topics: Vec<u32>,
    pub(super) language: usize,
    pub(super) category: Category,
}

impl Row {
    /// The topics of a comment, with the category a person gave.
    pub fn of(features: &Features, category: Category) -> Self {
        Self {
            topics: topics(features).into_iter().map(|topic| topic.id).collect(),
            language: language_of(features),
            category,
        }
    }
}

/// Something a comment is about.
#[derive(Debug, Clone, Copy)]
pub(super) struct Topic {
    pub(super) id: u32,
    pub(super) group: Group,
    /// Place of its feature.
    pub(super) at: usize,
}

/// Topics of one group are the same wherever they stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Group {
    Words,
    Suffixes,
    Contacts,
    Form,
    FormOfName,
    FormOfHome,
}

fn group(kind: Kind, language: Language) -> Option<Group> {
    Some(match kind {
        Kind::Word | Kind::Stem | Kind::Path | Kind::AuthorWord | Kind::AuthorPath => Group::Words,
        Kind::Pair if language != Language::English => Group::Words,
        Kind::Suffix | Kind::AuthorSuffix => Group::Suffixes,
        Kind::Typed | Kind::Handle => Group::Contacts,
        Kind::Shape => Group::Form,
        Kind::AuthorShape => Group::FormOfName,
        Kind::HomeShape => Group::FormOfHome,
        _ => return None,
    })
}

/// All topics of a comment, each once, ascending.
pub(super) fn topics(features: &Features) -> Vec<Topic> {
    let mut found = Vec::with_capacity(128);
    let mut joined = String::new();
    let mut name_before: Option<&str> = None;
    for (at, feature) in features.items.iter().enumerate() {
        let Some(group) = group(feature.kind, features.language) else {
            continue;
        };
        let text = features.text_of(feature);
        let mut add = |text: &str| {
            if !text.is_empty() {
                let id = bucket(group, text);
                found.push(Topic { id, group, at });
            }
        };
        // A Vietnamese word is two syllables. Joined without the blank it is the same topic as in a
        // host name or a path.
        if feature.kind == Kind::Pair {
            joined.clear();
            joined.extend(text.chars().filter(|c| c.is_alphanumeric()));
            add(&joined);
            continue;
        }
        add(text);
        if feature.kind == Kind::AuthorWord
            && let Some(before) = name_before.replace(text)
        {
            joined.clear();
            joined.push_str(before);
            joined.push_str(text);
            add(&joined);
        }
    }
    found.sort_unstable_by_key(|topic| (topic.id, topic.at));
    found.dedup_by_key(|topic| topic.id);
    found
}

fn bucket(group: Group, text: &str) -> u32 {
    let hash = rapidhash::v3::rapidhash_v3(text.as_bytes());
    // Each group flips other bits, so that groups share no topics but by chance. The high bits of
    // the product are mixed best, so these are the bucket.
    let mixed = (hash ^ (group as u64 + 1).wrapping_mul(0xd6e8_feb8_6659_fd93))
        .wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed >> (64 - TOPIC_BITS)) as u32
}
