//! Pieces of a body as they came in, the same unpacked out. A small packed body may unpack to a
//! huge one, so what comes out is counted.

use std::io::{self, Write};

use axum::http::{HeaderMap, header};
use flate2::write::MultiGzDecoder;

use super::arrived::{Ends, MOST_UNPACKED_BYTES, Unread};

/// How a body is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Packing {
    Plain,
    Gzip,
}

impl Packing {
    /// What `Content-Encoding` says; `None` for what we do not read.
    pub(super) fn of(headers: &HeaderMap) -> Option<Self> {
        let Some(encoding) = headers.get(header::CONTENT_ENCODING) else {
            return Some(Self::Plain);
        };
        match encoding.to_str().ok()?.trim().to_ascii_lowercase().as_str() {
            "" | "identity" => Some(Self::Plain),
            "gzip" | "x-gzip" => Some(Self::Gzip),
            _ => None,
        }
    }

    /// Begins to unpack a body.
    pub(super) fn unpack(self, ends: Ends) -> Unpacking {
        match self {
            Self::Plain => Unpacking::Plain(ends),
            Self::Gzip => {
                let counted = Counted { ends, bytes: 0 };
                Unpacking::Gzip(Box::new(MultiGzDecoder::new(counted)))
            }
        }
    }
}

/// A body on its way.
pub(super) enum Unpacking {
    Plain(Ends),
    Gzip(Box<MultiGzDecoder<Counted>>),
}

impl Unpacking {
    /// Takes the next piece as it came.
    ///
    /// # Errors
    /// It is not packed as its header says, unpacks to too much, or there is no memory for it.
    pub(super) fn push(&mut self, data: &[u8]) -> Result<(), Unread> {
        match self {
            Self::Plain(ends) => ends.push(data),
            Self::Gzip(decoder) => decoder.write_all(data).map_err(unread),
        }
    }

    /// What came out, once the body ended.
    ///
    /// # Errors
    /// It ended too early.
    pub(super) fn finish(self) -> Result<Ends, Unread> {
        match self {
            Self::Plain(ends) => Ok(ends),
            Self::Gzip(decoder) => Ok(decoder.finish().map_err(unread)?.ends),
        }
    }
}

/// Takes what is unpacked, up to a limit.
pub(super) struct Counted {
    ends: Ends,
    bytes: usize,
}

impl Write for Counted {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        self.bytes += data.len();
        if self.bytes > MOST_UNPACKED_BYTES {
            return Err(io::Error::other(Unread::TooMuch));
        }
        self.ends.push(data).map_err(io::Error::other)?;
        Ok(data.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Our own reason, or that the bytes are not whole gzip.
fn unread(error: io::Error) -> Unread {
    let own = error.get_ref().and_then(|cause| cause.downcast_ref());
    own.copied().unwrap_or(Unread::NoGzip)
}

#[cfg(test)]
mod tests {
    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;
    use crate::http::load::Load;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(bytes).expect("memory");
        encoder.finish().expect("memory")
    }

    fn unpack(packed: &[u8]) -> Result<Vec<u8>, Unread> {
        let ends = Ends::new(1_000, b"&".to_vec(), Load::new(1_000));
        let mut unpacking = Packing::Gzip.unpack(ends);
        for piece in packed.chunks(7) {
            unpacking.push(piece)?;
        }
        Ok(unpacking.finish()?.join()?.to_vec())
    }

    #[test]
    fn a_packed_body_is_unpacked_and_a_broken_one_refused() {
        let packed = gzip(b"blog=x&api_key=k");
        assert_eq!(unpack(&packed), Ok(b"blog=x&api_key=k".to_vec()));
        for broken in [&packed[..packed.len() - 3], &packed[..5], b"blog=x"] {
            assert_eq!(unpack(broken), Err(Unread::NoGzip));
        }
    }

    #[test]
    fn pieces_that_were_packed_apart_are_one_body() {
        let packed = [gzip(b"blog=x&"), gzip(b"api_key=k")].concat();
        assert_eq!(unpack(&packed), Ok(b"blog=x&api_key=k".to_vec()));
    }

    #[test]
    fn what_unpacks_to_too_much_is_refused() {
        let bomb = gzip(&vec![b'a'; MOST_UNPACKED_BYTES + 1]);
        assert!(bomb.len() < 1 << 20);
        assert_eq!(unpack(&bomb), Err(Unread::TooMuch));
    }
}
