//! A label turns earlier verdicts: what a note costs the check, how fast a window of checks is
//! looked through, how many are judged again in a second.

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use phin::comment::SiteId;
use phin::features::Features;
use phin::model::Model;
use phin::moderation::corrections::candidates::{Search, Sketch};
use phin::moderation::{CorrectionPolicy, Mode, Moderation, Options, Reach};
use phin::store::Store;

mod texts;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const KEY: &str = "0123456789ab";

fn sketches(c: &mut Criterion) {
    let comments = texts::labelled(1_000);
    let features: Vec<Features> = comments.iter().map(|(c, _)| Features::of(c)).collect();
    let all: Vec<Sketch> = features.iter().map(Sketch::of).collect();
    let mut group = c.benchmark_group("correct");
    group.throughput(Throughput::Elements(1));
    let mut next = features.iter().cycle();
    group.bench_function("sketch", |b| {
        b.iter(|| Sketch::of(black_box(next.next().expect("a cycle"))))
    });
    for labels in [1, 64] {
        let search = Search::of(&all[..labels]);
        group.throughput(Throughput::Elements(all.len() as u64));
        group.bench_function(format!("search/{labels}"), |b| {
            b.iter(|| {
                all.iter()
                    .map(|s| u64::from(search.shared(black_box(s))))
                    .sum::<u64>()
            })
        });
    }
}

fn rows(c: &mut Criterion) {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::open(folder.path(), 16 << 20).expect("a store");
    let policy = CorrectionPolicy {
        window_hours: 24,
        reach: Reach::Public,
    };
    let options = Options {
        corrections: policy,
        ..Options::default()
    };
    let moderation = Moderation::open(
        Model::shipped(),
        store,
        || 1_700_000_000_000,
        options,
        |_| (),
    )
    .expect("opens");
    moderation
        .accounts
        .create_key("bench", Some(KEY.to_owned()))
        .expect("a key");
    let admitted = moderation.accounts.admit(Some(KEY)).expect("admitted");
    let site = SiteId::parse("blog.example").expect("a site");
    let comments = texts::labelled(5_000);
    for (comment, _) in &comments {
        let mut comment = comment.clone();
        comment.origin.callback = Some("https://blog.example/hook".into());
        moderation.check(&admitted, &site, comment, Mode::Live, None);
    }
    let like = &comments[0].0;
    let mut group = c.benchmark_group("correct");
    moderation.corrections.queue_rescore(like);
    let round = moderation.corrections.correct(usize::MAX).expect("works");
    assert!(round.rows > 0);
    group.throughput(Throughput::Elements(round.rows as u64));
    group.bench_function("judge again", |b| {
        b.iter(|| {
            moderation.corrections.queue_rescore(like);
            let again = moderation.corrections.correct(usize::MAX).expect("works");
            assert_eq!(again.rows, round.rows);
        })
    });
    drop(group);
    moderation.close().expect("closes");
}

criterion_group! { name = benches; config = Criterion::default().sample_size(15).warm_up_time(Duration::from_millis(200)).measurement_time(Duration::from_millis(600)); targets = sketches, rows }
criterion_main!(benches);
