//! XML bytes in, steps out: elements that begin and end, with the text of those that have nothing
//! else. It accepts common faults of exports (stray `&`, control characters), but never takes a
//! file for whole that ends with open elements.

use std::io::BufRead;

use quick_xml::Reader;
use quick_xml::events::{BytesRef, Event};

use super::broken::Broken;
use crate::bounded::{Bounded, Met, RECORD, in_words};

/// Longest tag or piece of text, in bytes: pages with pictures in them stand in one piece of CDATA.
const LONGEST_PIECE: usize = 16 << 20;

/// Deepest nesting of elements; exports of comments need ten.
const DEEPEST: usize = 256;

/// Longest name of an element, in bytes.
const LONGEST_NAME: usize = 1 << 10;

/// Attributes of an element that are read.
const MOST_ATTRIBUTES: usize = 64;

/// One step through a document.
#[derive(Debug, PartialEq)]
pub(super) enum Step {
    /// An element begins: its name with prefix, and its attributes.
    Open(String, Vec<(String, String)>),
    /// An element ends: its name, and its text since it or its last child began. Of a text longer
    /// than [`RECORD`] the begin is there, which is longer than that, too.
    Close(String, String),
    /// The document is over, and whole.
    End,
}

pub(super) struct Steps<R> {
    reader: Reader<Bounded<R>>,
    depth: usize,
    seen_root: bool,
    text: String,
    buffer: Vec<u8>,
    /// `<x/>` closes at once.
    closing: Option<String>,
}

impl<R: BufRead> Steps<R> {
    pub(super) fn new(input: R) -> Self {
        let mut reader = Reader::from_reader(Bounded::new(input, LONGEST_PIECE));
        reader.config_mut().allow_dangling_amp = true;
        reader.config_mut().check_comments = false;
        Self {
            reader,
            depth: 0,
            seen_root: false,
            text: String::new(),
            buffer: Vec::new(),
            closing: None,
        }
    }

    /// The next opening, closing or end.
    pub(super) fn step(&mut self) -> Result<Step, Broken> {
        if let Some(name) = self.closing.take() {
            return Ok(Step::Close(name, String::new()));
        }
        loop {
            self.buffer.clear();
            self.reader.get_mut().begin_record();
            let place = self.reader.buffer_position();
            let event = self
                .reader
                .read_event_into(&mut self.buffer)
                .map_err(|error| broken(error, place))?;
            match event {
                Event::Start(start) => {
                    let (name, attributes) = opened(&start);
                    self.depth += 1;
                    self.refuse_odd(&name, place)?;
                    self.seen_root = true;
                    self.text.clear();
                    return Ok(Step::Open(name, attributes));
                }
                Event::Empty(start) => {
                    let (name, attributes) = opened(&start);
                    self.refuse_odd(&name, place)?;
                    self.seen_root = true;
                    self.text.clear();
                    self.closing = Some(name.clone());
                    return Ok(Step::Open(name, attributes));
                }
                Event::End(end) => {
                    self.depth = self.depth.saturating_sub(1);
                    let name = end.name().as_ref().to_owned();
                    let text = std::mem::take(&mut self.text);
                    return Ok(Step::Close(name, text));
                }
                // A page that is too long is skipped; a comment that is too long is reported by the
                // reader of its format.
                Event::Text(_) | Event::CData(_) | Event::GeneralRef(_)
                    if self.text.len() > RECORD => {}
                Event::Text(text) => self.text.push_str(&text),
                Event::CData(text) => self.text.push_str(&text),
                Event::GeneralRef(reference) => push_reference(&reference, &mut self.text),
                Event::Eof if self.depth > 0 || !self.seen_root => {
                    return Err(Broken::CutShort {
                        place: format!("byte {place}"),
                        why: format!("{} elements are still open", self.depth),
                    });
                }
                Event::Eof => return Ok(Step::End),
                _ => {}
            }
        }
    }
}

impl<R> Steps<R> {
    /// What no system writes, and would be kept until it is closed.
    fn refuse_odd(&self, name: &str, place: u64) -> Result<(), Broken> {
        let why = match () {
            () if self.depth > DEEPEST => {
                format!("more than {DEEPEST} elements stand in one another")
            }
            () if name.len() > LONGEST_NAME => {
                format!(
                    "an element has a name longer than {}",
                    in_words(LONGEST_NAME)
                )
            }
            () => return Ok(()),
        };
        Err(Broken::Malformed {
            place: format!("byte {place}"),
            why,
        })
    }
}

fn opened(start: &quick_xml::events::BytesStart<'_>) -> (String, Vec<(String, String)>) {
    let mut all = start.html_attributes();
    // Without a limit, comparing each attribute with all before it would take time with the square
    // of their number.
    let attributes = all
        .with_checks(false)
        .take(MOST_ATTRIBUTES)
        .flatten()
        .map(|attribute| {
            let value = htmlize::unescape_attribute(&*attribute.value).into_owned();
            (attribute.key.as_ref().to_owned(), value)
        })
        .collect();
    (start.name().as_ref().to_owned(), attributes)
}

/// XML's five entities, numbers, and HTML's names, which sloppy exports use; anything else stays as
/// it is written.
fn push_reference(reference: &BytesRef<'_>, text: &mut String) {
    text.push_str(&htmlize::unescape(format!("&{};", &**reference)));
}

fn broken(error: quick_xml::Error, place: u64) -> Broken {
    match error {
        quick_xml::Error::Io(io) => match io.kind() {
            _ if matches!(Met::of(&io), Some(Met::Record(_))) => Broken::Malformed {
                place: format!("byte {place}"),
                why: format!("a tag or a text is longer than {}", in_words(LONGEST_PIECE)),
            },
            std::io::ErrorKind::UnexpectedEof => std::io::Error::from(io.kind()).into(),
            kind => Broken::Io(std::io::Error::new(kind, io.to_string())),
        },
        // Markup that never ends: only the end of the file can say so.
        quick_xml::Error::Syntax(why) => Broken::CutShort {
            place: format!("byte {place}"),
            why: why.to_string(),
        },
        other => Broken::Malformed {
            place: format!("byte {place}"),
            why: other.to_string(),
        },
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn steps(xml: &str) -> Result<Vec<Step>, Broken> {
        let mut steps = Steps::new(Cursor::new(xml.as_bytes().to_vec()));
        let mut all = Vec::new();
        loop {
            match steps.step()? {
                Step::End => return Ok(all),
                step => all.push(step),
            }
        }
    }

    #[test]
    fn text_cdata_and_references_are_one_text() {
        let close = |text: &str| Step::Close("a".into(), text.into());
        let last = |xml: &str| steps(xml).expect("well formed").pop();
        assert_eq!(
            last("<a>1 &lt; 2 &#38; <![CDATA[<b> & c]]></a>"),
            Some(close("1 < 2 & <b> & c"))
        );
        assert_eq!(
            last("<a>Tom & Jerry &nope; &eacute;</a>"),
            Some(close("Tom & Jerry &nope; é"))
        );
        assert_eq!(
            last("<a><![CDATA[x]]]]><![CDATA[>y]]></a>"),
            Some(close("x]]>y"))
        );
    }

    #[test]
    fn attributes_and_empty_elements() {
        let all = steps("<r><a id=\"1&amp;2\"/></r>").expect("well formed");
        assert_eq!(
            all[1..3],
            [
                Step::Open("a".into(), vec![("id".into(), "1&2".into())]),
                Step::Close("a".into(), String::new())
            ]
        );
    }

    #[test]
    fn wherever_it_is_cut_it_is_not_taken_for_whole() {
        let xml =
            "<?xml version=\"1.0\"?>\n<r x=\"1\"><!-- c --><a>text &amp; <![CDATA[more]]></a></r>";
        for end in 0..xml.len() {
            let cut = steps(&xml[..end]);
            assert!(
                matches!(cut, Err(Broken::CutShort { .. })),
                "{:?}: {cut:?}",
                &xml[..end]
            );
        }
    }
}
