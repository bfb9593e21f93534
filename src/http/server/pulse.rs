//! What a connection is doing and since when: its bytes and bodies in, whether it must end or can
//! be spared out. Ends no connection itself.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::Notify;

use crate::http::server::limits::Limits;

/// What a connection is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// Nothing has come yet.
    New,
    /// The request is here whole; it is worked on, or its answer is on the way.
    Answer,
    /// The body of a request is arriving.
    Body,
    /// The head of a request is arriving.
    Head,
    /// Nothing has come since the last answer.
    Idle,
}

/// Why a connection can be spared, the best reason last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Spared {
    /// It waits for a request.
    Idle,
    /// Its request takes long to arrive.
    Slow,
    /// It has not asked for anything.
    Silent,
}

/// Whether a connection must end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Overdue {
    No,
    /// After the answer that is under way, if one is.
    Politely,
    AtOnce,
}

/// What one connection is doing.
#[derive(Debug)]
pub(super) struct Pulse {
    state: Mutex<State>,
    leave: Notify,
}

#[derive(Debug)]
struct State {
    phase: Phase,
    since: Instant,
    /// Since when the client has taken nothing of what we write.
    stuck_since: Option<Instant>,
    /// Since when it is to end.
    leaving_since: Option<Instant>,
}

/// A head that takes longer than this may have to make room for others.
const HEAD_IS_SLOW: Duration = Duration::from_secs(1);
/// A body that takes longer than this may have to make room for others.
const BODY_IS_SLOW: Duration = Duration::from_secs(5);
/// How long one that was asked politely may take to go when nothing of it is under way.
const TO_GO: Duration = Duration::from_millis(500);

impl Pulse {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            state: Mutex::new(State {
                phase: Phase::New,
                since: now,
                stuck_since: None,
                leaving_since: None,
            }),
            leave: Notify::new(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn enter(&self, phase: Phase) {
        let mut state = self.state();
        state.phase = phase;
        state.since = Instant::now();
    }

    /// Whether nothing has come yet.
    pub(super) fn is_new(&self) -> bool {
        self.state().phase == Phase::New
    }

    /// The body has arrived, or the rest of it is not needed.
    pub(super) fn body_ends(&self) {
        if self.state().phase == Phase::Body {
            self.enter(Phase::Answer);
        }
    }

    fn heard(&self) {
        let phase = self.state().phase;
        if matches!(phase, Phase::New | Phase::Idle) {
            self.enter(Phase::Head);
        }
    }

    fn wrote(&self, progress: bool) {
        let mut state = self.state();
        state.stuck_since = match progress {
            true => None,
            false => state.stuck_since.or_else(|| Some(Instant::now())),
        };
    }

    /// How easily it can be spared: the greater, the sooner. `None` while it is at work, or goes
    /// already. One that never asked for anything goes before one that did, and a client that has
    /// just come is given a moment.
    pub(super) fn can_be_spared(
        &self,
        now: Instant,
        a_moment: Duration,
    ) -> Option<(Spared, Duration)> {
        let state = self.state();
        let lasts = now.saturating_duration_since(state.since);
        let spared = match state.phase {
            Phase::New if lasts >= a_moment => Spared::Silent,
            Phase::Head if lasts >= HEAD_IS_SLOW => Spared::Slow,
            Phase::Body if lasts >= BODY_IS_SLOW => Spared::Slow,
            Phase::New | Phase::Idle => Spared::Idle,
            Phase::Head | Phase::Body | Phase::Answer => return None,
        };
        state.leaving_since.is_none().then_some((spared, lasts))
    }

    /// It is to end; with no more than a request that is under way.
    pub(super) fn end_soon(&self) {
        let mut state = self.state();
        state.leaving_since = state.leaving_since.or_else(|| Some(Instant::now()));
    }

    /// It is to end, and is told at once.
    pub(super) fn ask_to_leave(&self) {
        self.end_soon();
        self.leave.notify_one();
    }

    pub(super) async fn asked_to_leave(&self) {
        self.leave.notified().await;
    }

    pub(super) fn overdue(&self, limits: &Limits, now: Instant) -> Overdue {
        let state = self.state();
        let lasts = now.saturating_duration_since(state.since);
        let since = |moment: Option<Instant>| moment.map(|at| now.saturating_duration_since(at));
        if since(state.stuck_since).is_some_and(|time| time >= limits.stuck) {
            return Overdue::AtOnce;
        }
        let leaving = since(state.leaving_since);
        match state.phase {
            Phase::Head if lasts >= limits.head => Overdue::AtOnce,
            Phase::New | Phase::Idle if lasts >= limits.idle => Overdue::Politely,
            Phase::New | Phase::Idle if leaving.is_some_and(|time| time >= TO_GO) => {
                Overdue::AtOnce
            }
            // Half a head is no request yet.
            Phase::Head if leaving.is_some() => Overdue::AtOnce,
            Phase::Body if leaving.is_some() && lasts >= BODY_IS_SLOW => Overdue::AtOnce,
            _ if leaving.is_some() => Overdue::Politely,
            _ => Overdue::No,
        }
    }
}

/// The bytes of a connection; each read and write is noted in its pulse.
#[derive(Debug)]
pub(super) struct Watched<I> {
    io: I,
    pulse: Arc<Pulse>,
}

impl<I> Watched<I> {
    pub(super) fn new(io: I, pulse: Arc<Pulse>) -> Self {
        Self { io, pulse }
    }

    fn told<T>(&self, written: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        self.pulse.wrote(written.is_ready());
        written
    }
}

impl<I: AsyncRead + Unpin> AsyncRead for Watched<I> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buffer.filled().len();
        let read = Pin::new(&mut this.io).poll_read(cx, buffer);
        if buffer.filled().len() > before {
            this.pulse.heard();
        }
        read
    }
}

impl<I: AsyncWrite + Unpin> AsyncWrite for Watched<I> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.io).poll_write(cx, bytes);
        this.told(written)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.io).poll_write_vectored(cx, bytes);
        this.told(written)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().io).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().io).poll_shutdown(cx)
    }
}
