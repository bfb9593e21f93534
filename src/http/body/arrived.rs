//! What has arrived of a body, in bounded memory: its beginning and its end. Bytes in, one piece
//! out.

use std::ops::Deref;
use std::time::Duration;

use crate::http::load::{Load, Share};

/// A body that has arrived whole, and its shares of the memory for bodies.
#[derive(Debug, Default)]
pub(crate) struct Arrived {
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
pub(crate) enum Unread {
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
    /// The header names a compression we do not read.
    #[error(
        "the body of the request is packed in a way that is not read here; please send it as it is, or with Content-Encoding: gzip"
    )]
    Packed,
    /// It is not what the header says.
    #[error(
        "the body of the request is not the gzip that its Content-Encoding says, or breaks off before its end; nothing was taken from it"
    )]
    NoGzip,
    /// It unpacks to more than any client sends.
    #[error(
        "the body of the request unpacks to more than {} MiB, and nothing was taken from it",
        MOST_UNPACKED_BYTES >> 20
    )]
    TooMuch,
    /// Others are being read.
    #[error(
        "too many large requests are being read at this moment; please send this one again in a second"
    )]
    NoRoom,
}

/// How long a body may take: 8 MiB at 2.2 Mbit/s.
pub(super) const TIME_TO_ARRIVE: Duration = Duration::from_secs(30);
/// Bytes of every body that need no permit: nearly all requests are smaller, and large ones must
/// not keep them out.
pub(super) const FREE_BYTES: usize = 64 << 10;
/// Most bytes that a packed body may have unpacked: 64 times what is read of one by default.
pub(super) const MOST_UNPACKED_BYTES: usize = 64 << 20;
/// Bytes kept of the end of an oversized body.
const TAIL_BYTES: usize = 64 << 10;
/// Most bytes that are held of the end: twice what is kept, and what was read last.
const MOST_TAIL_BYTES: usize = 4 * TAIL_BYTES;

/// The beginning of a body and its end, as far as they have arrived.
#[derive(Debug)]
pub(super) struct Ends {
    kept: Arrived,
    tail: Vec<u8>,
    left_out: bool,
    max_bytes: usize,
    separator: Vec<u8>,
    load: Load,
}

impl Ends {
    pub(super) fn new(max_bytes: usize, separator: Vec<u8>, load: Load) -> Self {
        Self {
            kept: Arrived::default(),
            tail: Vec::new(),
            left_out: false,
            max_bytes,
            separator,
            load,
        }
    }

    /// Takes the next piece.
    ///
    /// # Errors
    /// There is no memory for it at this moment.
    pub(super) fn push(&mut self, data: &[u8]) -> Result<(), Unread> {
        let room = self.max_bytes.saturating_sub(self.kept.len());
        let room = room.min(data.len());
        self.kept.extend(&data[..room], &self.load)?;
        if room < data.len() && self.tail.is_empty() {
            let share = self.load.room(MOST_TAIL_BYTES);
            self.kept.shares.push(share.ok_or(Unread::NoRoom)?);
        }
        self.tail.extend_from_slice(&data[room..]);
        if self.tail.len() > 2 * TAIL_BYTES {
            self.tail.drain(..self.tail.len() - TAIL_BYTES);
            self.left_out = true;
        }
        Ok(())
    }

    /// All that is kept, in one piece. Where nothing is left out, the tail continues in the middle
    /// of the field that the limit cut, which may be the key. Otherwise only whole fields count:
    /// those after the first separator.
    ///
    /// # Errors
    /// There is no memory for it at this moment.
    pub(super) fn join(mut self) -> Result<Arrived, Unread> {
        let from = match self.left_out {
            true => memchr::memmem::find(&self.tail, &self.separator),
            false => Some(0),
        };
        let whole = &self.tail[from.unwrap_or(self.tail.len())..];
        self.kept.extend(whole, &self.load)?;
        Ok(self.kept)
    }
}

impl Arrived {
    #[cfg(test)]
    pub(crate) fn capacity(&self) -> usize {
        self.bytes.capacity()
    }

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
