//! What changes the cost of a score with the shipped model: labels or none, the score without them
//! as well, the kind of spam. `stages` has features and score by themselves.

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};
use phin::features::Features;
use phin::model::Model;
use phin::model::counts::Counts;
use phin::model::layers::Live;

mod texts;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Labels of all sites, and how many of them are this site's.
const SHARED: usize = 1_000;
const SITE: usize = 200;

fn score(c: &mut Criterion) {
    let model = Model::shipped();
    let (none, mut shared, mut site) = (Counts::default(), Counts::default(), Counts::default());
    for (at, (comment, label)) in texts::labelled(SHARED).into_iter().enumerate() {
        let ids = Features::of(&comment).ids();
        shared.add(&ids, label);
        if at < SITE {
            site.add(&ids, label);
        }
    }
    assert_eq!(
        (
            shared.comments().total() as usize,
            site.comments().total() as usize
        ),
        (SHARED, SITE)
    );
    let quiet = Live {
        shared: &none,
        site: None,
    };
    let live = Live {
        shared: &shared,
        site: Some(&site),
    };
    let mut group = c.benchmark_group("score");
    for text in texts::all() {
        let comment = texts::comment(&text.text);
        let features = Features::of(&comment);
        assert!(features.items.len() > text.text.len() / 2, "{}", text.name);
        let (before, after) = (model.score(&features, quiet), model.score(&features, live));
        assert!(
            before.log_odds.is_finite() && after.log_odds.is_finite() && after != before,
            "{}",
            text.name
        );
        let (mixed, spam) = (text.name.ends_with("3000"), text.name.ends_with("spam"));
        assert_eq!(
            before.log_odds > 0.0,
            spam || mixed,
            "{}: {}",
            text.name,
            before.log_odds
        );
        // Half of the labels are against the long texts, which are ham and spam in turn.
        assert!(
            mixed || (after.log_odds > 0.0) == spam,
            "{}: {}",
            text.name,
            after.log_odds
        );
        group.bench_function(format!("quiet/{}", text.name), |b| {
            b.iter(|| model.score(&Features::of(black_box(&comment)), quiet))
        });
        group.bench_function(format!("live/{}", text.name), |b| {
            b.iter(|| model.score(&Features::of(black_box(&comment)), live))
        });
    }
    drop(group);
    // One text again and again would look faster than it is, because of caches and branch
    // prediction; a server sees another text each time.
    let parts = texts::labelled(400);
    let stream: Vec<_> = parts
        .windows(6)
        .map(|six| texts::comment(&format!("{}. {}", six[0].0.text, six[4].0.text)))
        .collect();
    let bytes = stream
        .iter()
        .map(|comment| comment.text.len())
        .sum::<usize>()
        / stream.len();
    assert!((250..350).contains(&bytes), "{bytes}");
    let mut at = 0;
    c.bench_function("score/quiet/stream", |b| {
        b.iter(|| {
            at = (at + 1) % stream.len();
            model.score(&Features::of(black_box(&stream[at])), quiet)
        });
    });
    // As a server does, for the score profiles of days.
    c.bench_function("score/quiet and unaided/stream", |b| {
        b.iter(|| {
            at = (at + 1) % stream.len();
            let features = Features::of(black_box(&stream[at]));
            (model.score(&features, quiet), model.base_score(&features))
        });
    });
    // What a comment that is not ham costs more; ham costs nothing.
    let categories = model
        .categories
        .as_ref()
        .expect("the shipped model has them");
    for text in texts::all()
        .into_iter()
        .filter(|t| t.name.ends_with("spam"))
    {
        let features = Features::of(&texts::comment(&text.text));
        assert!(categories.of(&features).is_some(), "{}", text.name);
        c.bench_function(&format!("score/category/{}", text.name), |b| {
            b.iter(|| categories.of(black_box(&features)))
        });
    }
}

criterion_group! { name = benches; config = Criterion::default().sample_size(20).warm_up_time(Duration::from_millis(200)).measurement_time(Duration::from_millis(600)); targets = score }
criterion_main!(benches);
