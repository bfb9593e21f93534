//! A small training run: reading 400 labelled comments, and fitting a model to them with its folds.

use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};
use phin::learn::train::corpus::Example;
use phin::learn::train::fit::{RowMeta, TrainConfig, prepare, train};
use phin::verdict::Label;

mod texts;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn small(c: &mut Criterion) {
    let examples: Vec<Example> = texts::labelled(400)
        .into_iter()
        .map(|(comment, label)| Example {
            comment,
            label: Some(label),
            ..Example::default()
        })
        .collect();
    let recipe = TrainConfig::default();
    let quietly = &|_: &str, _: usize, _: usize| ();
    let (rows, kinds) = prepare(&examples, |_| RowMeta::default(), quietly);
    let fit = || train(&rows, &kinds, &recipe, Vec::new(), quietly).expect("both labels are there");
    let trained = fit();
    assert!(trained.model.card.spam > 50 && trained.model.card.ham > 50);
    let right = trained
        .left_out
        .iter()
        .filter(|j| (j.log_odds > 0.0) == (j.label == Label::Spam))
        .count();
    assert!(
        right * 10 > trained.left_out.len() * 9,
        "{right} of {}",
        trained.left_out.len()
    );
    let mut group = c.benchmark_group("train");
    group.bench_function("prepare/400", |b| {
        b.iter_with_large_drop(|| prepare(&examples, |_| RowMeta::default(), quietly))
    });
    group.bench_function("fit/400", |b| b.iter_with_large_drop(fit));
}

criterion_group! { name = benches; config = Criterion::default().sample_size(10).warm_up_time(Duration::from_millis(100)).measurement_time(Duration::from_secs(2)); targets = small }
criterion_main!(benches);
