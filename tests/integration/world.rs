//! The server without its port: router, moderation and a real store in a temporary folder.

use std::cell::Cell;
use std::num::NonZeroU32;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Method, Request};
use http_body_util::BodyExt;
use phin::http::{App, Load, Metrics, Policy, RateLimit, Unsure, metrics_router, router};
use phin::model::Model;
use phin::model::registry::ModelRegistry;
use phin::moderation::{
    AuditPolicy, Clock, CorrectionPolicy, Moderation, Options, Retention, Vouch,
};
use phin::store::{Store, StoreError};
use serde_json::Value;
use tower::ServiceExt;

use crate::program::until;

/// The key every world admits.
pub(crate) const KEY: &str = "0123456789ab";
/// The site a request names unless it names another.
pub(crate) const SITE: &str = "http://blog.example";
/// Noon of 2026-11-23; time stands still in a world unless a test moves it.
pub(crate) const NOON: i64 = 1_795_435_200_000;
thread_local!(static NOW: Cell<i64> = const { Cell::new(NOON) });

thread_local!(static AUDITS: Cell<AuditPolicy> = const { Cell::new(AuditPolicy::OFF) });

/// Worlds of this test draw audits by this policy from the next start on.
pub(crate) fn audit(policy: AuditPolicy) {
    AUDITS.set(policy);
}

/// What the clock of every world of this test shows: a test has a thread to itself.
pub(crate) fn now() -> i64 {
    NOW.get()
}

/// Moves the clock by so many days.
pub(crate) fn days_pass(days: i64) {
    NOW.set(NOW.get() + days * 86_400_000);
}

/// Moves the clock by so many milliseconds.
pub(crate) fn millis_pass(millis: i64) {
    NOW.set(NOW.get() + millis);
}

const MAX_BODY_BYTES: usize = 8 << 20;

pub(crate) struct World {
    model: Model,
    clock: Clock,
    router: Router,
    operators: Router,
    moderation: Arc<Moderation>,
    corrections: CorrectionPolicy,
    retention: Retention,
    folder: tempfile::TempDir,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    #[track_caller]
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("answers are UTF-8")
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|e| panic!("not JSON ({e}): {:?}", self.text()))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .get(name)
            .map(|value| value.to_str().expect("headers are ASCII"))
    }

    #[track_caller]
    pub(crate) fn guid(&self) -> &str {
        self.header("x-akismet-guid").expect("a check has a guid")
    }

    /// Our opinion, from our own header.
    #[track_caller]
    pub(crate) fn probability(&self) -> f64 {
        self.header("x-spam-probability")
            .expect("a judged check says how sure it is")
            .parse()
            .expect("a number")
    }

    #[track_caller]
    pub(crate) fn verdict(&self) -> &str {
        self.header("x-spam-verdict")
            .expect("a judged check says its verdict")
    }
}

/// The shipped model, unpacked once.
pub(crate) fn shipped() -> Model {
    static SHIPPED: OnceLock<Model> = OnceLock::new();
    SHIPPED.get_or_init(Model::shipped).clone()
}

pub(crate) const THANKS: &str = "Thanks for making the web a better place.";

impl World {
    /// The shipped model, an empty store, one key.
    pub(crate) fn new() -> Self {
        Self::with_model(shipped())
    }

    pub(crate) fn with_model(model: Model) -> Self {
        Self::with_clock(model, now)
    }

    /// A world whose time is told by somebody else.
    pub(crate) fn with_clock(model: Model, clock: Clock) -> Self {
        Self::correcting(model, clock, CorrectionPolicy::default())
    }

    /// With a clock of its own, and corrections by this policy; rounds and deliveries are the test's to ask for.
    pub(crate) fn correcting(model: Model, clock: Clock, corrections: CorrectionPolicy) -> Self {
        Self::made(model, clock, corrections, None)
    }

    /// Keeps words for so many days; sweeps are the test's to ask for.
    pub(crate) fn keeping(days: u32) -> Self {
        Self::new().that_keeps(days)
    }

    /// The same, of a world that is there.
    pub(crate) fn that_keeps(self, days: u32) -> Self {
        Self {
            retention: Retention { days },
            ..self
        }
        .restart()
    }

    /// The folder of the store.
    pub(crate) fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// The cold model, one key, and so many requests a second for it.
    pub(crate) fn paced(requests_per_second: u32) -> Self {
        let most = NonZeroU32::new(requests_per_second);
        Self::made(Model::cold(), now, CorrectionPolicy::default(), most)
    }

    fn made(
        model: Model,
        clock: Clock,
        corrections: CorrectionPolicy,
        pace: Option<NonZeroU32>,
    ) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let retention = Retention::default();
        let world = Self::open(model, folder, clock, corrections, retention, pace);
        world
            .moderation
            .accounts
            .create_key("first", Some(KEY.to_owned()))
            .expect("the key is stored");
        // As `phin serve` does with the first key.
        at_once(world.moderation.labels.vouch("first", Vouch::For))
            .expect("the first key is vouched for");
        world
    }

    /// Another key, of a customer nobody vouches for; its name is its secret.
    pub(crate) fn with_key(self, secret: &str) -> Self {
        let made = self
            .moderation
            .accounts
            .create_key(secret, Some(secret.to_owned()));
        made.expect("the key is stored");
        self
    }

    fn open(
        model: Model,
        folder: tempfile::TempDir,
        clock: Clock,
        corrections: CorrectionPolicy,
        retention: Retention,
        pace: Option<NonZeroU32>,
    ) -> Self {
        let store = open_store(folder.path());
        let options = Options {
            corrections,
            audits: AUDITS.get(),
            shelf: Some(ModelRegistry::of(folder.path())),
            retention: Some(retention),
            ..Options::default()
        };
        let moderation = Moderation::open(model.clone(), store, clock, options, |_| {});
        let moderation = Arc::new(moderation.expect("the ledger is read"));
        let app = App {
            moderation: Arc::clone(&moderation),
            metrics: Arc::new(Metrics::default()),
            policy: Policy {
                unsure: Unsure::Hold,
                max_body_bytes: MAX_BODY_BYTES,
            },
            rate_limit: pace
                .map(|most| Arc::new(RateLimit::new(most, || Duration::from_millis(now() as u64)))),
            load: Load::new(MAX_BODY_BYTES),
        };
        Self {
            model,
            clock,
            router: router(app.clone()),
            operators: metrics_router(app),
            moderation,
            corrections,
            retention,
            folder,
        }
    }

    /// Closes everything and opens the same folder again.
    pub(crate) fn restart(self) -> Self {
        self.restart_after(|_| ())
    }

    /// The same, when something has been done to its store meanwhile.
    pub(crate) fn restart_after(self, work: impl FnOnce(&Store)) -> Self {
        let Self {
            model,
            clock,
            router,
            operators,
            moderation,
            corrections,
            retention,
            folder,
        } = self;
        moderation.close().expect("everything is written down");
        drop((router, operators, moderation));
        let store = open_store(folder.path());
        work(&store);
        drop(store);
        Self::open(model, folder, clock, corrections, retention, None)
    }

    /// Where its models lie.
    pub(crate) fn shelf(&self) -> ModelRegistry {
        ModelRegistry::of(self.folder.path())
    }

    pub(crate) fn moderation(&self) -> &Arc<Moderation> {
        &self.moderation
    }

    /// Drains the writers and returns what the store holds; labels are refused afterwards.
    pub(crate) fn close_and_export(&self, what: &str) -> Vec<Value> {
        self.moderation.close().expect("everything is written down");
        let lines = self.moderation.transfer.export().expect("can be read");
        lines
            .map(|line| serde_json::to_value(line.expect("whole")).expect("is JSON"))
            .filter(|line| line["what"] == what)
            .collect()
    }

    /// Sends exactly this.
    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let Ok(response) = self.router.clone().oneshot(request).await;
        let (parts, body) = response.into_parts();
        let body = body
            .collect()
            .await
            .expect("the answer is whole")
            .to_bytes()
            .to_vec();
        Answer {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body,
        }
    }

    /// What the operator's address says: figures, and readiness with all details.
    pub(crate) async fn operator(&self, path: &str) -> String {
        let request = Request::get(path).body(Body::empty());
        let answer = self.operators.clone();
        let Ok(response) = answer.oneshot(request.expect("a request")).await;
        let body = response.into_body().collect().await;
        String::from_utf8(body.expect("whole").to_bytes().to_vec()).expect("UTF-8")
    }

    /// Posts a form whose bytes are given.
    pub(crate) async fn post(&self, path: &str, form: impl Into<Vec<u8>>) -> Answer {
        let request = Request::builder()
            .method(Method::POST)
            .uri(path)
            .header("host", "rest.test")
            .header("content-type", "application/x-www-form-urlencoded");
        self.send(request.body(Body::from(form.into())).expect("a request"))
            .await
    }

    /// An Akismet call; key, blog and address are added unless they are among the fields.
    pub(crate) async fn akismet(&self, call: &str, fields: &[(&str, &str)]) -> Answer {
        self.post(&format!("/1.1/{call}"), form(fields)).await
    }

    /// `comment-check` of a bare text.
    pub(crate) async fn check(&self, text: &str) -> Answer {
        self.akismet("comment-check", &[("comment_content", text)])
            .await
    }

    /// `submit-spam` or `submit-ham` of a bare text; must be thanked.
    pub(crate) async fn submit(&self, label: &str, text: &str) {
        let answer = self
            .akismet(&format!("submit-{label}"), &[("comment_content", text)])
            .await;
        assert_eq!(answer.text(), THANKS);
    }

    /// `/v1/check`, with its log-odds unrounded. A test: it leaves no record behind.
    pub(crate) async fn check_json(&self, comment: &Value) -> Value {
        let answer = self.json("/v1/check", comment).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
    }

    /// `/v1/label`; must be taken.
    pub(crate) async fn label_json(&self, comment: &Value) -> Value {
        let answer = self.json("/v1/label", comment).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
    }

    pub(crate) async fn json(&self, path: &str, body: &Value) -> Answer {
        let request = Request::builder()
            .method(Method::POST)
            .uri(path)
            .header("authorization", format!("Bearer {KEY}"));
        self.send(
            request
                .body(Body::from(body.to_string()))
                .expect("a request"),
        )
        .await
    }

    /// A call to our own API with another key, another method or no body.
    pub(crate) async fn call(&self, method: &str, path: &str, key: &str, body: &str) -> Answer {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("authorization", format!("Bearer {key}"));
        self.send(
            request
                .body(Body::from(body.to_owned()))
                .expect("a request"),
        )
        .await
    }

    /// What a text scores on a site now; leaves no trace.
    pub(crate) async fn log_odds(&self, site: &str, text: &str) -> f64 {
        let answer = self.check_json(&serde_json::json!({ "site": site, "text": text, "ip": "203.0.113.9", "test": true })).await;
        answer["log_odds"].as_f64().expect("a number")
    }
}

fn open_store(folder: &std::path::Path) -> Store {
    let mut opened = Err(StoreError::Locked(folder.to_owned()));
    // A process that another test starts just now holds a copy of our lock from its fork to its exec.
    until("the store is unlocked", || {
        opened = Store::open(folder, 16 << 20);
        !matches!(opened, Err(StoreError::Locked(_)))
    });
    opened.expect("the store opens")
}

/// Runs a verb to its end beside the test's own runtime.
fn at_once<T: Send>(verb: impl Future<Output = T> + Send) -> T {
    let run = || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build();
        runtime.expect("a runtime").block_on(verb)
    };
    std::thread::scope(|scope| scope.spawn(run).join().expect("the verb ends"))
}

/// A form, with key, blog and address unless the fields name them.
pub(crate) fn form(fields: &[(&str, &str)]) -> String {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in [("api_key", KEY), ("blog", SITE), ("user_ip", "203.0.113.9")] {
        if fields.iter().all(|(n, _)| *n != name) {
            form.append_pair(name, value);
        }
    }
    form.extend_pairs(fields).finish()
}
