//! How a stage is measured on all its texts: in turn where it leaves nothing behind, else on a new
//! text each time.

use criterion::measurement::WallTime;
use criterion::{BatchSize, BenchmarkGroup, BenchmarkId, Criterion, Throughput};

use crate::names::{LONGEST, SIZES, STAGES};
use crate::texts::stream::{Kind, Stream};

/// Texts that are taken in turn.
const POOL: usize = 128;

/// Texts that a stage is measured on.
#[derive(Debug, Clone, Copy)]
pub(crate) enum On {
    /// Honest and hostile ones, the latter mixed.
    All,
    /// These, and each disguise by itself, also in long texts.
    EachDisguise,
}

impl On {
    fn texts(self) -> Vec<(Kind, usize)> {
        let crossed = |kinds: &[Kind], sizes: &[usize]| -> Vec<(Kind, usize)> {
            let each = |&kind: &Kind| sizes.iter().map(move |&bytes| (kind, bytes));
            kinds.iter().flat_map(each).collect()
        };
        let mut texts = crossed(&Kind::ALL, &SIZES);
        if let Self::EachDisguise = self {
            texts.extend(crossed(&Kind::DISGUISES, &SIZES));
            texts.extend(crossed(&Kind::DISGUISES, &[LONGEST]));
        }
        texts
    }
}

fn group<'c>(c: &'c mut Criterion, stage: &str) -> BenchmarkGroup<'c, WallTime> {
    assert!(STAGES.iter().any(|(name, _)| *name == stage), "{stage}");
    c.benchmark_group(stage)
}

/// A stage that leaves nothing behind.
pub(crate) fn in_turn<T, R>(
    c: &mut Criterion,
    stage: &str,
    on: On,
    prepare: impl Fn(&str) -> T,
    run: impl Fn(&mut T) -> R,
) {
    let mut group = group(c, stage);
    for (kind, bytes) in on.texts() {
        // Criterion calls the closure below many times, and never if the command line wants
        // another stage.
        let mut prepared = None;
        let mut at = 0;
        group.throughput(Throughput::Bytes(bytes as u64));
        group.bench_function(BenchmarkId::new(kind.name(), bytes), |b| {
            let prepared: &mut Vec<T> = prepared.get_or_insert_with(|| {
                let texts = Stream::of(kind, bytes).take(POOL);
                texts.map(|text| prepare(&text)).collect()
            });
            b.iter(|| {
                at = (at + 1) % POOL;
                run(&mut prepared[at])
            });
        });
    }
}

/// Numbered texts.
pub(crate) type Texts<'a> = &'a mut dyn Iterator<Item = (usize, String)>;

/// A stage that changes what it works on: `open` makes that, once for each kind and size.
/// `prepare` takes what one run needs of the texts, `at_once` of them.
pub(crate) fn on_new<S, T, R>(
    c: &mut Criterion,
    (stage, at_once): (&str, usize),
    on: On,
    open: impl Fn(Kind, usize) -> S,
    prepare: impl Fn(Texts<'_>) -> T,
    run: impl Fn(&mut S, T) -> R,
) {
    let mut group = group(c, stage);
    for (kind, bytes) in on.texts() {
        let mut opened = None;
        let mut texts = Stream::of(kind, bytes).enumerate();
        group.throughput(Throughput::Bytes((bytes * at_once) as u64));
        group.bench_function(BenchmarkId::new(kind.name(), bytes), |b| {
            let opened = opened.get_or_insert_with(|| open(kind, bytes));
            b.iter_batched(
                || prepare(&mut texts),
                |prepared| run(opened, prepared),
                BatchSize::SmallInput,
            );
        });
    }
}
