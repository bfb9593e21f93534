//! Bodies of requests and answers as they are, which tell the pulse of their connection when they end.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::Bytes;
use hyper::body::{Body, Frame, SizeHint};

use crate::http::server::pulse::{Phase, Pulse};

/// The body of a request: when it ends, the connection works on the answer.
#[derive(Debug)]
pub(super) struct Arriving<B> {
    body: B,
    pulse: Arc<Pulse>,
}

impl<B> Arriving<B> {
    pub(super) fn new(body: B, pulse: Arc<Pulse>) -> Self {
        Self { body, pulse }
    }
}

impl<B: Body<Data = Bytes> + Unpin> Body for Arriving<B> {
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
        if !more_comes {
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

impl<B> Drop for Arriving<B> {
    fn drop(&mut self) {
        self.pulse.body_ends();
    }
}

/// The body of an answer: when it ends, the connection waits for the next request.
#[derive(Debug)]
pub(super) struct Leaving<B> {
    body: B,
    pulse: Arc<Pulse>,
}

impl<B> Leaving<B> {
    pub(super) fn new(body: B, pulse: Arc<Pulse>) -> Self {
        Self { body, pulse }
    }
}

impl<B: Body<Data = Bytes> + Unpin> Body for Leaving<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        Pin::new(&mut self.get_mut().body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl<B> Drop for Leaving<B> {
    fn drop(&mut self) {
        self.pulse.enter(Phase::Idle);
    }
}
