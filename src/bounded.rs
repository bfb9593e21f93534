//! Readers of foreign data in, bounded readers out: they use no more memory or time than honest
//! data needs. Never knows a format.

use std::fmt;
use std::io::{self, BufRead, BufReader, Read};

use flate2::read::MultiGzDecoder;

/// Longest record, in bytes: a line, a row, or a comment with all that belongs to it. The longest
/// record of the public corpora, an e-mail, has 305,119 bytes, and the longest of a blog 36,179. A
/// comment in WordPress's database has at most 65,535.
pub const RECORD: usize = 4 << 20;

/// How many times its size a packed file may unpack to. The public corpora unpack to 7 times their
/// size, and gzip reaches 1,032 times.
const MOST_TIMES: u64 = 200;

/// Bytes that any packed file may unpack to. A small file with few different words packs very well.
const FREE: u64 = 64 << 20;

/// A bound that was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Met {
    /// A record has more than this many bytes.
    Record(usize),
    /// A packed file unpacks to far more than its size.
    Unpacked,
}

impl fmt::Display for Met {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Record(most) => write!(f, "it is longer than {}", in_words(*most)),
            Self::Unpacked => write!(
                f,
                "it unpacks to more than {MOST_TIMES} times its size, which no honest file does; if you trust it, unpack it first and give the unpacked file"
            ),
        }
    }
}

impl std::error::Error for Met {}

impl From<Met> for io::Error {
    fn from(met: Met) -> Self {
        Self::new(io::ErrorKind::InvalidData, met)
    }
}

impl Met {
    /// The bound that a reader's error reports, if it reports one.
    pub fn of(error: &io::Error) -> Option<Self> {
        error.get_ref()?.downcast_ref().copied()
    }
}

/// A number of bytes in words, in KiB or MiB.
pub fn in_words(bytes: usize) -> String {
    match bytes {
        mib if mib >= 1 << 20 => format!("{} MiB", mib >> 20),
        kib => format!("{} KiB", kib >> 10),
    }
}

/// A reader that gives at most a number of bytes for each record.
pub struct Bounded<R> {
    input: R,
    most: usize,
    left: usize,
}

impl<R> Bounded<R> {
    /// Limits each record to `most` bytes. A caller that reads ahead may reach the bound earlier by
    /// that much.
    pub fn new(input: R, most: usize) -> Self {
        Self {
            input,
            most,
            left: most,
        }
    }

    /// Begins the next record: the count starts again.
    pub fn begin_record(&mut self) {
        self.left = self.most;
    }

    /// Begins the next record, and limits it and all later ones to `most` bytes.
    pub fn begin_records_of(&mut self, most: usize) {
        self.most = most;
        self.left = most;
    }
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let room = into.len().min(self.left);
        if room == 0 && !into.is_empty() {
            return Err(Met::Record(self.most).into());
        }
        let read = self.input.read(&mut into[..room])?;
        self.left -= read;
        Ok(read)
    }
}

impl<R: BufRead> BufRead for Bounded<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.left == 0 {
            return Err(Met::Record(self.most).into());
        }
        let there = self.input.fill_buf()?;
        Ok(&there[..there.len().min(self.left)])
    }

    fn consume(&mut self, read: usize) {
        self.left = self.left.saturating_sub(read);
        self.input.consume(read);
    }
}

/// The result of reading a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Line {
    /// There is no further line.
    End,
    /// It is in the buffer, with its line break if it has one.
    Whole,
    /// It is longer than the bound. It was skipped, and the buffer is empty.
    TooLong,
}

/// Reads a line into a buffer; what was in the buffer before is dropped. Nothing is kept of a line
/// longer than `most` bytes.
///
/// # Errors
/// Those of the reader.
pub fn read_line(input: &mut impl BufRead, most: usize, line: &mut Vec<u8>) -> io::Result<Line> {
    line.clear();
    // One byte more, so that a line of exactly `most` bytes differs from a longer one.
    let read = input
        .by_ref()
        .take(most as u64 + 1)
        .read_until(b'\n', line)?;
    if read == 0 {
        return Ok(Line::End);
    }
    if read <= most || line.ends_with(b"\n") {
        return Ok(Line::Whole);
    }
    // A new buffer, so that the memory of the long line is given back.
    *line = Vec::new();
    input.skip_until(b'\n')?;
    Ok(Line::TooLong)
}

/// Reads all bytes, if they are no more than `most`.
///
/// # Errors
/// Those of the reader, and [`Met::Record`] if there are more bytes.
pub fn read_all(mut input: impl Read, most: usize) -> io::Result<Vec<u8>> {
    // The buffer is doubled here and never beyond the bound. A vector that grows by itself would
    // reserve twice as much.
    let (mut bytes, mut more) = (Vec::new(), (most + 1).min(1 << 16));
    loop {
        bytes.try_reserve_exact(more)?;
        if input.by_ref().take(more as u64).read_to_end(&mut bytes)? < more {
            return Ok(bytes);
        }
        if bytes.len() > most {
            return Err(Met::Record(most).into());
        }
        more = bytes.len().min(most + 1 - bytes.len());
    }
}

/// Whether a file of `packed` bytes may unpack to `unpacked` bytes.
pub fn may_unpack(packed: u64, unpacked: u64) -> bool {
    unpacked <= FREE || unpacked / MOST_TIMES <= packed
}

/// Counts the bytes that are read through it.
struct Counted<R> {
    input: R,
    read: u64,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.input.read(into)?;
        self.read += read as u64;
        Ok(read)
    }
}

/// Unpacks a gzip file, and stops with an error when it unpacks to more than honest files do.
pub struct Unpacked<R> {
    decoder: MultiGzDecoder<BufReader<Counted<R>>>,
    given: u64,
}

impl<R: Read> Unpacked<R> {
    /// Unpacks a reader.
    pub fn new(packed: R) -> Self {
        let counted = Counted {
            input: packed,
            read: 0,
        };
        Self {
            decoder: MultiGzDecoder::new(BufReader::with_capacity(1 << 16, counted)),
            given: 0,
        }
    }
}

impl<R: Read> Read for Unpacked<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.decoder.read(into)?;
        self.given += read as u64;
        let packed = self.decoder.get_ref().get_ref().read;
        if !may_unpack(packed, self.given) {
            return Err(Met::Unpacked.into());
        }
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Write};

    use super::*;

    #[test]
    fn a_line_that_is_too_long_is_passed_over_and_the_next_is_read() {
        let mut input = BufReader::with_capacity(3, Cursor::new(b"abcd\nabcde\nab\n\nabcdefgh"));
        let (mut line, mut all) = (Vec::new(), Vec::new());
        loop {
            match read_line(&mut input, 4, &mut line).expect("memory can be read") {
                Line::End => break,
                Line::Whole => all.push(String::from_utf8(line.clone()).expect("text")),
                Line::TooLong => all.push("-".into()),
            }
        }
        assert_eq!(all, ["abcd\n", "-", "ab\n", "\n", "-"]);
    }

    #[test]
    fn a_record_ends_at_its_bound_and_the_next_has_one_of_its_own() {
        let mut input = Bounded::new(Cursor::new(vec![7; 10]), 4);
        let mut bytes = Vec::new();
        let error = input.read_to_end(&mut bytes).expect_err("too long");
        assert_eq!((bytes.len(), Met::of(&error)), (4, Some(Met::Record(4))));
        input.begin_records_of(6);
        assert_eq!(input.fill_buf().expect("there is more").len(), 6);
        assert_eq!(read_all(Cursor::new([1, 2]), 2).expect("few"), [1, 2]);
        assert!(read_all(Cursor::new([1, 2, 3]), 2).is_err());
    }

    #[test]
    fn a_file_that_unpacks_to_a_thousand_times_its_size_breaks_off() {
        let packed = |piece: &[u8], times: usize| {
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), Default::default());
            for _ in 0..times {
                encoder.write_all(piece).expect("memory");
            }
            encoder.finish().expect("memory")
        };
        let unpacked =
            |packed: Vec<u8>| io::copy(&mut Unpacked::new(Cursor::new(packed)), &mut io::sink());
        let error = unpacked(packed(&[b'a'; 1 << 20], 80)).expect_err("a bomb");
        assert_eq!(Met::of(&error), Some(Met::Unpacked));
        assert!(unpacked(packed(&[b'a'; 1 << 20], 8)).is_ok(), "small");
        let mut odd = 1_u32;
        let piece: Vec<u8> = std::iter::repeat_with(|| {
            odd = odd.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (odd >> 24) as u8 % 26 + b'a'
        })
        .take(1 << 20)
        .collect();
        assert!(unpacked(packed(&piece, 70)).is_ok(), "large and honest");
    }
}
