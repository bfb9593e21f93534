//! Tables with a heading (CSV, TSV) and lists of wp-cli in, comments out, read by a [`Mapping`]. A
//! row that does not fit the heading is reported by its line and never guessed.

use std::collections::HashMap;
use std::io::BufRead;

use super::broken::Broken;
use super::cells;
use super::charset::{self, Charset};
use super::format::Format;
use super::known_systems;
use super::mapping::Mapping;
use super::objects::Objects;
use super::past_comment::{Row, Rows};
use crate::bounded::{Bounded, Met, RECORD, in_words};

const WP_CLI: &str = "wp comment list --status=any --format=json --fields=comment_ID,comment_author,comment_author_email,comment_author_url,comment_author_IP,comment_date_gmt,comment_content,comment_approved,comment_agent,comment_type";

pub(super) fn read(
    input: Box<dyn BufRead>,
    format: Format,
    mapping: Mapping,
) -> Result<Rows, Broken> {
    let (mut input, charset) = charset::open(input)?;
    let first = input
        .fill_buf()?
        .iter()
        .copied()
        .find(|b| !b.is_ascii_whitespace());
    if matches!(first, Some(b'[' | b'{')) && format == Format::WordPressList {
        return Ok(Box::new(objects(Objects::new(input), mapping)));
    }
    Ok(Box::new(Table::read(input, charset, format, mapping)?))
}

/// The objects of a list of wp-cli.
fn objects(mut objects: Objects, mapping: Mapping) -> impl Iterator<Item = Result<Row, Broken>> {
    let (mut ended, mut any) = (false, false);
    std::iter::from_fn(move || {
        if ended {
            return None;
        }
        let found = match objects.step() {
            Ok(Some(found)) => found,
            Ok(None) => {
                ended = true;
                return None;
            }
            Err(broken) => {
                ended = true;
                return Some(Err(broken));
            }
        };
        Some(Ok(match &found.object {
            Ok(object) => {
                if !any && !mapping.finds("text", |name| cells::is_there(object, name)) {
                    ended = true;
                    return Some(Err(list_without_texts()));
                }
                any = true;
                mapping.read(&|name| cells::cell(object, name), found.line)
            }
            Err(why) => Row::Unreadable {
                place: format!("line {}", found.line),
                why: why.clone(),
            },
        }))
    })
}

fn list_without_texts() -> Broken {
    Broken::Other(format!(
        "this list has no texts, for wp-cli prints them only if asked: {WP_CLI}"
    ))
}

/// What to say where no column can hold the text.
fn no_text(format: Format, mapping: &Mapping, names: &[&str]) -> Broken {
    let there = names.join(", ");
    Broken::Other(match mapping.is_given() {
        _ if format == Format::WordPressList => return list_without_texts(),
        true => format!(
            "there is no column for the text among: {there}; name it with --map text=COLUMN"
        ),
        false => format!(
            "no column looks like the text of a comment; name it with --map text=COLUMN,label=COLUMN; there are: {there}"
        ),
    })
}

/// Longest heading, in bytes: one of a thousand columns has a tenth.
const HEADING: usize = 256 << 10;

struct Table {
    reader: csv::Reader<Bounded<Box<dyn BufRead>>>,
    charset: Charset,
    mapping: Mapping,
    /// Column, in lower case, to its place.
    places: HashMap<String, usize>,
    width: usize,
    /// Of a line that ends with CR LF, the reader counts the LF to the next.
    lag: usize,
    ended: bool,
}

impl Table {
    fn read(
        mut input: Box<dyn BufRead>,
        charset: Charset,
        format: Format,
        mapping: Mapping,
    ) -> Result<Self, Broken> {
        let head = input.fill_buf()?;
        let delimiter = delimiter(head);
        let first_end = head.iter().position(|&b| b == b'\n').unwrap_or(0);
        let lag = usize::from(head[..first_end].ends_with(b"\r"));
        let mut builder = csv::ReaderBuilder::new();
        builder.flexible(true).delimiter(delimiter);
        if format == Format::WordPressList {
            // PHP's fputcsv leaves a quote alone that has a backslash before it.
            builder.escape(Some(b'\\'));
        }
        let mut reader = builder.from_reader(Bounded::new(input, HEADING));
        let heading = reader
            .byte_headers()
            .map_err(|error| broken(error, 1))?
            .clone();
        reader.get_mut().begin_records_of(RECORD);
        let names: Vec<String> = heading
            .iter()
            .map(|name| charset.text(name).trim().to_owned())
            .collect();
        let places: HashMap<String, usize> = names
            .iter()
            .enumerate()
            .map(|(at, name)| (name.to_lowercase(), at))
            .collect();
        let there = |name: &str| places.contains_key(&name.to_lowercase());
        let mapping = match format {
            Format::Csv => mapping.of_system(known_systems::of(&there)),
            _ => mapping,
        };
        let list: Vec<&str> = names.iter().map(String::as_str).collect();
        let absent = mapping.absent(there);
        if !absent.is_empty() {
            return Err(Broken::Other(format!(
                "--map names columns that are not there: {}; there are: {}",
                absent.join(", "),
                list.join(", ")
            )));
        }
        if !mapping.finds("text", there) {
            return Err(no_text(format, &mapping, &list));
        }
        let has_label = mapping.finds("label", there) || mapping.finds("status", there);
        if !has_label && mapping.system().is_none() && mapping.decision().is_none() {
            return Err(Broken::Other(format!(
                "no column says what is spam; name it with --map label=COLUMN; there are: {}",
                list.join(", ")
            )));
        }
        Ok(Self {
            reader,
            charset,
            mapping,
            places,
            width: list.len(),
            lag,
            ended: false,
        })
    }
}

impl Iterator for Table {
    type Item = Result<Row, Broken>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let mut record = csv::ByteRecord::new();
        self.reader.get_mut().begin_record();
        let begin = self.reader.position().line() as usize + self.lag;
        match self.reader.read_byte_record(&mut record) {
            Ok(true) => {}
            Ok(false) => {
                self.ended = true;
                return None;
            }
            Err(error) => {
                self.ended = true;
                return Some(Err(broken(error, begin)));
            }
        }
        let line = record
            .position()
            .map_or(0, |position| position.line() as usize + self.lag);
        if record.len() != self.width {
            return Some(Ok(Row::Unreadable {
                place: format!("line {line}"),
                why: format!("it has not the {} columns of the heading", self.width),
            }));
        }
        let cell = |name: &str| {
            let at = *self.places.get(&name.to_lowercase())?;
            record.get(at).map(|bytes| self.charset.text(bytes))
        };
        Some(Ok(self.mapping.read(&cell, line)))
    }
}

fn broken(error: csv::Error, line: usize) -> Broken {
    match error.into_kind() {
        csv::ErrorKind::Io(io) => match Met::of(&io) {
            Some(Met::Record(most)) => Broken::Malformed {
                place: format!("line {line}"),
                why: format!(
                    "a row is longer than {}; is a quote in it never closed?",
                    in_words(most)
                ),
            },
            _ => io.into(),
        },
        other => Broken::Other(format!("it is no table: {other:?}")),
    }
}

/// Comma, tab, semicolon or bar: whichever the heading has most of, outside of quotes.
pub(super) fn delimiter(head: &[u8]) -> u8 {
    let mut counts = [(b',', 0_usize), (b'\t', 0), (b';', 0), (b'|', 0)];
    let mut in_quotes = false;
    for &byte in head {
        in_quotes ^= byte == b'"';
        if byte == b'\n' && !in_quotes {
            break;
        }
        if let Some((_, count)) = counts
            .iter_mut()
            .find(|(delimiter, _)| *delimiter == byte && !in_quotes)
        {
            *count += 1;
        }
    }
    // The first of equals: a heading of one column has none of them.
    counts
        .iter()
        .rev()
        .max_by_key(|(_, count)| count)
        .map_or(b',', |(delimiter, _)| *delimiter)
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn all(text: &str, format: Format) -> Result<Vec<Row>, Broken> {
        read(
            Box::new(Cursor::new(text.as_bytes().to_vec())),
            format,
            Mapping::default(),
        )?
        .collect()
    }

    #[track_caller]
    fn texts(text: &str, format: Format) -> Vec<String> {
        all(text, format)
            .expect("readable")
            .into_iter()
            .map(|row| match row {
                Row::Comment(past) => past.comment.text,
                Row::Unreadable { place, why } => format!("{place}: {why}"),
            })
            .collect()
    }

    #[test]
    fn the_delimiter_is_read_off_the_heading() {
        assert_eq!(delimiter(b"text,label\na;b;c;d"), b',');
        assert_eq!(delimiter(b"\"a,b,c\";label\n"), b';');
        assert_eq!(delimiter(b"text\tlabel\n"), b'\t');
        assert_eq!(delimiter(b"text\n"), b',');
    }

    #[test]
    fn rows_of_csv_are_read_and_odd_ones_named() {
        let csv = "id,text,label\n1,\"two\nlines\",spam\n2,short\n3,\"a \"\"b\"\"\",ham\n";
        assert_eq!(
            texts(csv, Format::Csv),
            [
                "two\nlines",
                "line 4: it has not the 3 columns of the heading",
                "a \"b\""
            ]
        );
    }

    #[test]
    fn a_backslash_of_php_does_not_end_a_cell() {
        let csv = "comment_ID,comment_content,comment_approved\n1,\"he said \\\"hi\\\", then left\",1\n2,b,1\n";
        assert_eq!(
            texts(csv, Format::WordPressList),
            ["he said \"hi\", then left", "b"]
        );
    }

    #[test]
    fn a_list_without_texts_says_how_to_get_them() {
        let refused = all("comment_ID,comment_approved\n1,1\n", Format::WordPressList)
            .expect_err("no text")
            .to_string();
        assert!(refused.contains("--fields=comment_ID,"), "{refused}");
        let refused = all("a,b\n1,1\n", Format::Csv)
            .expect_err("no text")
            .to_string();
        assert!(
            refused.contains("--map text=COLUMN") && refused.contains("a, b"),
            "{refused}"
        );
    }
}
