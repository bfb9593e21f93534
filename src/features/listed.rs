//! A list's name and what it matched in, one feature for each list and place out. No model is
//! trained on these features, so they never say anything before somebody labels (docs/DECISIONS.md,
//! "An evidence list is a feature, not a rule").

use super::bucket::{FeatureId, hash, scaled};
use super::facts::Reason;
use super::feature::{Feature, Features};
use super::kind::Kind;
use super::view::View;
use crate::comment::Spot;
use crate::text::Span;

/// Stands between a list's name and what it matched; no name contains it.
const BETWEEN: &str = ": ";

/// The bucket of a list and a place. A list has four buckets side by side, found by its name alone.
/// So the same name has the same labels on every server, and before and after a removal
/// (docs/DECISIONS.md, "Evidence lists have four buckets each, in the last view").
pub fn listed_bucket(list: &str, spot: Spot) -> FeatureId {
    let lists = View::Listed.buckets() / Spot::ALL.len() as u32;
    let at = scaled(hash(list.as_bytes()), lists);
    View::Listed.start() + at * Spot::ALL.len() as u32 + spot as u32
}

impl Features {
    /// Adds that a list matches at a place; a second time changes nothing.
    pub fn add_listed(&mut self, list: &str, spot: Spot, met: &str) {
        let id = listed_bucket(list, spot);
        if self.is_new(id) {
            let start = self.keep(list);
            self.keep(BETWEEN);
            self.keep(met);
            let name = Span::new(start, self.names.len());
            let kind = Kind::Listed;
            self.items.push(Feature { id, kind, name });
        }
    }

    /// Adds the lists that matched when a label was given, from the buckets of the label: reading
    /// the comment again gives everything else.
    pub fn keep_listed(&mut self, ids: &[FeatureId]) {
        // Behind the names: such a feature is in no part of the text.
        let end = self.names.len();
        for &id in ids.iter().filter(|&&id| View::of(id) == View::Listed) {
            if self.is_new(id) {
                let (kind, name) = (Kind::Listed, Span::new(end, end));
                self.items.push(Feature { id, kind, name });
            }
        }
    }

    /// Whether the comment does not have this bucket. It looks at all features, because hardly any
    /// comment is on a list.
    fn is_new(&self, id: FeatureId) -> bool {
        self.items.iter().all(|feature| feature.id != id)
    }

    /// The reason of all lists that match: their names, and what of the comment is on them.
    pub(super) fn reason_of_lists(&self) -> Reason {
        let (mut lists, mut met) = (Vec::new(), Vec::new());
        for feature in self.items.iter().filter(|f| f.kind == Kind::Listed) {
            if let Some((list, text)) = self.text_of(feature).split_once(BETWEEN) {
                let list = format!("{list:?}");
                if !lists.contains(&list) {
                    lists.push(list);
                }
                if !met.contains(&text) {
                    met.push(text);
                }
            }
        }
        let named = lists.join(", ");
        let many = if lists.len() > 1 { "s" } else { "" };
        Reason {
            en: format!("on the evidence list{many} {named}")
                .trim_end()
                .to_owned()
                .into(),
            vi: format!("có trong danh sách bằng chứng {named}")
                .trim_end()
                .to_owned()
                .into(),
            text: met.join(", "),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::comment::Comment;

    #[test]
    fn a_list_is_one_feature_a_place_and_says_its_name_and_what_was_met() {
        let mut features = Features::of(&Comment::from_text("vay tiền nhanh"));
        let before = features.ids();
        features.add_listed("wave", Spot::Link, "casino.example");
        features.add_listed("wave", Spot::Link, "slots.example");
        features.add_listed("wave", Spot::Home, "casino.example");
        features.add_listed("words", Spot::Words, "vay tiền");
        assert_eq!(features.ids().len(), before.len() + 3);
        let reason = features.reason_of_lists();
        assert_eq!(reason.en, "on the evidence lists \"wave\", \"words\"");
        assert_eq!(reason.text, "casino.example, vay tiền");
        // The lists that a label kept are added to the comment that is read again.
        let mut again = Features::of(&Comment::from_text("vay tiền nhanh"));
        again.keep_listed(&features.ids());
        assert_eq!(again.ids(), features.ids());
        assert_eq!(again.reason_of_lists().en, "on the evidence list");
    }

    #[test]
    fn a_list_stands_in_no_part_of_a_long_text() {
        let long = Comment::from_text("hôm nay trời đẹp quá ".repeat(20));
        let mut features = Features::of(&long);
        features.add_listed("wave", Spot::Words, "trời đẹp");
        let mut again = Features::of(&long);
        again.keep_listed(&features.ids());
        assert!(features.parts() > 0);
        for features in [features, again] {
            let listed = features.items.last().expect("it was added last");
            assert_eq!(
                (listed.kind, features.part_of(listed)),
                (Kind::Listed, None)
            );
            assert_eq!(features.span_in_text(listed), None);
        }
    }

    #[test]
    fn the_places_of_a_list_lie_side_by_side_in_the_view_of_lists() {
        for list in ["wave", "disposable", "a"] {
            let ids = Spot::ALL.map(|spot| listed_bucket(list, spot));
            assert!(ids.is_sorted() && ids[3] - ids[0] == 3);
            assert!(ids.iter().all(|&id| View::of(id) == View::Listed));
        }
    }

    const BUCKET_OF_WAVE: FeatureId = 4_193_320;

    #[test]
    fn buckets_of_lists_are_stable() {
        // Written down once: a change here takes from ledgers what they know of lists.
        assert_eq!(listed_bucket("wave", Spot::Words), BUCKET_OF_WAVE);
    }
}
