//! Buckets in, features out: for labels whose comment is no longer kept. Everything else about the
//! comment is gone: its language is undetermined, no feature has a name or a part of the text, and
//! each has the most usual kind of its view. That is enough to score by a model alone, where only
//! the view of a kind matters. It never guesses more.

use super::bucket::FeatureId;
use super::feature::{Feature, Features};
use super::kind::Kind;
use super::view::View;
use crate::text::Span;

impl Features {
    /// Features of which only the buckets are known, as the ledger keeps them.
    pub fn of_ids(ids: &[FeatureId]) -> Self {
        let feature = |&id: &FeatureId| Feature {
            id,
            kind: plainest(View::of(id)),
            name: Span::new(0, 0),
        };
        Self {
            items: ids.iter().map(feature).collect(),
            ..Self::default()
        }
    }
}

fn plainest(view: View) -> Kind {
    match view {
        View::Text => Kind::Word,
        View::Links => Kind::Host,
        View::Contacts => Kind::Phone,
        View::Shape => Kind::Shape,
        View::Signature => Kind::AuthorWord,
        View::SignatureShape => Kind::AuthorShape,
        View::Sender => Kind::Network,
        View::Page => Kind::Page,
        View::Behaviour => Kind::Behaviour,
        View::People => Kind::Person,
        View::Listed => Kind::Listed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::comment::Comment;

    #[test]
    fn buckets_are_what_they_were() {
        let read = Features::of(&Comment::from_text("Cảm ơn bạn, bài viết hay quá"));
        let known = Features::of_ids(&read.ids());
        assert_eq!(known.ids(), read.ids());
        assert_eq!((known.parts(), known.text_of(&known.items[0])), (0, ""));
    }
}
