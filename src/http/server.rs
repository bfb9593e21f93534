//! Connections in, requests to the router, answers out. Bounds what strangers can hold:
//! connections, and the time that each may take for whatever it does. Reads no request itself.

mod body;
mod connections;
mod limits;
mod pulse;

use std::convert::Infallible;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, Response, StatusCode};
use axum::response::IntoResponse;
use axum::serve::Listener;
use hyper::body::{Body as _, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval, timeout};
use tower::ServiceExt;

use crate::http::server::body::WatchedBody;
use crate::http::server::connections::{Connections, Place};
pub(super) use crate::http::server::limits::Limits;
use crate::http::server::pulse::{Overdue, Phase, Pulse, Watched};

/// Bytes of a request's head, and of what is read ahead, at most.
const READ_BYTES: usize = 64 << 10;
/// How often a connection's times are looked at.
const TICK: Duration = Duration::from_secs(1);

/// How far the server is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Serving,
    /// Requests under way are answered, nothing more.
    Closing,
    Over,
}

/// Serves until `shutdown` resolves, then lets open requests finish for as long as `patience` says.
pub(super) async fn serve<L>(
    mut listener: L,
    router: Router,
    limits: Limits,
    patience: Duration,
    shutdown: impl Future<Output = ()>,
) where
    L: Listener,
    L::Addr: Clone + Sync,
{
    let connections = Arc::new(Connections::new(limits.connections));
    let (stage, heard) = watch::channel(Stage::Serving);
    let mut shutdown = pin!(shutdown);
    loop {
        let (io, address) = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut shutdown => break,
        };
        let permit = tokio::select! {
            permit = connections.permit() => permit,
            () = &mut shutdown => break,
        };
        let place = Place::taken(&connections, permit);
        let (router, heard) = (router.clone(), heard.clone());
        tokio::spawn(
            async move { attend(io, address, router, place.pulse(), limits, heard).await },
        );
    }
    drop(listener);
    let _ = stage.send(Stage::Closing);
    // A client that keeps its connection open must not keep the server from stopping.
    let _ = timeout(patience, connections.all_gone()).await;
    let _ = stage.send(Stage::Over);
}

/// Serves one connection to its end.
async fn attend<I, A>(
    io: I,
    address: A,
    router: Router,
    pulse: &Arc<Pulse>,
    limits: Limits,
    mut stage: watch::Receiver<Stage>,
) where
    I: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
    A: Clone + Send + Sync + 'static,
{
    let service = service_fn(|request: Request<Incoming>| {
        let pulse = Arc::clone(pulse);
        pulse.enter(match request.body().is_end_stream() {
            true => Phase::Answer,
            false => Phase::Body,
        });
        let mut request =
            request.map(|body| Body::new(WatchedBody::of_request(body, Arc::clone(&pulse))));
        request
            .extensions_mut()
            .insert(ConnectInfo(address.clone()));
        let answer = timeout(limits.answer, router.clone().oneshot(request));
        async move {
            let response = match answer.await {
                Ok(Ok(response)) => response,
                Err(_) => took_too_long(),
            };
            Ok::<_, Infallible>(response.map(|body| WatchedBody::of_answer(body, pulse)))
        }
    });
    let connection = http1::Builder::new()
        .max_buf_size(READ_BYTES)
        .serve_connection(TokioIo::new(Watched::new(io, Arc::clone(pulse))), service);
    let mut connection = pin!(connection);
    let mut ticks = interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            // The connection is over in both cases: errors of a client are not logged.
            _ = connection.as_mut() => return,
            () = pulse.asked_to_leave() => {}
            _ = ticks.tick() => {}
            changed = stage.changed() => {
                let stage = *stage.borrow();
                if changed.is_err() || stage == Stage::Over {
                    return;
                }
                pulse.end_soon();
            }
        }
        match pulse.overdue(&limits, Instant::now()) {
            Overdue::No => {}
            // Answers what is under way; closes at once if nothing is.
            Overdue::Politely => connection.as_mut().graceful_shutdown(),
            Overdue::AtOnce => return,
        }
    }
}

fn took_too_long() -> Response<Body> {
    (
        StatusCode::SERVICE_UNAVAILABLE,
        [("retry-after", "1")],
        "The request could not be answered in time; please send it again.\n",
    )
        .into_response()
}

#[cfg(test)]
mod tests {
    use axum::routing::{get, post};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::{TcpListener, TcpStream};

    use super::*;

    const SOON: Duration = Duration::from_millis(300);
    const LATE: Duration = Duration::from_secs(3_600);

    /// Nothing is overdue for an hour.
    fn lenient(connections: usize) -> Limits {
        Limits {
            connections,
            head: LATE,
            idle: LATE,
            answer: LATE,
            stuck: LATE,
        }
    }

    async fn started(limits: Limits) -> std::net::SocketAddr {
        let router = Router::new()
            .route("/", get(|| async { "here" }))
            .route(
                "/length",
                post(|body: axum::body::Bytes| async move { body.len().to_string() }),
            )
            .route("/never", get(std::future::pending::<&str>))
            .route("/large", get(|| async { vec![b'a'; 64 << 20] }));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        tokio::spawn(serve(
            listener,
            router,
            limits,
            LATE,
            std::future::pending(),
        ));
        address
    }

    async fn sent(address: std::net::SocketAddr, bytes: &str) -> TcpStream {
        let mut stream = TcpStream::connect(address).await.expect("it listens");
        stream.write_all(bytes.as_bytes()).await.expect("sent");
        stream
    }

    /// What comes until the server hangs up.
    async fn rest_of(mut stream: TcpStream) -> String {
        let mut bytes = Vec::new();
        let end = timeout(Duration::from_secs(30), stream.read_to_end(&mut bytes)).await;
        let _ = end.expect("the server hangs up by itself");
        String::from_utf8_lossy(&bytes).into_owned()
    }

    const GET: &str = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

    #[tokio::test]
    async fn who_says_nothing_is_not_waited_for() {
        let idle = Limits {
            idle: SOON,
            ..lenient(9)
        };
        let address = started(idle).await;
        assert_eq!(rest_of(sent(address, "").await).await, "");
        assert!(rest_of(sent(address, GET).await).await.ends_with("here"));
    }

    #[tokio::test]
    async fn half_a_head_is_not_waited_for() {
        let head = Limits {
            head: SOON,
            ..lenient(9)
        };
        assert_eq!(
            rest_of(sent(started(head).await, "GET / HTTP/1.1\r\nHo").await).await,
            ""
        );
    }

    #[tokio::test]
    async fn a_request_that_takes_too_long_is_answered_in_words() {
        let answer = Limits {
            answer: SOON,
            idle: SOON,
            ..lenient(9)
        };
        let address = started(answer).await;
        for request in [
            "GET /never HTTP/1.1\r\nHost: x\r\n\r\n",
            "POST /length HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf",
        ] {
            let answer = rest_of(sent(address, request).await).await;
            assert!(
                answer.starts_with("HTTP/1.1 503") && answer.contains("retry-after: 1"),
                "{answer}"
            );
            assert!(answer.contains("please send it again"), "{answer}");
        }
    }

    #[tokio::test]
    async fn who_takes_nothing_of_an_answer_is_left() {
        let stuck = Limits {
            stuck: SOON,
            ..lenient(1)
        };
        let address = started(stuck).await;
        let deaf = sent(address, "GET /large HTTP/1.1\r\nHost: x\r\n\r\n").await;
        // There is one place, and it is free again.
        let mut next = sent(address, GET).await;
        let mut answer = [0; 12];
        let read = timeout(Duration::from_secs(30), next.read_exact(&mut answer)).await;
        read.expect("in time").expect("answered");
        assert_eq!(&answer, b"HTTP/1.1 200");
        drop(deaf);
    }

    #[tokio::test]
    async fn a_burst_of_silent_strangers_drives_out_none_who_was_served() {
        let address = started(lenient(8)).await;
        let mut served = sent(address, GET).await;
        let mut answer = vec![0; 4_096];
        let _ = served.read(&mut answer).await.expect("answered");
        let mut strangers = Vec::new();
        for _ in 0..60 {
            strangers.push(sent(address, "").await);
        }
        // One more that sends a request is accepted, so all before it were.
        let mut last = sent(address, GET).await;
        let read = timeout(Duration::from_secs(30), last.read(&mut answer)).await;
        assert!(read.expect("in time").expect("answered") > 0);
        served.write_all(GET.as_bytes()).await.expect("still open");
        let read = served.read(&mut answer).await;
        assert!(read.is_ok_and(|bytes| bytes > 0), "it was closed");
    }

    #[tokio::test]
    async fn who_waited_longest_makes_room_and_who_is_at_work_does_not() {
        let address = started(lenient(3)).await;
        let mut at_work = sent(
            address,
            "POST /length HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nab",
        )
        .await;
        let mut first = sent(address, GET).await;
        let mut answer = [0; 12];
        first.read_exact(&mut answer).await.expect("answered");
        let mut others = Vec::new();
        for _ in 0..20 {
            let mut other = sent(address, GET).await;
            let read = timeout(Duration::from_secs(30), other.read_exact(&mut answer)).await;
            read.expect("in time").expect("answered");
            others.push(other);
        }
        assert!(rest_of(first).await.ends_with("here"));
        at_work.write_all(b"cd").await.expect("still open");
        at_work.read_exact(&mut answer).await.expect("answered");
        assert_eq!(&answer, b"HTTP/1.1 200");
    }
}
