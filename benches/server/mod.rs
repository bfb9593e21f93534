//! A server without a socket: its routes over a store in a temporary folder, and requests to them.
#![allow(dead_code, reason = "each benchmark takes what it needs")]

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use http_body_util::BodyExt;
use phin::http::{App, Load, Metrics, Policy, Unsure, router};
use phin::model::Model;
use phin::moderation::{Admitted, Moderation, Options};
use phin::store::Store;
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tower::ServiceExt;

use crate::texts;

const KEY: &str = "0123456789ab";

pub(crate) const AT: i64 = 1_700_000_000_000;

/// A store in a temporary folder.
pub(crate) fn store() -> (TempDir, Store) {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::open(folder.path(), 16 << 20).expect("a store");
    (folder, store)
}

/// What drives a server without a socket, on one thread.
pub(crate) fn runtime() -> Runtime {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    // A body that comes too slowly is given up.
    builder.enable_time().build().expect("a runtime")
}

/// One key, the shipped model, and what the store holds.
pub(crate) struct Server {
    pub(crate) moderation: Arc<Moderation>,
    pub(crate) router: Router,
    /// Removed with the server.
    _folder: TempDir,
}

impl Server {
    pub(crate) fn open((folder, store): (TempDir, Store)) -> Self {
        let options = Options::default();
        let moderation =
            Moderation::open(Model::shipped(), store, || AT, options, |_| ()).expect("opens");
        moderation
            .accounts
            .create_key("bench", Some(KEY.to_owned()))
            .expect("a key");
        let moderation = Arc::new(moderation);
        let router = router(App {
            moderation: Arc::clone(&moderation),
            metrics: Arc::new(Metrics::default()),
            policy: Policy {
                unsure: Unsure::Hold,
                max_body_bytes: 1 << 20,
            },
            rate_limit: None,
            load: Load::new(1 << 20),
        });
        Self {
            moderation,
            router,
            _folder: folder,
        }
    }

    pub(crate) fn admitted(&self) -> Admitted {
        let admitted = self.moderation.accounts.admit(Some(KEY));
        admitted.expect("the key is known")
    }

    /// What a request is answered.
    pub(crate) async fn ask(&self, request: Request<Body>) -> (StatusCode, Vec<u8>) {
        let response = self.router.clone().oneshot(request).await;
        let (parts, body) = response.expect("an answer").into_parts();
        let body = body.collect().await.expect("a body").to_bytes();
        (parts.status, body.to_vec())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.moderation.close().expect("closes");
    }
}

/// The form of a comment as a blog sends it. Authors with other numbers are other people.
pub(crate) fn form(text: &str, author: usize) -> Vec<u8> {
    let person = texts::Person::number(author);
    let fields = [
        ("api_key", KEY),
        ("blog", "https://blog.example/"),
        ("user_ip", &person.ip.to_string()),
        ("user_agent", texts::USER_AGENT),
        ("comment_type", "comment"),
        ("comment_author", &person.name),
        ("comment_author_email", &person.email),
        ("blog_lang", "vi"),
        ("comment_content", text),
    ];
    url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish()
        .into_bytes()
}

pub(crate) fn request(call: &str, form: Vec<u8>) -> Request<Body> {
    Request::post(format!("/1.1/{call}"))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Body::from(form))
        .expect("a request")
}
