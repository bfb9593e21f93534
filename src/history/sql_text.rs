//! The bytes of a dump in, names, words and quoted strings without their quotes out; white space
//! and comments are skipped. It knows no statement, and nothing of a value beyond its limit is
//! kept.

use std::io::{self, BufRead};

use super::broken::Broken;
use crate::bounded::{in_words, read_line};

/// Longest name, in bytes; MySQL's have 256 at most.
const LONGEST_WORD: usize = 1 << 10;

/// A dump while it is read.
pub(super) struct SqlText {
    input: Box<dyn BufRead>,
    /// A byte that was looked past and given back.
    given_back: Option<u8>,
    /// Bytes read so far, for messages.
    position: u64,
    /// mysqldump began it, and says when it is done.
    promises_end: bool,
    promise_kept: bool,
}

impl SqlText {
    pub(super) fn new(input: Box<dyn BufRead>) -> Self {
        Self {
            input,
            given_back: None,
            position: 0,
            promises_end: false,
            promise_kept: false,
        }
    }

    /// Whether it was promised to say when it is done, and has not.
    pub(super) fn lacks_its_end(&self) -> bool {
        self.promises_end && !self.promise_kept
    }

    /// After an opening quote, up to the closing one. `''` is a quote, and `\` escapes as MySQL
    /// says. Of what is longer than `most` bytes nothing is kept.
    pub(super) fn quoted(&mut self, quote: u8, most: usize) -> Result<Option<Vec<u8>>, Broken> {
        let (mut text, mut is_too_long) = (Vec::new(), false);
        loop {
            is_too_long |= !self.letters(quote, most, &mut text)?;
            let Some(byte) = self.next()? else {
                return Err(self.cut_short("a string has no end"));
            };
            let said = match byte {
                b'\\' if quote != b'`' => match self.next()? {
                    Some(b'0') => 0,
                    Some(b'b') => 8,
                    Some(b'n') => b'\n',
                    Some(b'r') => b'\r',
                    Some(b't') => b'\t',
                    Some(b'Z') => 26,
                    Some(other) => other,
                    None => return Err(self.cut_short("a string has no end")),
                },
                byte if byte == quote => {
                    if self.peek()? != Some(quote) {
                        return Ok((!is_too_long).then_some(text));
                    }
                    self.next()?;
                    quote
                }
                byte => byte,
            };
            match text.len() < most {
                true => text.push(said),
                false => is_too_long = true,
            }
        }
    }

    /// Reads the bytes before the next quote or escape that are in the buffer; returns whether
    /// there was room for them.
    fn letters(&mut self, quote: u8, most: usize, text: &mut Vec<u8>) -> io::Result<bool> {
        if self.given_back.is_some() {
            return Ok(true);
        }
        let there = self.input.fill_buf()?;
        let is_special = |&byte: &u8| byte == quote || byte == b'\\';
        let read = there.iter().position(is_special).unwrap_or(there.len());
        // `text` never exceeds `most`, so this cannot underflow; bytes beyond are read and dropped.
        let kept = read.min(most - text.len());
        text.extend_from_slice(&there[..kept]);
        self.input.consume(read);
        self.position += read as u64;
        Ok(kept == read)
    }

    /// A table or column: `x`, `db`.`x`, "x" or x; the last part of it.
    pub(super) fn name(&mut self) -> Result<String, Broken> {
        loop {
            self.space()?;
            let name = match self.peek()? {
                Some(quote @ (b'`' | b'"')) => {
                    self.next()?;
                    let name = self.quoted(quote, LONGEST_WORD)?;
                    String::from_utf8_lossy(&name.unwrap_or_default()).into_owned()
                }
                _ => self.word()?,
            };
            if self.peek()? != Some(b'.') {
                return Ok(name);
            }
            self.next()?;
        }
    }

    /// Letters, digits, `_` and `$`; at least one byte, so that reading goes on.
    pub(super) fn word(&mut self) -> Result<String, Broken> {
        let mut word = Vec::new();
        while let Some(byte) = self.peek()? {
            let in_word =
                byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$' || byte >= 0x80;
            if !in_word {
                break;
            }
            self.next()?;
            word.push(byte);
            if word.len() > LONGEST_WORD {
                let why = format!("a name is longer than {}", in_words(LONGEST_WORD));
                return Err(self.malformed(why));
            }
        }
        if word.is_empty()
            && let Some(byte) = self.peek()?
            && byte != b';'
        {
            return Err(self.unexpected(byte));
        }
        Ok(String::from_utf8_lossy(&word).into_owned())
    }

    /// Up to the end of the statement.
    pub(super) fn pass_over(&mut self) -> Result<(), Broken> {
        loop {
            self.space()?;
            match self.next()? {
                Some(b';') | None => return Ok(()),
                Some(quote @ (b'\'' | b'"' | b'`')) => drop(self.quoted(quote, 0)?),
                Some(_) => {}
            }
        }
    }

    /// White space and comments; `/*!40000 ... */` is one too, for none of them holds a row.
    pub(super) fn space(&mut self) -> Result<(), Broken> {
        loop {
            match self.peek()? {
                Some(byte) if byte.is_ascii_whitespace() => {
                    self.next()?;
                }
                Some(b'#') => drop(self.line()?),
                Some(b'-') => {
                    self.next()?;
                    match self.peek()? {
                        Some(b'-') => {}
                        Some(_) => {
                            // A lone minus is a sign. One byte of look-ahead is enough to tell it
                            // from a comment.
                            self.given_back = Some(b'-');
                            return Ok(());
                        }
                        None => return Err(self.cut_short("it ends within a sign")),
                    }
                    let line = self.line()?;
                    self.promises_end |=
                        line.starts_with("- MySQL dump ") || line.starts_with("- MariaDB dump ");
                    self.promise_kept |= line.starts_with("- Dump completed");
                }
                Some(b'/') => {
                    self.next()?;
                    match self.peek()? {
                        Some(b'*') => {}
                        Some(_) => {
                            self.given_back = Some(b'/');
                            return Ok(());
                        }
                        None => return Err(self.cut_short("it ends within a sign")),
                    }
                    self.next()?;
                    let mut before = 0;
                    loop {
                        match self.next()? {
                            Some(b'/') if before == b'*' => break,
                            Some(byte) => before = byte,
                            None => return Err(self.cut_short("a comment has no end")),
                        }
                    }
                }
                _ => return Ok(()),
            }
        }
    }

    /// The rest of a comment; nothing of one that is longer than a person would write.
    fn line(&mut self) -> Result<String, Broken> {
        let mut line = Vec::new();
        read_line(&mut self.input, LONGEST_WORD, &mut line)?;
        self.position += line.len() as u64;
        Ok(String::from_utf8_lossy(&line).into_owned())
    }

    pub(super) fn peek(&mut self) -> io::Result<Option<u8>> {
        if self.given_back.is_some() {
            return Ok(self.given_back);
        }
        Ok(self.input.fill_buf()?.first().copied())
    }

    pub(super) fn next(&mut self) -> io::Result<Option<u8>> {
        if self.given_back.is_some() {
            return Ok(self.given_back.take());
        }
        let byte = self.peek()?;
        if byte.is_some() {
            self.input.consume(1);
            self.position += 1;
        }
        Ok(byte)
    }

    pub(super) fn cut_short(&self, why: &str) -> Broken {
        Broken::CutShort {
            place: format!("byte {}", self.position),
            why: why.to_owned(),
        }
    }

    pub(super) fn malformed(&self, why: String) -> Broken {
        Broken::Malformed {
            place: format!("byte {}", self.position),
            why,
        }
    }

    pub(super) fn unexpected(&self, byte: u8) -> Broken {
        self.malformed(format!("{:?} is not what SQL has there", char::from(byte)))
    }
}
