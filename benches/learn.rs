//! Labels: folding them into the layers, and making them durable. The second waits for the disk, so
//! it measures the disk more than phin.

use std::sync::Arc;
use std::time::Duration;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use phin::comment::{CommentId, SiteId};
use phin::features::{FEATURES_VERSION, Features};
use phin::learn::online::operator_events::OperatorEvents;
use phin::learn::online::realm::Realm;
use phin::learn::online::{Effect, Online, RecordedLabels, SITE_LAYERS_BYTES};
use phin::model::Model;
use phin::store::{LedgerEntry, Store};

mod texts;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn entries(count: usize) -> Vec<LedgerEntry> {
    let site = SiteId::parse("blog.example").expect("a site");
    texts::labelled(count)
        .into_iter()
        .enumerate()
        .map(|(at, (comment, label))| LedgerEntry {
            seq: at as u64 + 1,
            event: at as u64,
            at: 0,
            site: site.clone(),
            comment: CommentId(at as u64),
            label,
            machine: None,
            reporter: None,
            key_name: "bench".into(),
            features: Features::of(&comment).ids(),
            features_version: FEATURES_VERSION,
            kind: None,
            outline: Default::default(),
            shares: Default::default(),
            sketch: vec![],
            checked: None,
        })
        .collect()
}

/// No label here takes an earlier one back.
#[derive(Debug)]
struct Nothing;

impl RecordedLabels for Nothing {
    fn label_at(&self, _: u64) -> Option<LedgerEntry> {
        None
    }
}

fn fold(c: &mut Criterion) {
    let entries = entries(1_000);
    let site = entries[0].site.clone();
    let fold_all = || {
        let online = Online::new(
            Arc::new(Nothing),
            Arc::new(Model::cold()),
            OperatorEvents::default(),
            SITE_LAYERS_BYTES,
        );
        for entry in &entries {
            assert_eq!(online.fold(entry), Effect::Learnt);
        }
        online
    };
    assert_eq!(fold_all().labels(&Realm::of_site(&site)).own(), 1_000);
    let mut group = c.benchmark_group("learn");
    group.throughput(Throughput::Elements(entries.len() as u64));
    group.bench_function("fold/1000", |b| b.iter_with_large_drop(fold_all));
}

fn append(c: &mut Criterion) {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::open(folder.path(), 16 << 20).expect("a store");
    let template = entries(64);
    let mut seq = 0;
    let mut group = c.benchmark_group("learn");
    for size in [1, 64] {
        group.throughput(Throughput::Elements(size as u64));
        let mut next = || {
            let mut batch = template[..size].to_vec();
            for entry in &mut batch {
                seq += 1;
                entry.seq = seq;
            }
            batch
        };
        group.bench_function(format!("append/{size}"), |b| {
            b.iter_batched(
                &mut next,
                |batch| store.append(&batch).expect("appends"),
                BatchSize::PerIteration,
            )
        });
    }
    drop(group);
    assert_eq!(store.last_seq().expect("reads"), seq);
    assert_eq!(
        store.entry(1).expect("reads").expect("is there").features,
        template[0].features
    );
}

criterion_group! { name = benches; config = Criterion::default().sample_size(10).warm_up_time(Duration::from_millis(200)).measurement_time(Duration::from_secs(1)); targets = fold, append }
criterion_main!(benches);
