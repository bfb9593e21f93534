//! A whole Akismet check through the router: form in, `true` or `false` out, recorded in a
//! temporary store. And the memory of campaigns by itself.

use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use http_body_util::BodyExt;
use phin::campaigns::{Campaigns, Counting, Sighting, Sketch, Windows};
use phin::comment::{CommentId, SiteId};
use phin::http::{App, Load, Metrics, Policy, Unsure, router};
use phin::model::Model;
use phin::moderation::{Kind, List, Moderation, NewEntry, Options};
use phin::store::Store;
use phin::verdict::Verdict;
use tower::ServiceExt;

mod texts;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const KEY: &str = "0123456789ab";

fn form(text: &str) -> Vec<u8> {
    let fields = [
        ("api_key", KEY),
        ("blog", "https://blog.example/"),
        ("user_ip", "203.0.113.9"),
        ("user_agent", texts::USER_AGENT),
        ("comment_type", "comment"),
        ("comment_author", "Minh Anh"),
        ("comment_author_email", "minhanh@example.com"),
        ("blog_lang", "vi"),
        ("comment_content", text),
    ];
    url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish()
        .into_bytes()
}

fn request(body: &[u8]) -> Request<Body> {
    Request::post("/1.1/comment-check")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Body::from(body.to_vec()))
        .expect("a request")
}

async fn ask(router: &Router, request: Request<Body>) -> (StatusCode, Vec<u8>) {
    let response = router.clone().oneshot(request).await.expect("an answer");
    let status = response.status();
    (
        status,
        response
            .into_body()
            .collect()
            .await
            .expect("a body")
            .to_bytes()
            .to_vec(),
    )
}

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
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::open(folder.path(), 16 << 20).expect("a store");
    let moderation = Moderation::open(
        Model::shipped(),
        store,
        || 1_700_000_000_000,
        Options::default(),
        |_| (),
    )
    .expect("opens");
    moderation
        .accounts
        .create_key("bench", Some(KEY.to_owned()))
        .expect("a key");
    let moderation = Arc::new(moderation);
    let policy = Policy {
        unsure: Unsure::Hold,
        max_body_bytes: 1 << 20,
    };
    let router = router(App {
        moderation: Arc::clone(&moderation),
        metrics: Arc::new(Metrics::default()),
        policy,
        rate_limit: None,
        load: Load::new(1 << 20),
    });
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime");
    let mut group = c.benchmark_group("check");
    let mut check_all = |beside: &str| {
        for text in texts::all() {
            let form = form(&text.text);
            let (status, body) = runtime.block_on(ask(&router, request(&form)));
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
                    || request(&form),
                    |request| runtime.block_on(ask(&router, black_box(request))),
                    BatchSize::SmallInput,
                )
            });
        }
    };
    check_all("");
    // Once more, beside entries of every kind that meet none of the texts.
    moderation.judging.list(entries()).expect("taken");
    check_all(&format!(" beside {ENTRIES} list entries"));
    drop(group);
    campaigns(c);
    moderation.close().expect("closes");
}

/// One comment noted and asked about: it is sketched and looked up in a memory that is full of
/// others, or among hundreds of copies of itself.
fn campaigns(c: &mut Criterion) {
    let mut memory = Campaigns::new(phin::campaigns::DEFAULT_BYTES, Windows::default());
    let site = |n: u64| SiteId::parse(&format!("site-{}.example", n % 50)).expect("a site");
    let sighting = |n: u64| Sighting {
        comment: CommentId(n),
        guid: u128::from(n),
        at: n as i64 * 100,
        own: Verdict::Ham,
    };
    let word = |n: u64| format!("w{:x} ", n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 44);
    for n in 0..150_000 {
        let text: String = (0..12).map(|at| word(n * 12 + at)).collect();
        let sketch = Sketch::of(&site(n), &texts::comment(&text), &phin::text::read(&text));
        memory.observe(&sketch, &sighting(n), Counting::Noted);
    }
    let mut group = c.benchmark_group("campaigns");
    for text in texts::all() {
        let (comment, reading) = (texts::comment(&text.text), phin::text::read(&text.text));
        let place = site(0);
        group.bench_function(format!("sketch {}", text.name), |b| {
            b.iter(|| Sketch::of(&place, black_box(&comment), &reading))
        });
        let sketches: Vec<Sketch> = (0..50)
            .map(|n| Sketch::of(&site(n), &comment, &reading))
            .collect();
        let mut n = 1_000_000;
        group.bench_function(format!("hear {}", text.name), |b| {
            b.iter(|| {
                n += 1;
                memory.observe(
                    &sketches[n as usize % 50],
                    black_box(&sighting(n)),
                    Counting::Noted,
                )
            })
        });
    }
    let strangers: Vec<Sketch> = (0..10_000)
        .map(|n| {
            let text: String = (0..40).map(|at| word(9_000_000 + n * 40 + at)).collect();
            Sketch::of(&site(n), &texts::comment(&text), &phin::text::read(&text))
        })
        .collect();
    let mut n = 2_000_000;
    group.bench_function("hear strangers", |b| {
        b.iter(|| {
            n += 1;
            memory.observe(
                &strangers[n as usize % 10_000],
                black_box(&sighting(n)),
                Counting::Noted,
            )
        })
    });
}

criterion_group! { name = benches; config = Criterion::default().sample_size(15).warm_up_time(Duration::from_millis(200)).measurement_time(Duration::from_millis(600)); targets = check }
criterion_main!(benches);
