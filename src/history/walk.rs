//! JSON bytes in, the objects out that stand in its lists, at any depth, each with its place. An
//! object keeps its texts, its numbers and the objects in it. A list in it is walked by itself and
//! not kept. Nothing here calls itself, so deep JSON needs no more stack than flat JSON.

use std::io::BufRead;

use serde_json::{Map, Value};

use super::broken::Broken;
use super::json_scan::{Scanner, Written};
use super::objects::Found;
use crate::bounded::{RECORD, in_words};

/// Deepest nesting. Answers to answers of the longest thread that is known reach a hundred.
const DEEPEST: usize = 512;

/// Bytes that all objects which are still open may hold together.
const HELD: usize = 4 * RECORD;

/// Longest name of a member, in bytes.
const LONGEST_NAME: usize = 1 << 10;

/// Bytes of a name that a place shows.
const LONGEST_KEY: usize = 100;

/// An object of a list.
pub(super) struct Placed {
    /// Names of the lists and objects around it: `data.Comment`; empty for the outermost.
    pub(super) place: String,
    pub(super) found: Found,
}

pub(super) struct Walk {
    scanner: Scanner,
    begun: bool,
    open: Vec<Open>,
    place: String,
    held: usize,
}

/// Something that has begun and not ended.
struct Open {
    what: What,
    /// Length of the place around it.
    around: usize,
}

enum What {
    List,
    Object(Box<Partly>),
}

/// An object that is being read.
#[derive(Default)]
struct Partly {
    line: usize,
    /// Of the member that is being read.
    key: Option<String>,
    members: Map<String, Value>,
    held: usize,
    fault: Option<String>,
}

impl Walk {
    pub(super) fn new(input: Box<dyn BufRead>) -> Self {
        Self {
            scanner: Scanner::new(input),
            begun: false,
            open: Vec::new(),
            place: String::new(),
            held: 0,
        }
    }

    /// The next object of a list, or of the outermost values.
    pub(super) fn step(&mut self) -> Result<Option<Placed>, Broken> {
        if !self.begun {
            self.scanner.pass_over_heading()?;
            self.begun = true;
        }
        loop {
            let Some(byte) = self.scanner.first_byte()? else {
                return match self.open.is_empty() {
                    true => Ok(None),
                    false => Err(self.scanner.cut_short("a list or an object has no end")),
                };
            };
            match byte {
                b'{' | b'[' => self.begin(byte)?,
                b'}' | b']' => {
                    if let Some(placed) = self.end(byte)? {
                        return Ok(Some(placed));
                    }
                }
                b',' => self.scanner.input.consume(1),
                b'"' => {
                    let text = self.scanner.string()?;
                    match self.awaits_a_key() {
                        true => self.name(&text)?,
                        false => self.keep(&text)?,
                    }
                }
                _ => {
                    let word = self.scanner.value(b",]} \t\r\n")?;
                    self.keep(&word)?;
                }
            }
        }
    }

    fn awaits_a_key(&self) -> bool {
        match self.open.last().map(|open| &open.what) {
            Some(What::Object(partly)) => partly.key.is_none(),
            _ => false,
        }
    }

    fn begin(&mut self, byte: u8) -> Result<(), Broken> {
        if self.awaits_a_key() {
            return Err(self.scanner.malformed("the name of a value is missing"));
        }
        if self.open.len() == DEEPEST {
            let why = format!("more than {DEEPEST} values stand in one another");
            return Err(self.scanner.malformed(why));
        }
        self.scanner.input.consume(1);
        let around = self.place.len();
        if let Some(What::Object(outer)) = self.open.last().map(|open| &open.what) {
            let key = outer.key.as_deref().unwrap_or("");
            if !self.place.is_empty() {
                self.place.push('.');
            }
            self.place
                .push_str(&key[..key.floor_char_boundary(LONGEST_KEY)]);
        }
        let what = match byte {
            b'[' => What::List,
            _ => What::Object(Box::new(Partly {
                line: self.scanner.line,
                ..Partly::default()
            })),
        };
        self.open.push(Open { what, around });
        Ok(())
    }

    fn end(&mut self, byte: u8) -> Result<Option<Placed>, Broken> {
        self.scanner.input.consume(1);
        let ended = match (self.open.pop(), byte) {
            (
                Some(Open {
                    what: What::List,
                    around,
                }),
                b']',
            ) => {
                self.place.truncate(around);
                self.close_member();
                return Ok(None);
            }
            (
                Some(
                    ended @ Open {
                        what: What::Object(_),
                        ..
                    },
                ),
                b'}',
            ) => ended,
            _ => {
                let why = format!("{:?} ends nothing", char::from(byte));
                return Err(self.scanner.malformed(why));
            }
        };
        let What::Object(partly) = ended.what else {
            return Ok(None);
        };
        self.held -= partly.held;
        if let Some(What::Object(_)) = self.open.last().map(|open| &open.what) {
            self.place.truncate(ended.around);
            match partly.fault {
                Some(why) => self.fault(why),
                None => self.put(Value::Object(partly.members), partly.held),
            }
            self.close_member();
            return Ok(None);
        }
        let found = Found {
            line: partly.line,
            object: match partly.fault {
                Some(why) => Err(why),
                None => Ok(partly.members),
            },
            is_begin: false,
        };
        Ok(Some(Placed {
            place: self.place.clone(),
            found,
        }))
    }

    /// Takes the name of the next member.
    fn name(&mut self, text: &Written) -> Result<(), Broken> {
        self.scanner.expect(b':')?;
        // A name that cannot be read is still a name.
        let key: Option<String> = match text.bytes.len() {
            0..=LONGEST_NAME => serde_json::from_slice(&text.bytes).ok(),
            _ => None,
        };
        if key.is_none() {
            self.fault(why_not(text));
        }
        if let Some(What::Object(partly)) = self.open.last_mut().map(|open| &mut open.what) {
            partly.key = Some(key.unwrap_or_default());
        }
        Ok(())
    }

    /// Takes a text, a number or a word. In a list, and outside of everything, it says nothing.
    fn keep(&mut self, written: &Written) -> Result<(), Broken> {
        let Some(What::Object(partly)) = self.open.last().map(|open| &open.what) else {
            return Ok(());
        };
        if partly.key.is_none() {
            return Err(self.scanner.malformed("the name of a value is missing"));
        }
        match serde_json::from_slice(&written.bytes) {
            Ok(value) if !written.is_too_long => self.put(value, written.bytes.len()),
            _ => self.fault(why_not(written)),
        }
        self.close_member();
        Ok(())
    }

    /// Adds a value to the object that is being read, if it has room.
    fn put(&mut self, value: Value, bytes: usize) {
        let Some(What::Object(partly)) = self.open.last_mut().map(|open| &mut open.what) else {
            return;
        };
        let key = partly.key.clone().unwrap_or_default();
        let more = bytes + key.len() + 64;
        if partly.held + more > RECORD || self.held + more > HELD {
            return self.fault(format!("it is longer than {}", in_words(RECORD)));
        }
        if partly.fault.is_none() {
            partly.held += more;
            self.held += more;
            partly.members.insert(key, value);
        }
    }

    /// Nothing of an object is kept that cannot be read.
    fn fault(&mut self, why: String) {
        if let Some(What::Object(partly)) = self.open.last_mut().map(|open| &mut open.what) {
            self.held -= partly.held;
            partly.held = 0;
            partly.members = Map::new();
            partly.fault.get_or_insert(why);
        }
    }

    fn close_member(&mut self) {
        if let Some(What::Object(partly)) = self.open.last_mut().map(|open| &mut open.what) {
            partly.key = None;
        }
    }
}

fn why_not(written: &Written) -> String {
    match written.is_too_long {
        true => format!("it is longer than {}", in_words(RECORD)),
        false => "it is no JSON".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufReader, Cursor};

    use super::*;

    fn all(json: &str) -> Result<Vec<(String, usize, String)>, Broken> {
        let mut walk = Walk::new(Box::new(BufReader::with_capacity(
            2,
            Cursor::new(json.as_bytes().to_vec()),
        )));
        let mut all = Vec::new();
        while let Some(Placed { place, found }) = walk.step()? {
            let text = match found.object {
                Ok(object) => Value::Object(object).to_string(),
                Err(why) => why,
            };
            all.push((place, found.line, text));
        }
        assert_eq!(walk.held, 0);
        Ok(all)
    }

    #[test]
    fn objects_of_lists_are_found_at_any_depth_with_their_place() {
        let json = "{\"type\":\"x\",\"data\":{\"a\":[{\"t\":\"}\\\"]\",\"by\":{\"n\":1},\n\
                    \"r\":[{\"t\":2}]}, 7, [{\"u\":null}]]}}\n{\"z\":true}";
        let found = all(json).expect("read");
        let found: Vec<_> = found
            .iter()
            .map(|(place, line, text)| (place.as_str(), *line, text.as_str()))
            .collect();
        assert_eq!(
            found,
            [
                ("data.a.r", 2, "{\"t\":2}"),
                ("data.a", 1, "{\"t\":\"}\\\"]\",\"by\":{\"n\":1}}"),
                ("data.a", 2, "{\"u\":null}"),
                ("", 1, "{\"type\":\"x\",\"data\":{}}"),
                ("", 3, "{\"z\":true}"),
            ]
        );
    }

    #[test]
    fn what_is_cut_or_closed_wrongly_is_told() {
        let json = "{\"a\":[{\"b\":[1,{\"c\":\"d\"}]}]}";
        for end in 1..json.len() {
            assert!(
                matches!(all(&json[..end]), Err(Broken::CutShort { .. })),
                "{:?}",
                &json[..end]
            );
        }
        for json in ["{\"a\":[}", "]", "{7}", "{[]}", "{\"a\" 1}", "[{]"] {
            assert!(matches!(all(json), Err(Broken::Malformed { .. })), "{json}");
        }
    }

    #[test]
    fn what_cannot_be_read_or_is_too_long_costs_its_own_object_alone() {
        let long = "x".repeat(RECORD);
        let json = format!("[{{\"a\":\"{long}\"}},{{\"a\":\"\\q\"}},{{\"a\":nil}},{{\"a\":1}}]");
        let texts: Vec<String> = all(&json).expect("read").into_iter().map(|f| f.2).collect();
        assert_eq!(
            texts,
            [
                "it is longer than 4 MiB",
                "it is no JSON",
                "it is no JSON",
                "{\"a\":1}"
            ]
        );
    }

    #[test]
    fn depth_has_an_end_and_costs_no_stack() {
        for open in ["[", "{\"a\":"] {
            let broken = all(&open.repeat(100_000))
                .expect_err("too deep")
                .to_string();
            assert!(
                broken.contains("512 values stand in one another"),
                "{broken}"
            );
        }
        let deep = format!(
            "{}{}",
            "{\"a\":".repeat(500),
            "1".to_owned() + &"}".repeat(500)
        );
        assert_eq!(all(&deep).expect("read").len(), 1);
    }
}
