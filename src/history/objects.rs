//! JSON bytes -> their objects, one by one: one a line, or all in one array, however long. A line that is no object is told by its number.

use std::io::BufRead;

use serde_json::{Map, Value};

use super::Broken;

/// Longest object, in bytes.
const LONGEST: usize = 16 << 20;

/// Objects of a file.
pub(super) struct Objects {
    input: Box<dyn BufRead>,
    shape: Option<Shape>,
    line: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    Lines,
    Array,
}

/// An object, or what stands in its place.
pub(super) struct Found {
    /// Counted from 1.
    pub(super) line: usize,
    pub(super) object: Result<Map<String, Value>, String>,
}

impl Objects {
    pub(super) fn new(input: Box<dyn BufRead>) -> Self {
        Self {
            input,
            shape: None,
            line: 1,
        }
    }

    pub(super) fn step(&mut self) -> Result<Option<Found>, Broken> {
        let shape = match self.shape {
            Some(shape) => shape,
            None => {
                let shape = match self.first_byte()? {
                    Some(b'[') => {
                        self.input.consume(1);
                        Shape::Array
                    }
                    _ => Shape::Lines,
                };
                *self.shape.insert(shape)
            }
        };
        match shape {
            Shape::Lines => self.line(),
            Shape::Array => self.element(),
        }
    }

    fn line(&mut self) -> Result<Option<Found>, Broken> {
        loop {
            let mut bytes = Vec::new();
            if self.input.read_until(b'\n', &mut bytes)? == 0 {
                return Ok(None);
            }
            let line = self.line;
            self.line += 1;
            if !bytes.iter().all(u8::is_ascii_whitespace) {
                return Ok(Some(found(line, &bytes)));
            }
        }
    }

    /// The next object of an array: up to the brace that closes it, seen past strings.
    fn element(&mut self) -> Result<Option<Found>, Broken> {
        match self.first_byte()? {
            Some(b',') => {
                self.input.consume(1);
                if self.first_byte()?.is_none() {
                    return Err(self.cut_short());
                }
            }
            Some(b']') => return Ok(None),
            Some(_) => {}
            None => return Err(self.cut_short()),
        }
        let begin = self.line;
        let (mut bytes, mut depth, mut in_string, mut escaped) =
            (Vec::new(), 0_usize, false, false);
        loop {
            let Some(byte) = self.input.fill_buf()?.first().copied() else {
                return Err(self.cut_short());
            };
            let ends_scalar = depth == 0 && !in_string && matches!(byte, b',' | b']');
            if ends_scalar {
                return Ok(Some(found(begin, &bytes)));
            }
            self.input.consume(1);
            self.line += usize::from(byte == b'\n');
            bytes.push(byte);
            match byte {
                _ if escaped => escaped = false,
                b'\\' if in_string => escaped = true,
                b'"' => in_string = !in_string,
                b'{' | b'[' if !in_string => depth += 1,
                b'}' | b']' if !in_string => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 {
                        return Ok(Some(found(begin, &bytes)));
                    }
                }
                _ => {}
            }
            if bytes.len() > LONGEST {
                return Err(Broken::Malformed {
                    place: format!("line {begin}"),
                    why: "an object has no end within 16 MiB".into(),
                });
            }
        }
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

    fn cut_short(&self) -> Broken {
        Broken::CutShort {
            place: format!("line {}", self.line),
            why: "the array has no end".into(),
        }
    }
}

fn found(line: usize, bytes: &[u8]) -> Found {
    let object = match serde_json::from_slice(bytes) {
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
}
