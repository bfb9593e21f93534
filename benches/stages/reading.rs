//! From the bytes of a text to its words.

use std::hint::black_box;

use criterion::Criterion;
use phin::text;
use phin::text::Undone;
use phin::text::normalize::normalize;

use crate::measure::{On, in_turn};
use crate::names::SIZES;
use crate::texts::stream::{Kind, Stream};

pub(crate) fn normalise(c: &mut Criterion) {
    in_turn(c, "normalise", On::All, str::to_owned, |text| {
        normalize(black_box(text), &mut Undone::default())
    });
}

pub(crate) fn segment(c: &mut Criterion) {
    let normal = |text: &str| normalize(text, &mut Undone::default());
    in_turn(c, "segment", On::All, normal, |text| text::read(text));
}

pub(crate) fn read(c: &mut Criterion) {
    texts_are_what_they_are_called();
    in_turn(c, "read", On::EachDisguise, str::to_owned, |text| {
        text::read(text)
    });
}

fn texts_are_what_they_are_called() {
    for kind in Kind::ALL.into_iter().chain(Kind::DISGUISES) {
        for text in Stream::of(kind, SIZES[1]).take(20) {
            let reading = text::read(&text);
            assert_eq!(text.len(), SIZES[1]);
            if let Some(language) = kind.language() {
                assert_eq!(reading.language.code(), language, "{text}");
                assert!(reading.tokens.len() > text.len() / 12, "{text}");
            }
        }
    }
}
