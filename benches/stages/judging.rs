//! From words to a verdict.

use std::hint::black_box;

use criterion::Criterion;
use phin::campaigns::{Counting, Sketch};
use phin::features::Features;
use phin::filter;
use phin::model::Model;
use phin::model::counts::Counts;
use phin::model::layers::Live;
use phin::text;
use phin::verdict::Label;

use crate::crowd;
use crate::measure::{On, in_turn, on_new};
use crate::texts;
use crate::texts::stream::{Kind, Stream};

pub(crate) fn features(c: &mut Criterion) {
    let read = |text: &str| (texts::comment(text), text::read(text));
    in_turn(c, "features", On::All, read, |(comment, reading)| {
        Features::of_reading(black_box(comment), reading)
    });
}

/// Labels of all sites, and how many of them are this site's.
const SHARED: usize = 1_000;
const SITE: usize = 200;

/// Labels of texts like those that are scored.
fn labels() -> [Counts; 2] {
    let [mut shared, mut site] = [Counts::default(), Counts::default()];
    let streams = Kind::ALL.map(|kind| Stream::of(kind, 310).take(SHARED / Kind::ALL.len()));
    for (at, text) in streams.into_iter().flatten().enumerate() {
        let ids = Features::of(&texts::comment(&text)).ids();
        let label = [Label::Spam, Label::Ham][at % 2];
        shared.add(&ids, label);
        if at % (SHARED / SITE) == 0 {
            site.add(&ids, label);
        }
    }
    [shared, site]
}

pub(crate) fn score(c: &mut Criterion) {
    let (model, [shared, site]) = (Model::shipped(), labels());
    let live = Live {
        shared: &shared,
        site: Some(&site),
    };
    let features = |text: &str| Features::of(&texts::comment(text));
    in_turn(c, "score", On::All, features, |features| {
        let score = model.score(black_box(features), live);
        assert!(score.is_labelled && score.log_odds.is_finite());
        score
    });
}

pub(crate) fn explain(c: &mut Criterion) {
    let model = Model::shipped();
    let nobody = Counts::default();
    let live = Live {
        shared: &nobody,
        site: None,
    };
    let clues = |text: &str| {
        let assessment = filter::check(&model, &texts::comment(text), live);
        (assessment.clues, text.to_owned())
    };
    in_turn(c, "explain", On::All, clues, |(clues, text)| {
        filter::place(black_box(clues), text);
    });
}

pub(crate) fn campaign(c: &mut Criterion) {
    let crowd = std::cell::LazyCell::new(crowd::sketches);
    let place = crowd::site(0);
    on_new(
        c,
        ("campaign", 1),
        On::All,
        |_, _| crowd::full(&crowd),
        |texts| {
            let (n, text) = texts.next().expect("texts without end");
            let reading = text::read(&text);
            (n, texts::comment_of(&text, n), reading)
        },
        |memory, (n, comment, reading)| {
            let sketch = Sketch::of(&place, black_box(&comment), &reading);
            let sighting = crowd::sighting(1_000_000 + n as u64);
            let heard = memory.observe(&sketch, &sighting, Counting::Noted);
            (heard, comment, reading)
        },
    );
}
