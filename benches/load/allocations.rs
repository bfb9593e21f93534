//! How often a check asks the allocator for memory, and for how many bytes, stage by stage.
//!
//! `cargo run --release --example allocations` prints one table for each length of a comment. Each
//! figure is the mean over different comments, after as many that are not counted.

use std::alloc::System;
use std::hint::black_box;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use http_body_util::BodyExt;
use phin::campaigns::Sketch;
use phin::comment::{Comment, SiteId};
use phin::features::Features;
use phin::filter;
use phin::http::{App, Load, Metrics, Policy, Unsure, router};
use phin::model::Model;
use phin::model::counts::Counts;
use phin::model::layers::Live;
use phin::moderation::{Moderation, Options};
use phin::store::Store;
use phin::text;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use tower::ServiceExt;

#[path = "../texts/mod.rs"]
mod texts;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const KEY: &str = "0123456789ab";
/// Comments that are counted.
const COUNTED: usize = 200;
const LENGTHS: [usize; 3] = [60, 300, 3_000];

/// Comments in one language of about so many bytes, all different.
fn comments(bytes: usize, is_vietnamese: bool) -> Vec<Comment> {
    // Of four in a row the first two are English.
    let of_language = |at: usize| (at / 2 % 2 == 1) == is_vietnamese;
    let clauses: Vec<String> = texts::labelled(8_000)
        .into_iter()
        .enumerate()
        .filter(|(at, _)| of_language(*at))
        .map(|(_, (comment, _))| comment.text)
        .collect();
    let comment = |at: usize| {
        let mut text = String::new();
        let mut clauses = clauses.iter().cycle().skip(at * 7);
        while text.len() < bytes {
            text.push_str(clauses.next().map_or("", String::as_str));
            text.push_str(". ");
        }
        text.truncate(text.floor_char_boundary(bytes));
        texts::comment(&text)
    };
    (0..2 * COUNTED).map(comment).collect()
}

/// Allocations and bytes of one call, on average. The first half of the inputs is for warming up.
fn counted<T>(inputs: Vec<T>, mut call: impl FnMut(T)) -> (f64, f64) {
    let mut inputs = inputs.into_iter();
    inputs.by_ref().take(COUNTED).for_each(&mut call);
    let (mut allocations, mut bytes) = (0, 0);
    for input in inputs {
        let region = Region::new(ALLOCATOR);
        call(input);
        let change = region.change();
        allocations += change.allocations + change.reallocations;
        bytes += change.bytes_allocated as isize + change.bytes_reallocated.max(0);
    }
    let mean = |sum: f64| sum / COUNTED as f64;
    (mean(allocations as f64), mean(bytes as f64))
}

fn form(comment: &Comment, is_test: bool) -> String {
    let author = &comment.author;
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    form.extend_pairs([
        ("blog", "https://blog.example/"),
        ("user_ip", "203.0.113.9"),
        ("user_agent", texts::USER_AGENT),
        ("referrer", "https://blog.example/2026/11/post/"),
        ("permalink", "https://blog.example/2026/11/post/"),
        ("comment_type", "comment"),
        ("comment_author", author.name.as_deref().unwrap_or("")),
        (
            "comment_author_email",
            author.email.as_deref().unwrap_or(""),
        ),
        ("comment_content", &comment.text),
        ("blog_lang", "vi"),
        ("blog_charset", "UTF-8"),
        ("HTTP_HOST", "blog.example"),
        ("HTTP_ACCEPT", "text/html,application/xhtml+xml"),
        ("HTTP_ACCEPT_LANGUAGE", "vi,en;q=0.9"),
        ("HTTP_ACCEPT_ENCODING", "gzip, deflate, br"),
        ("HTTP_CONNECTION", "keep-alive"),
        ("api_key", KEY),
    ]);
    if is_test {
        form.append_pair("is_test", "1");
    }
    form.finish()
}

/// A server in memory but for its folder.
struct Server {
    router: Router,
    runtime: tokio::runtime::Runtime,
    _folder: tempfile::TempDir,
}

impl Server {
    fn open() -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let store = Store::open(folder.path(), 16 << 20)?;
        let clock = || 1_700_000_000_000;
        let options = Options::default();
        let moderation = Moderation::open(Model::shipped(), store, clock, options, |_| ())?;
        moderation
            .accounts
            .create_key("bench", Some(KEY.to_owned()))?;
        let router = router(App {
            moderation: Arc::new(moderation),
            metrics: Arc::new(Metrics::default()),
            policy: Policy {
                unsure: Unsure::Hold,
                max_body_bytes: 1 << 20,
            },
            rate_limit: None,
            load: Load::new(1 << 20),
        });
        Ok(Self {
            router,
            runtime: tokio::runtime::Builder::new_current_thread()
                .enable_time()
                .build()?,
            _folder: folder,
        })
    }

    fn checks(&self, comments: &[Comment], is_test: bool) -> (f64, f64) {
        let request = |comment| {
            Request::post("/1.1/comment-check")
                .header("content-type", "application/x-www-form-urlencoded")
                .body(Body::from(form(comment, is_test)))
                .expect("it is a request")
        };
        counted(comments.iter().map(request).collect(), |request| {
            self.runtime.block_on(async {
                let answer = self.router.clone().oneshot(request).await;
                let answer = answer.expect("it answers");
                black_box(answer.into_body().collect().await.expect("it ends"));
            });
        })
    }
}

/// No campaigns and no lists.
struct Alone;

impl filter::Surroundings for Alone {}

fn main() -> anyhow::Result<()> {
    let model = Model::shipped();
    let no_labels = Counts::default();
    let live = Live {
        shared: &no_labels,
        site: None,
    };
    let site = SiteId::parse("blog.example")?;
    let server = Server::open()?;
    for bytes in LENGTHS {
        println!("\n| {bytes} bytes | vi: allocations | bytes | en: allocations | bytes |");
        println!("|---|---|---|---|---|");
        let of_language = [true, false].map(|is_vietnamese| comments(bytes, is_vietnamese));
        let row = |name: &str, stage: &dyn Fn(&[Comment]) -> (f64, f64)| {
            let [(vi, vi_bytes), (en, en_bytes)] = of_language.each_ref().map(|of| stage(of));
            println!("| {name} | {vi:.1} | {vi_bytes:.0} | {en:.1} | {en_bytes:.0} |");
        };
        row("the text is read", &|comments| {
            counted(comments.iter().collect(), |comment: &Comment| {
                black_box(text::read(&comment.text));
            })
        });
        row("its features are listed", &|comments| {
            let read = comments.iter().map(|c| (c, text::read(&c.text))).collect();
            counted(read, |(comment, reading)| {
                black_box(Features::of_reading(comment, &reading));
            })
        });
        row("model and labels judge", &|comments| {
            let features = comments.iter().map(Features::of).collect();
            counted(features, |features: Features| {
                black_box(filter::judge(&model, &features, live));
            })
        });
        row("cutoffs, kind of spam", &|comments| {
            let of = |comment| {
                let features = Features::of(comment);
                (filter::judge(&model, &features, live), features)
            };
            counted(comments.iter().map(of).collect(), |(judged, features)| {
                black_box(filter::settle(judged, &model, &features, &Alone));
            })
        });
        row("its sketch is drawn", &|comments| {
            let read = comments.iter().map(|c| (c, text::read(&c.text))).collect();
            counted(read, |(comment, reading)| {
                black_box(Sketch::of(&site, comment, &reading));
            })
        });
        row("whole check, not kept: form in, answer out", &|comments| {
            server.checks(comments, true)
        });
        row(
            "whole check, kept, with the writer behind it",
            &|comments| server.checks(comments, false),
        );
    }
    Ok(())
}
