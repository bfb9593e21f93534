//! JSON bytes in, its values as they are written out, one by one. Of a value that is too long only
//! the begin is kept. It parses nothing.

use std::io::BufRead;

use super::broken::Broken;
use crate::bounded::{self, RECORD, read_line};

/// JSON, read byte by byte.
pub(super) struct Scanner {
    pub(super) input: Box<dyn BufRead>,
    /// Counted from 1.
    pub(super) line: usize,
}

/// A value as it is written.
#[derive(Debug)]
pub(super) struct Written {
    pub(super) line: usize,
    /// Its first bytes, if there are too many.
    pub(super) bytes: Vec<u8>,
    pub(super) is_too_long: bool,
}

impl Scanner {
    pub(super) fn new(input: Box<dyn BufRead>) -> Self {
        Self { input, line: 1 }
    }

    /// Passes over a first line that begins with `#`: LeanCloud names the kind of its file there.
    pub(super) fn pass_over_heading(&mut self) -> Result<(), Broken> {
        if self.first_byte()? == Some(b'#') {
            self.input.skip_until(b'\n')?;
            self.line += 1;
        }
        Ok(())
    }

    /// The next line that is not empty.
    pub(super) fn line(&mut self) -> Result<Option<Written>, Broken> {
        let mut bytes = Vec::new();
        loop {
            let read = read_line(&mut self.input, RECORD, &mut bytes)?;
            let line = self.line;
            self.line += 1;
            match read {
                bounded::Line::End => return Ok(None),
                bounded::Line::Whole if bytes.iter().all(u8::is_ascii_whitespace) => {}
                read => {
                    return Ok(Some(Written {
                        line,
                        bytes,
                        is_too_long: read == bounded::Line::TooLong,
                    }));
                }
            }
        }
    }

    /// The next element of an array.
    pub(super) fn element(&mut self) -> Result<Option<Written>, Broken> {
        match self.first_byte()? {
            Some(b',') => {
                self.input.consume(1);
                if self.first_byte()?.is_none() {
                    return Err(self.cut_short("the array has no end"));
                }
            }
            Some(b']') => return Ok(None),
            Some(_) => {}
            None => return Err(self.cut_short("the array has no end")),
        }
        Ok(Some(self.value(b",]")?))
    }

    /// A value: up to the brace that closes it, or to one of the bytes that may follow a number or
    /// a word; seen past strings.
    pub(super) fn value(&mut self, ends: &[u8]) -> Result<Written, Broken> {
        self.first_byte()?;
        let line = self.line;
        let (mut bytes, mut is_too_long) = (Vec::new(), false);
        let mut nesting = Nesting::default();
        while !nesting.is_closed {
            let there = self.input.fill_buf()?;
            if there.is_empty() {
                return Err(self.cut_short("a value has no end"));
            }
            let read = there
                .iter()
                .position(|&byte| nesting.ends_before(byte, ends))
                .unwrap_or(there.len());
            let kept = read.min(RECORD - bytes.len());
            is_too_long |= kept < read;
            bytes.extend_from_slice(&there[..kept]);
            self.line += there[..read].iter().filter(|&&byte| byte == b'\n').count();
            let is_over = read < there.len();
            self.input.consume(read);
            if is_over {
                break;
            }
        }
        Ok(Written {
            line,
            bytes,
            is_too_long,
        })
    }

    pub(super) fn first_byte(&mut self) -> Result<Option<u8>, Broken> {
        loop {
            match self.input.fill_buf()?.first().copied() {
                Some(byte) if byte.is_ascii_whitespace() => {
                    self.line += usize::from(byte == b'\n');
                    self.input.consume(1);
                }
                other => return Ok(other),
            }
        }
    }

    /// A string with its quotes; the first byte is the opening one.
    pub(super) fn string(&mut self) -> Result<Written, Broken> {
        let line = self.line;
        let (mut bytes, mut is_too_long) = (vec![b'"'], false);
        self.input.consume(1);
        let (mut is_over, mut is_escaped) = (false, false);
        while !is_over {
            let there = self.input.fill_buf()?;
            if there.is_empty() {
                return Err(self.cut_short("a text has no end"));
            }
            let end = end_of_string(there, &mut is_escaped);
            is_over = end.is_some();
            let read = end.map_or(there.len(), |end| end + 1);
            let kept = read.min(RECORD - bytes.len());
            is_too_long |= kept < read;
            bytes.extend_from_slice(&there[..kept]);
            self.line += there[..read].iter().filter(|&&byte| byte == b'\n').count();
            self.input.consume(read);
        }
        Ok(Written {
            line,
            bytes,
            is_too_long,
        })
    }

    /// What no JSON has at this place.
    pub(super) fn malformed(&self, why: impl Into<String>) -> Broken {
        Broken::Malformed {
            place: format!("line {}", self.line),
            why: why.into(),
        }
    }

    /// Passes over a byte that must be there.
    pub(super) fn expect(&mut self, expected: u8) -> Result<(), Broken> {
        match self.first_byte()? {
            Some(byte) if byte == expected => {
                self.input.consume(1);
                Ok(())
            }
            Some(_) => Err(self.malformed(format!("{:?} is missing", char::from(expected)))),
            None => Err(self.cut_short("the rest of it is missing")),
        }
    }

    pub(super) fn cut_short(&self, why: &str) -> Broken {
        Broken::CutShort {
            place: format!("line {}", self.line),
            why: why.into(),
        }
    }
}

/// The quote that ends a string, if it is there; whether the byte after these is escaped.
fn end_of_string(bytes: &[u8], is_escaped: &mut bool) -> Option<usize> {
    let mut at = usize::from(std::mem::take(is_escaped));
    while let Some(found) = memchr::memchr2(b'"', b'\\', &bytes[at..]) {
        at += found;
        if bytes[at] == b'"' {
            return Some(at);
        }
        if at + 1 == bytes.len() {
            *is_escaped = true;
            return None;
        }
        at += 2;
    }
    None
}

/// The state of the scan inside a value: depth, strings, escapes.
#[derive(Default)]
struct Nesting {
    depth: usize,
    in_string: bool,
    escaped: bool,
    /// Its last brace has been seen.
    is_closed: bool,
}

impl Nesting {
    /// Whether the value ends before this byte; if not, the byte is added.
    fn ends_before(&mut self, byte: u8, ends: &[u8]) -> bool {
        if self.is_closed || (self.depth == 0 && !self.in_string && ends.contains(&byte)) {
            return true;
        }
        match byte {
            // First: the byte after a backslash is part of the string, even a quote.
            _ if self.escaped => self.escaped = false,
            b'\\' if self.in_string => self.escaped = true,
            b'"' => self.in_string = !self.in_string,
            b'{' | b'[' if !self.in_string => self.depth += 1,
            b'}' | b']' if !self.in_string => {
                self.depth = self.depth.saturating_sub(1);
                self.is_closed = self.depth == 0;
            }
            _ => {}
        }
        false
    }
}
