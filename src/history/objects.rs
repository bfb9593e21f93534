//! JSON bytes in, their objects out, one by one: one on each line, all in one array, or those of
//! the lists in one object. A line that is no object, or is too long, is reported by its number,
//! and nothing of it is kept.

use std::io::BufRead;

use serde_json::{Map, Value};

use super::broken::Broken;
use crate::bounded::{self, RECORD, in_words, read_line};

/// Objects of a file.
pub(super) struct Objects {
    scanner: Scanner,
    shape: Option<Shape>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    Lines,
    Array,
}

/// An object, or the reason why there is none.
pub(super) struct Found {
    /// Counted from 1.
    pub(super) line: usize,
    pub(super) object: Result<Map<String, Value>, String>,
}

impl Objects {
    pub(super) fn new(input: Box<dyn BufRead>) -> Self {
        Self {
            scanner: Scanner { input, line: 1 },
            shape: None,
        }
    }

    pub(super) fn step(&mut self) -> Result<Option<Found>, Broken> {
        let shape = match self.shape {
            Some(shape) => shape,
            None => {
                let shape = match self.scanner.first_byte()? {
                    Some(b'[') => {
                        self.scanner.input.consume(1);
                        Shape::Array
                    }
                    _ => Shape::Lines,
                };
                *self.shape.insert(shape)
            }
        };
        match shape {
            Shape::Lines => self.scanner.line(),
            Shape::Array => self.scanner.element(),
        }
    }
}

/// Objects of the lists in an object: `{"comments": [{..}, ..], "pages": [..]}`, each with the name
/// of its list.
pub(super) struct Lists {
    scanner: Scanner,
    begun: bool,
    /// Name of the list that is being read.
    list: Option<String>,
}

impl Lists {
    pub(super) fn new(input: Box<dyn BufRead>) -> Self {
        Self {
            scanner: Scanner { input, line: 1 },
            begun: false,
            list: None,
        }
    }

    /// The next object, or the name of a list that begins.
    pub(super) fn step(&mut self) -> Result<Option<(&str, Option<Found>)>, Broken> {
        if !self.begun {
            self.scanner.expect(b'{')?;
            self.begun = true;
        }
        if self.list.is_some() {
            match self.scanner.element()? {
                Some(found) => return Ok(Some((self.list.as_deref().unwrap_or(""), Some(found)))),
                None => {
                    self.scanner.input.consume(1);
                    self.list = None;
                }
            }
        }
        self.next_list()?;
        Ok(self.list.as_deref().map(|name| (name, None)))
    }

    /// Passes over members that are no lists.
    fn next_list(&mut self) -> Result<(), Broken> {
        loop {
            match self.scanner.first_byte()? {
                Some(b'}') => return Ok(()),
                Some(b',') => self.scanner.input.consume(1),
                Some(_) => {
                    let name = self.scanner.value(b":")?;
                    self.scanner.expect(b':')?;
                    if self.scanner.first_byte()? == Some(b'[') {
                        self.scanner.input.consume(1);
                        self.list = Some(serde_json::from_slice(&name.bytes).unwrap_or_default());
                        return Ok(());
                    }
                    self.scanner.value(b",}")?;
                }
                None => return Err(self.scanner.cut_short("the object has no end")),
            }
        }
    }
}

struct Scanner {
    input: Box<dyn BufRead>,
    line: usize,
}

/// A value as it is written.
struct Written {
    line: usize,
    /// Its first bytes, if there are too many.
    bytes: Vec<u8>,
    is_too_long: bool,
}

impl Scanner {
    fn line(&mut self) -> Result<Option<Found>, Broken> {
        let mut bytes = Vec::new();
        loop {
            let read = read_line(&mut self.input, RECORD, &mut bytes)?;
            let line = self.line;
            self.line += 1;
            match read {
                bounded::Line::End => return Ok(None),
                bounded::Line::Whole if bytes.iter().all(u8::is_ascii_whitespace) => {}
                read => {
                    return Ok(Some(found(Written {
                        line,
                        bytes,
                        is_too_long: read == bounded::Line::TooLong,
                    })));
                }
            }
        }
    }

    /// The next object of an array.
    fn element(&mut self) -> Result<Option<Found>, Broken> {
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
        Ok(Some(found(self.value(b",]")?)))
    }

    /// A value: up to the brace that closes it, or to one of the bytes that may follow a number or
    /// a word; seen past strings.
    fn value(&mut self, ends: &[u8]) -> Result<Written, Broken> {
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

    fn first_byte(&mut self) -> Result<Option<u8>, Broken> {
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

    /// Passes over a byte that must be there.
    fn expect(&mut self, expected: u8) -> Result<(), Broken> {
        match self.first_byte()? {
            Some(byte) if byte == expected => {
                self.input.consume(1);
                Ok(())
            }
            Some(_) => Err(Broken::Malformed {
                place: format!("line {}", self.line),
                why: format!("{:?} is missing", char::from(expected)),
            }),
            None => Err(self.cut_short("the rest of it is missing")),
        }
    }

    fn cut_short(&self, why: &str) -> Broken {
        Broken::CutShort {
            place: format!("line {}", self.line),
            why: why.into(),
        }
    }
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

fn found(written: Written) -> Found {
    let Written {
        line,
        bytes,
        is_too_long,
    } = written;
    let object = match serde_json::from_slice(&bytes) {
        _ if is_too_long => Err(format!("it is longer than {}", in_words(RECORD))),
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err("it is no JSON object".to_owned()),
        Err(_) => Err("it is no JSON".to_owned()),
    };
    Found { line, object }
}

#[cfg(test)]
mod tests {
    use std::io::{BufReader, Cursor};

    use super::*;

    fn all(json: &str) -> Result<Vec<(usize, bool)>, Broken> {
        let mut objects = Objects::new(Box::new(BufReader::with_capacity(
            2,
            Cursor::new(json.as_bytes().to_vec()),
        )));
        let mut all = Vec::new();
        while let Some(found) = objects.step()? {
            all.push((found.line, found.object.is_ok()));
        }
        Ok(all)
    }

    #[test]
    fn lines_and_arrays_give_the_same_objects() {
        let lines = "{\"a\":\"}\\\"{\"}\n\nnot json\n{\"b\":[1,{\"c\":2}]}\n7";
        assert_eq!(
            all(lines).expect("read"),
            [(1, true), (3, false), (4, true), (5, false)]
        );
        let array = "[{\"a\":\"}\\\"{\"},\n {\"b\":[1,{\"c\":2}]}, 7 , {broken}\n]";
        assert_eq!(
            all(array).expect("read"),
            [(1, true), (2, true), (2, false), (2, false)]
        );
        assert_eq!(all("[]").expect("read"), []);
    }

    #[test]
    fn an_array_that_is_cut_has_no_end() {
        let array = "[{\"a\":1},\n{\"b\":2}]";
        for end in 1..array.len() - 1 {
            assert!(
                matches!(all(&array[..end]), Err(Broken::CutShort { .. })),
                "{:?}",
                &array[..end]
            );
        }
    }

    #[test]
    fn the_lists_of_an_object_are_read_in_turn() {
        let json = "{\"version\": 1, \"odd\": {\"a\": [1]}, \"one\": [{\"a\":\"]\"},\n7], \"none\":[] ,\"two\":\n[{\"b\":[]}]}";
        let all = |json: &str| {
            let mut lists = Lists::new(Box::new(BufReader::with_capacity(
                2,
                Cursor::new(json.as_bytes().to_vec()),
            )));
            let mut all = Vec::new();
            while let Some((name, found)) = lists.step()? {
                let found = found.map(|found| (found.line, found.object.is_ok()));
                all.push((name.to_owned(), found));
            }
            Ok::<_, Broken>(all)
        };
        let found: Vec<_> = all(json).expect("read");
        let found: Vec<_> = found.iter().map(|(name, f)| (name.as_str(), *f)).collect();
        assert_eq!(
            found,
            [
                ("one", None),
                ("one", Some((1, true))),
                ("one", Some((2, false))),
                ("none", None),
                ("two", None),
                ("two", Some((3, true))),
            ]
        );
        for end in 0..json.len() {
            assert!(
                matches!(all(&json[..end]), Err(Broken::CutShort { .. })),
                "{:?}",
                &json[..end]
            );
        }
        assert!(matches!(all("{\"a\" 1}"), Err(Broken::CutShort { .. })));
        assert!(matches!(all("[]"), Err(Broken::Malformed { .. })));
    }

    #[test]
    fn what_is_too_long_is_told_by_its_line_and_the_next_is_read() {
        let long = "x".repeat(RECORD);
        for json in [
            format!("[{{\"a\":\"{long}\"}},\n{{\"b\":1}}]"),
            format!("{{\"a\":\"{long}\"}}\n{{\"b\":1}}"),
        ] {
            assert_eq!(all(&json).expect("read"), [(1, false), (2, true)]);
        }
        // A value that only opens is never parsed.
        let deep = "[".repeat(RECORD * 2);
        assert!(matches!(all(&deep), Err(Broken::CutShort { .. })));
    }
}
