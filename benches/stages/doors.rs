//! Requests to the router, without a socket.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use criterion::Criterion;
use tokio::runtime::Runtime;

use crate::measure::{On, Texts, on_new};
use crate::server::{Server, form, request, runtime, store};

/// A server, and what drives it.
fn open() -> (Server, Runtime) {
    (Server::open(store()), runtime())
}

/// The whole form of a comment, for this call.
fn called(call: &str, texts: Texts<'_>) -> Request<Body> {
    let (author, text) = texts.next().expect("texts without end");
    request(call, form(&text, author))
}

pub(crate) fn decode_form(c: &mut Criterion) {
    on_new(
        c,
        ("decode form", 1),
        On::All,
        |_, _| open(),
        |texts| called("verify-key", texts),
        |(server, runtime), request| {
            let (_, body) = runtime.block_on(server.ask(request));
            assert_eq!(body, b"valid");
        },
    );
}

pub(crate) fn router(c: &mut Criterion) {
    on_new(
        c,
        ("router", 1),
        On::EachDisguise,
        |_, _| open(),
        |texts| called("comment-check", texts),
        |(server, runtime), request| {
            let (status, body) = runtime.block_on(server.ask(request));
            assert_eq!(status, StatusCode::OK);
            assert!(body == b"true" || body == b"false");
        },
    );
}
