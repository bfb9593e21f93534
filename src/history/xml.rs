//! XML bytes -> elements opened and closed, with the text of those that hold nothing else. Lenient where exports are sloppy (stray `&`, control
//! characters), strict where it matters: what ends with elements still open was cut short.

use std::io::BufRead;

use quick_xml::Reader;
use quick_xml::events::{BytesRef, Event};

use super::Broken;

/// Longest text of one element, in bytes; a comment has no more, and a page that has is not looked at.
const LONGEST_TEXT: usize = 16 << 20;

/// One step through a document.
#[derive(Debug, PartialEq)]
pub(super) enum Step {
    /// An element begins: its name with prefix, and its attributes.
    Open(String, Vec<(String, String)>),
    /// An element ends: its name, and its text since it or its last child began.
    Close(String, String),
    /// The document is over, and whole.
    End,
}

pub(super) struct Steps<R> {
    reader: Reader<R>,
    depth: usize,
    seen_root: bool,
    text: String,
    buffer: Vec<u8>,
    /// `<x/>` closes at once.
    closing: Option<String>,
}

impl<R: BufRead> Steps<R> {
    pub(super) fn new(input: R) -> Self {
        let mut reader = Reader::from_reader(input);
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
            let place = self.reader.buffer_position();
            let event = self
                .reader
                .read_event_into(&mut self.buffer)
                .map_err(|error| broken(error, place))?;
            match event {
                Event::Start(start) => {
                    let (name, attributes) = opened(&start);
                    self.depth += 1;
                    self.seen_root = true;
                    self.text.clear();
                    return Ok(Step::Open(name, attributes));
                }
                Event::Empty(start) => {
                    let (name, attributes) = opened(&start);
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
            if self.text.len() > LONGEST_TEXT {
                self.text.clear();
            }
        }
    }
}

fn opened(start: &quick_xml::events::BytesStart<'_>) -> (String, Vec<(String, String)>) {
    let attributes = start
        .html_attributes()
        .flatten()
        .map(|attribute| {
            let value = htmlize::unescape_attribute(&*attribute.value).into_owned();
            (attribute.key.as_ref().to_owned(), value)
        })
        .collect();
    (start.name().as_ref().to_owned(), attributes)
}

/// XML's five entities, numbers, and HTML's names, which sloppy exports use; anything else stays as it is written.
fn push_reference(reference: &BytesRef<'_>, text: &mut String) {
    text.push_str(&htmlize::unescape(format!("&{};", &**reference)));
}

fn broken(error: quick_xml::Error, place: u64) -> Broken {
    match error {
        quick_xml::Error::Io(io) => match io.kind() {
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
