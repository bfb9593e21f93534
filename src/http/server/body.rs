//! The body of a request or an answer in, the same body out. Tells the pulse of its connection when
//! the body ends; changes no byte.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::Bytes;
use hyper::body::{Body, Frame, SizeHint};

use crate::http::server::pulse::{Phase, Pulse};

/// Whose body it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Message {
    /// When it ends, the connection works on the answer.
    Request,
    /// When it ends, the connection waits for the next request.
    Answer,
}

/// A body that tells the pulse when it ends.
#[derive(Debug)]
pub(super) struct WatchedBody<B> {
    body: B,
    message: Message,
    pulse: Arc<Pulse>,
}

impl<B> WatchedBody<B> {
    /// The body of a request.
    pub(super) fn of_request(body: B, pulse: Arc<Pulse>) -> Self {
        let message = Message::Request;
        Self {
            body,
            message,
            pulse,
        }
    }

    /// The body of an answer.
    pub(super) fn of_answer(body: B, pulse: Arc<Pulse>) -> Self {
        let message = Message::Answer;
        Self {
            body,
            message,
            pulse,
        }
    }
}

impl<B: Body<Data = Bytes> + Unpin> Body for WatchedBody<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        let this = self.get_mut();
        let frame = Pin::new(&mut this.body).poll_frame(cx);
        let more_comes = match &frame {
            Poll::Pending => true,
            Poll::Ready(frame) => matches!(frame, Some(Ok(_))) && !this.body.is_end_stream(),
        };
        // A handler may keep the body of a request long after its end. The end of an answer is told
        // when it is dropped: then hyper has taken the last byte.
        if this.message == Message::Request && !more_comes {
            this.pulse.body_ends();
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl<B> Drop for WatchedBody<B> {
    fn drop(&mut self) {
        match self.message {
            Message::Request => self.pulse.body_ends(),
            Message::Answer => self.pulse.enter(Phase::Idle),
        }
    }
}
