//! The words of a reading in, their places among the names of the features out, so that evidence
//! can be attached to words. It never changes a feature.

use super::facts::Reason;
use super::feature::{Feature, Features, Word, shifted};
use super::kind::Kind;
use super::view::View;
use crate::text::{Reading, Span};

/// Longest phrase shown, in bytes.
const LONGEST: usize = 120;

impl Features {
    /// Keeps the places of the words of a reading.
    pub(super) fn keep_words(&mut self, reading: &Reading, marked_at: usize, folded_at: usize) {
        let at = |span: Span, by: usize| shifted(span, by);
        self.words = reading
            .tokens
            .iter()
            .map(|token| Word {
                marked: at(token.marked, marked_at),
                folded: at(token.folded, folded_at),
            })
            .collect();
        self.text_len = folded_at + reading.folded.len();
    }

    /// The words of the text, in order.
    pub fn words(&self) -> &[Word] {
        &self.words
    }

    /// Number of bytes of both views of the text; spans of its features end at or below it.
    pub fn text_len(&self) -> usize {
        self.text_len
    }

    /// The place of a feature in the views of the text; `None` for what is no piece of it.
    #[inline]
    pub fn span_in_text(&self, feature: &Feature) -> Option<Span> {
        let end = feature.name.start() + feature.name.len();
        (end <= self.text_len && !feature.name.is_empty()).then_some(feature.name)
    }

    /// The words `from..to`, as they were read.
    pub fn words_between(&self, from: usize, to: usize) -> String {
        let mut text = String::with_capacity(LONGEST);
        for word in &self.words[from..to] {
            // What was spelt out has no marks.
            let shown = match word.marked.of(&self.names) {
                "" => word.folded.of(&self.names),
                marked => marked,
            };
            if !text.is_empty() {
                text.push(' ');
            }
            text.push_str(shown);
        }
        text.truncate(text.floor_char_boundary(LONGEST));
        text
    }

    /// The reason of a view; `loudest` is the place of its feature with the largest evidence.
    pub fn reason_of_view(&self, view: View, loudest: Option<usize>) -> Reason {
        let of = |kind: Kind| self.items.iter().find(|f| f.kind == kind);
        let named = |kinds: &[Kind]| {
            kinds
                .iter()
                .filter_map(|&kind| of(kind))
                .map(|feature| self.text_of(feature))
                .filter(|text| !text.is_empty())
                .collect::<Vec<_>>()
                .join(", ")
        };
        let told = |en: &'static str, vi: &'static str, text: String| Reason {
            en: en.into(),
            vi: vi.into(),
            text,
        };
        match view {
            View::Links => told(
                "links in the text",
                "liên kết trong bài",
                named(&[Kind::Host]),
            ),
            View::Contacts => told(
                "contacts in the text",
                "liên hệ trong bài",
                named(&[Kind::Phone, Kind::EmailInText, Kind::Handle]),
            ),
            View::Signature | View::SignatureShape => told(
                "name and home page",
                "tên và trang nhà",
                named(&[Kind::AuthorName, Kind::AuthorHost]),
            ),
            View::Listed => self.reason_of_lists(),
            View::Text => told("the whole text", "toàn bộ nội dung", String::new()),
            View::Shape | View::Sender | View::Page | View::Behaviour | View::People => loudest
                .map_or_else(
                    || told("form of the text", "hình thức của bài", String::new()),
                    |at| self.reason(&self.items[at]),
                ),
        }
    }
}
