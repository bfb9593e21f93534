//! Reading a text: from bytes to tokens.

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};

mod texts;

// What the binary allocates with.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn read(c: &mut Criterion) {
    let mut group = c.benchmark_group("text");
    for text in texts::all() {
        let reading = phin::text::read(&text.text);
        assert_eq!(reading.language.code(), text.lang, "{}", text.name);
        assert!(reading.tokens.len() > text.text.len() / 10, "{}", text.name);
        group.throughput(Throughput::Bytes(text.text.len() as u64));
        group.bench_function(text.name, |b| {
            b.iter(|| phin::text::read(black_box(&text.text)))
        });
    }
}

criterion_group! { name = benches; config = Criterion::default().sample_size(20).warm_up_time(Duration::from_millis(200)).measurement_time(Duration::from_millis(600)); targets = read }
criterion_main!(benches);
