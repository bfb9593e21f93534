//! A whole Akismet check through the router: form in, `true` or `false` out, recorded in a temporary store.

use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use http_body_util::BodyExt;
use phin::http::{App, Metrics, Policy, Unsure, router};
use phin::model::Model;
use phin::moderation::Moderation;
use phin::store::Store;
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

fn check(c: &mut Criterion) {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::open(folder.path(), 16 << 20).expect("a store");
    let moderation =
        Moderation::open(Model::shipped(), store, || 1_700_000_000_000, |_| ()).expect("opens");
    moderation
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
        pace: None,
    });
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime");
    let mut group = c.benchmark_group("check");
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
        group.bench_function(text.name, |b| {
            b.iter_batched(
                || request(&form),
                |request| runtime.block_on(ask(&router, black_box(request))),
                BatchSize::SmallInput,
            )
        });
    }
    drop(group);
    moderation.close().expect("closes");
}

criterion_group! { name = benches; config = Criterion::default().sample_size(15).warm_up_time(Duration::from_millis(200)).measurement_time(Duration::from_millis(600)); targets = check }
criterion_main!(benches);
