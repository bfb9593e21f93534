//! The body of a request in, its bytes out: all of them, or the first and the last of too many.
//! Bounds the time and the memory that bodies take; reads nothing into them.

use std::ops::Deref;
use std::time::Duration;

use axum::body::Body;
use http_body_util::BodyExt;

use crate::http::load::{Load, Share};

/// A body that has arrived whole, and its shares of the memory for bodies.
#[derive(Debug, Default)]
pub(super) struct Arrived {
    bytes: Vec<u8>,
    shares: Vec<Share>,
}

impl Deref for Arrived {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes
    }
}

/// Why nothing was taken from a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unread {
    /// The client broke off, or did not keep to HTTP.
    #[error(
        "the body of the request broke off before its end, and nothing was taken from it; please send all of it again"
    )]
    Broken,
    /// Not before its time was up.
    #[error(
        "the body of the request did not arrive within {} seconds, and nothing was taken from it; please send it again",
        TIME_TO_ARRIVE.as_secs()
    )]
    TooSlow,
    /// Others are being read.
    #[error(
        "too many large requests are being read at this moment; please send this one again in a second"
    )]
    NoRoom,
}

/// How long a body may take: 8 MiB at 2.2 Mbit/s.
const TIME_TO_ARRIVE: Duration = Duration::from_secs(30);
/// Bytes of every body that need no permit: nearly all requests are smaller, and large ones must
/// not keep them out.
const FREE_BYTES: usize = 64 << 10;
/// Bytes kept of the end of an oversized body.
const TAIL_BYTES: usize = 64 << 10;
/// Most bytes that are held of the end: twice what is kept, and what was read last.
const MOST_TAIL_BYTES: usize = 4 * TAIL_BYTES;

/// Reads a body to its end. Of one longer than `max_bytes` the beginning and the end are kept:
/// WordPress puts the key last.
///
/// # Errors
/// It breaks off (half a comment may mean the opposite of the whole), takes too long, or there is
/// no memory for it at this moment.
pub(super) async fn read(body: Body, max_bytes: usize, load: &Load) -> Result<Arrived, Unread> {
    let read = read_to_end(body, max_bytes, load);
    let arrived = tokio::time::timeout(TIME_TO_ARRIVE, read).await;
    arrived.unwrap_or(Err(Unread::TooSlow))
}

async fn read_to_end(mut body: Body, max_bytes: usize, load: &Load) -> Result<Arrived, Unread> {
    let mut kept = Arrived::default();
    let mut tail: Vec<u8> = Vec::new();
    let mut left_out = false;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| Unread::Broken)?;
        let Some(data) = frame.data_ref() else {
            continue;
        };
        let room = max_bytes.saturating_sub(kept.len()).min(data.len());
        kept.extend(&data[..room], load)?;
        if room < data.len() && tail.is_empty() {
            kept.shares
                .push(load.room(MOST_TAIL_BYTES).ok_or(Unread::NoRoom)?);
        }
        tail.extend_from_slice(&data[room..]);
        if tail.len() > 2 * TAIL_BYTES {
            tail.drain(..tail.len() - TAIL_BYTES);
            left_out = true;
        }
        if kept.len() > FREE_BYTES {
            // Between two pieces of a large body, other requests get their turn.
            tokio::task::yield_now().await;
        }
    }
    // Where nothing is left out, the tail continues in the middle of the field that the limit cut,
    // which may be the key. Otherwise only whole fields count: those after the first `&`.
    let from = if left_out {
        tail.iter().position(|&b| b == b'&')
    } else {
        Some(0)
    };
    kept.extend(&tail[from.unwrap_or(tail.len())..], load)?;
    Ok(kept)
}

impl Arrived {
    /// The permit is taken before the memory is.
    fn extend(&mut self, more: &[u8], load: &Load) -> Result<(), Unread> {
        let wanted = self.bytes.len() + more.len();
        if wanted > self.bytes.capacity() {
            let capacity = wanted.max(2 * self.bytes.capacity());
            let held = self.bytes.capacity().max(FREE_BYTES);
            if capacity > held {
                let share = load.room(capacity - held);
                self.shares.push(share.ok_or(Unread::NoRoom)?);
            }
            self.bytes.reserve_exact(capacity - self.bytes.len());
        }
        self.bytes.extend_from_slice(more);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::form::Fields;

    #[tokio::test]
    async fn of_an_oversized_body_head_and_tail_are_kept() {
        let mut body = b"blog=x&comment_content=".to_vec();
        body.extend(std::iter::repeat_n(b'a', 300_000));
        body.extend_from_slice(b"&more=1&api_key=k");
        let arrived = read(Body::from(body), 1_000, &Load::new(1_000)).await;
        let fields = Fields::decode(&arrived.expect("it is whole"));
        assert_eq!(
            (fields.last("blog"), fields.last("api_key")),
            (Some("x"), Some("k"))
        );
        assert!(
            fields
                .last("comment_content")
                .is_some_and(|t| t.len() < 1_000)
        );
    }

    #[tokio::test]
    async fn a_limit_that_falls_into_the_last_field_does_not_cut_it() {
        let body = b"comment_content=aaaaaaaaaaaaaaaaaaaa&api_key=0123456789ab".to_vec();
        for max_bytes in 30..=body.len() {
            let arrived = read(Body::from(body.clone()), max_bytes, &Load::new(max_bytes)).await;
            let fields = Fields::decode(&arrived.expect("it is whole"));
            assert_eq!(fields.last("api_key"), Some("0123456789ab"), "{max_bytes}");
        }
    }

    #[tokio::test]
    async fn bodies_wait_for_no_memory_and_give_theirs_back() {
        let load = Load::new(8 << 20);
        let large = || Body::from(vec![b'a'; 8 << 20]);
        let mut held = Vec::new();
        let refused = loop {
            match read(large(), 8 << 20, &load).await {
                Ok(arrived) => held.push(arrived),
                Err(why) => break why,
            }
        };
        let bytes: usize = held.iter().map(|arrived| arrived.bytes.capacity()).sum();
        assert_eq!(refused, Unread::NoRoom);
        assert!((16 << 20..=80 << 20).contains(&bytes), "{bytes}");
        let small = Body::from(vec![b'a'; FREE_BYTES]);
        assert!(read(small, 8 << 20, &load).await.is_ok());
        held.clear();
        assert!(read(large(), 8 << 20, &load).await.is_ok());
    }
}
