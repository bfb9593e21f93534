//! JSON bytes in, their objects out, one by one: one on each line, all in one array, or those of
//! the lists in one object. A line that is no object, or is too long, is reported by its number,
//! and nothing of it is kept.

use std::io::BufRead;

use serde_json::{Map, Value};

use super::broken::Broken;
use super::json_scan::{Scanner, Written};
use crate::bounded::{RECORD, in_words};

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
    /// No JSON, because it ends too early: the rest of it may be on later lines.
    pub(super) is_begin: bool,
}

impl Objects {
    pub(super) fn new(input: Box<dyn BufRead>) -> Self {
        Self {
            scanner: Scanner::new(input),
            shape: None,
        }
    }

    pub(super) fn step(&mut self) -> Result<Option<Found>, Broken> {
        let shape = match self.shape {
            Some(shape) => shape,
            None => {
                self.scanner.pass_over_heading()?;
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
            Shape::Lines => Ok(self.scanner.line()?.map(found)),
            Shape::Array => match self.scanner.element()? {
                Some(written) => Ok(Some(found(written))),
                None => self.after_array(),
            },
        }
    }

    /// What follows an array: another one, as where the pages of an API were put into one file, or
    /// objects one a line, or nothing.
    fn after_array(&mut self) -> Result<Option<Found>, Broken> {
        self.scanner.input.consume(1);
        if self.scanner.first_byte()? == Some(b'[') {
            self.scanner.input.consume(1);
        } else {
            self.shape = Some(Shape::Lines);
        }
        self.step()
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
            scanner: Scanner::new(input),
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
                Some(written) => {
                    let list = self.list.as_deref().unwrap_or("");
                    return Ok(Some((list, Some(found(written)))));
                }
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

fn found(written: Written) -> Found {
    let Written {
        line,
        bytes,
        is_too_long,
    } = written;
    let parsed = serde_json::from_slice(&bytes);
    let is_begin = is_too_long || parsed.as_ref().is_err_and(serde_json::Error::is_eof);
    let object = match parsed {
        _ if is_too_long => Err(format!("it is longer than {}", in_words(RECORD))),
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err("it is no JSON object".to_owned()),
        Err(_) => Err("it is no JSON".to_owned()),
    };
    Found {
        line,
        object,
        is_begin,
    }
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
    fn arrays_one_behind_the_other_are_all_read() {
        let found = all("[{\"a\":1}]\n[]\n[{\"a\":2},{\"a\":3}]\n{\"a\":4}\n").expect("read");
        assert_eq!(found, [(1, true), (3, true), (3, true), (4, true)]);
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
