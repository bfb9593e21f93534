//! A feature in, the part of the text it is in out. A long text is cut into parts of equal length,
//! so that its worst parts can be judged by themselves: praise before an offer does not make the
//! offer better. It never cuts short texts (docs/DECISIONS.md, "A long comment is also judged by
//! its worst window").

use super::bucket::FeatureId;
use super::feature::{Feature, Features};
use super::kind::Kind;
use super::place::Place;

impl Features {
    /// Number of parts of the text: 0, or 3 to 64.
    pub fn parts(&self) -> usize {
        self.place.parts
    }

    /// The part a feature begins in, counted from 0; `None` for what belongs to the whole comment,
    /// such as its links and its author.
    #[inline]
    pub fn part_of(&self, feature: &Feature) -> Option<usize> {
        let Place {
            marked_at,
            folded_at,
            folded_len,
            parts,
        } = self.place;
        let start = feature.name.start();
        let (offset, of) = if start >= folded_at + folded_len || start < marked_at {
            return None;
        } else if start >= folded_at {
            (start - folded_at, folded_len)
        } else {
            (start - marked_at, folded_at - marked_at)
        };
        // The whole text lies in no single part.
        if feature.kind == Kind::Whole {
            return None;
        }
        // 32 bits divide twice as fast as 64. The product cannot overflow: texts are far below 2^32
        // / 64 bytes.
        let part = offset as u32 * parts as u32 / (of as u32).max(1);
        Some((part as usize).min(parts.saturating_sub(1)))
    }

    /// Buckets: first those of the whole comment, then those of each part, each group in ascending
    /// order; and the place where each part begins.
    pub fn ids_by_part(&self) -> (Vec<FeatureId>, Vec<u32>) {
        let parts = self.parts();
        if parts == 0 {
            return (self.ids(), Vec::new());
        }
        let placed = self.items.iter().map(|feature| {
            let place = self.part_of(feature).map_or(0, |part| part + 1);
            (place as u8, feature.id)
        });
        by_part(placed, parts as u8)
    }
}

/// Buckets sorted by their place (0 for the whole comment, else the number of a part), and the
/// index where each part begins: one number for each part.
pub(super) fn by_part(
    placed: impl Iterator<Item = (u8, FeatureId)>,
    parts: u8,
) -> (Vec<FeatureId>, Vec<u32>) {
    let mut placed: Vec<(u8, FeatureId)> = placed.collect();
    placed.sort_unstable();
    let starts = (1..=parts)
        .map(|part| placed.partition_point(|(place, _)| *place < part) as u32)
        .collect();
    (placed.into_iter().map(|(_, id)| id).collect(), starts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::comment::Comment;
    use crate::features::Kind;

    #[test]
    fn words_stand_where_they_were_written() {
        let text = format!("{} vay tiền nhanh", "hôm nay trời đẹp quá ".repeat(20));
        let features = Features::of(&Comment::from_text(text));
        let last = features.parts() - 1;
        let part_of = |kind: Kind, name: &str| {
            let found = features
                .items
                .iter()
                .find(|f| f.kind == kind && features.text_of(f) == name);
            features.part_of(found.expect("it is there"))
        };
        assert!(last >= 3);
        assert_eq!(part_of(Kind::Word, "hom"), Some(0));
        assert_eq!(part_of(Kind::Word, "vay"), Some(last));
        assert_eq!(part_of(Kind::Marked, "tiền"), Some(last));
        assert_eq!(part_of(Kind::Shape, "201-500 characters"), None);
        let (mut ids, starts) = features.ids_by_part();
        assert_eq!(starts.len(), features.parts());
        assert!(starts.is_sorted() && starts[0] > 0);
        ids.sort_unstable();
        assert_eq!(ids, features.ids());
    }

    #[test]
    fn a_short_text_has_no_parts() {
        let features = Features::of(&Comment::from_text("vay tiền nhanh"));
        assert_eq!(features.parts(), 0);
        assert_eq!(features.ids_by_part(), (features.ids(), Vec::new()));
    }
}
