//! Features of a comment in, what training needs of them beside the buckets out: kind and part of
//! each feature, language, fields. It never contains a word of the comment.

use serde::{Deserialize, Serialize};

use super::bucket::FeatureId;
use super::feature::Features;
use super::kind::Kind;
use super::parts;
use crate::text::Language;

/// What is kept beside the buckets of a comment, in their ascending order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outline {
    /// Kind of each feature, as its place in `Kind::ALL`.
    pub kinds: Vec<u8>,
    /// The part of the text of each feature, counted from 1; 0 for what belongs to the whole
    /// comment. Empty for short texts, which have no parts.
    pub places: Vec<u8>,
    /// How many parts the text has.
    pub parts: u8,
    /// The words of the signature as buckets of the text (`Features::echo`).
    pub echo: Vec<FeatureId>,
    /// Language of the text.
    pub language: Language,
    /// Whether the text is in a language that the shipped model was not trained on.
    pub is_foreign: bool,
    /// The fields of the comment, as bits `1 << field`.
    pub fields: u16,
}

impl Outline {
    /// Of a comment's features.
    pub fn of(features: &Features) -> Self {
        let mut items: Vec<_> = features.items.iter().collect();
        items.sort_unstable_by_key(|feature| feature.id);
        // There are at most 64 parts, so a byte is enough.
        let place = |feature| features.part_of(feature).map_or(0, |part| part as u8 + 1);
        let has_parts = features.parts() > 0;
        Self {
            kinds: items.iter().map(|feature| feature.kind as u8).collect(),
            places: items
                .iter()
                .filter(|_| has_parts)
                .map(|feature| place(feature))
                .collect(),
            parts: features.parts() as u8,
            echo: features.echo.clone(),
            language: features.language,
            is_foreign: features.is_foreign(),
            fields: features.fields(),
        }
    }

    /// Whether it can be the outline of this number of buckets. An outline from a file may be
    /// anything.
    pub fn fits(&self, buckets: usize) -> bool {
        self.kinds.len() == buckets
            && self.places.len() == if self.parts > 0 { buckets } else { 0 }
            && self.places.iter().all(|&place| place <= self.parts)
            && self.kinds.iter().all(|&k| usize::from(k) < Kind::ALL.len())
    }

    /// The buckets by part, and where each part begins, as [`Features::ids_by_part`] has them.
    pub fn by_part(&self, ids: &[FeatureId]) -> (Vec<FeatureId>, Vec<u32>) {
        if self.parts == 0 {
            return (ids.to_vec(), Vec::new());
        }
        let placed = self.places.iter().copied().zip(ids.iter().copied());
        parts::by_part(placed, self.parts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::comment::Comment;

    #[test]
    fn an_outline_and_the_buckets_give_what_training_reads_off_the_text() {
        let long = format!(
            "{} vay tiền nhanh http://x.example/a",
            "hôm nay trời đẹp quá ".repeat(20)
        );
        for text in ["vay tiền nhanh", "", &long] {
            let features = Features::of(&Comment::from_text(text));
            let outline = Outline::of(&features);
            assert!(outline.fits(features.ids().len()), "{text}");
            assert!(!outline.fits(features.ids().len() + 1));
            assert_eq!(outline.by_part(&features.ids()), features.ids_by_part());
        }
    }
}
