//! What stands beside a check and may cost it something: thousands of list entries, hundreds of
//! copies in the memory of campaigns. A check by itself is the stage `router` of `stages`.

use std::hint::black_box;
use std::time::Duration;

use axum::http::StatusCode;
use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use phin::campaigns::{Counting, Sketch};
use phin::comment::SiteId;
use phin::moderation::{Kind, List, NewEntry};

use crate::server::{Server, form, request, runtime, store};

mod crowd;
mod server;
mod texts;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Entries on the lists, half of them the site's own.
const ENTRIES: usize = 12_000;

fn entries() -> Vec<NewEntry> {
    let value = |kind: Kind, n: usize| match kind {
        Kind::Ip if n.is_multiple_of(7) => format!("198.{}.{}.0/24", 18 + n / 65_536, n / 7 % 256),
        Kind::Ip => format!("192.0.{}.{}", n / 256, n % 256),
        Kind::Email => format!("somebody{n}@mail.test"),
        Kind::EmailDomain => format!("mail{n}.test"),
        Kind::Domain => format!("casino{n}.test"),
        Kind::Author => format!("Casino Nhân Viên {n}"),
        // Many begin with a word the texts hold.
        Kind::Words if n % 4 == 1 => format!("vay tiền kiểu {n}"),
        Kind::Words => format!("nonesuch{n} bonus"),
    };
    let site = SiteId::parse("blog.example").expect("a site");
    (0..ENTRIES)
        .map(|n| {
            let kind = Kind::ALL[n % Kind::ALL.len()];
            NewEntry {
                site: (n % 12 < 6).then(|| site.clone()),
                list: List::Deny,
                kind,
                value: value(kind, n),
                reason: String::new(),
                by: "bench".into(),
                expires: None,
            }
        })
        .collect()
}

fn check(c: &mut Criterion) {
    let server = Server::open(store());
    let runtime = runtime();
    let mut group = c.benchmark_group("check");
    let mut check_all = |beside: &str| {
        for text in texts::all() {
            let form = form(&text.text, 0);
            let check = || request("comment-check", form.clone());
            let (status, body) = runtime.block_on(server.ask(check()));
            assert_eq!(status, StatusCode::OK, "{}", text.name);
            // The long texts are ham and spam by turns: spam.
            let expected = if text.name.ends_with("spam") || text.name.ends_with("3000") {
                "true"
            } else {
                "false"
            };
            assert_eq!(String::from_utf8_lossy(&body), expected, "{}", text.name);
            group.bench_function(format!("{}{beside}", text.name), |b| {
                b.iter_batched(
                    check,
                    |request| runtime.block_on(server.ask(black_box(request))),
                    BatchSize::SmallInput,
                )
            });
        }
    };
    check_all("");
    // Once more, beside entries of every kind that meet none of the texts.
    server.moderation.judging.list(entries()).expect("taken");
    check_all(&format!(" beside {ENTRIES} list entries"));
}

/// One comment in the memory of campaigns, among hundreds of copies of itself.
fn copies(c: &mut Criterion) {
    let mut memory = crowd::full(&crowd::sketches());
    let mut group = c.benchmark_group("campaigns");
    for text in texts::all() {
        let (comment, reading) = (texts::comment(&text.text), phin::text::read(&text.text));
        let sketches: Vec<Sketch> = (0..50)
            .map(|n| Sketch::of(&crowd::site(n), &comment, &reading))
            .collect();
        let mut n = 1_000_000;
        group.bench_function(format!("copies of {}", text.name), |b| {
            b.iter(|| {
                n += 1;
                let sighting = crowd::sighting(n);
                let sketch = &sketches[n as usize % 50];
                memory.observe(sketch, black_box(&sighting), Counting::Noted)
            })
        });
    }
}

criterion_group! { name = benches; config = Criterion::default().sample_size(15).warm_up_time(Duration::from_millis(200)).measurement_time(Duration::from_millis(600)); targets = check, copies }
criterion_main!(benches);
