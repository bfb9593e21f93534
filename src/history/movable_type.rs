//! The text format of Movable Type in, the comments of its entries out. TypePad and other blogs
//! write it, too. It has no status, and leaves out what its owner refused. It labels nothing.

use std::io::BufRead;

use super::broken::Broken;
use super::charset::{self, Charset};
use super::past_comment::{Fate, PastComment, Row, too_long};
use super::wordpress::filled;
use super::{html, side};
use crate::bounded::{Line, RECORD, read_line};
use crate::clock;
use crate::comment::{Author, Comment, Page, Request, public_address};

/// The end of a section, and the end of an entry.
const SECTION: &[u8] = b"-----";
const ENTRY: &[u8] = b"--------";

pub(super) struct MovableType {
    input: Box<dyn BufRead>,
    charset: Charset,
    line: usize,
    /// Of the entry that is being read.
    title: String,
    ended: bool,
}

/// A section, read to its end.
#[derive(Default)]
struct Section {
    line: usize,
    lines: Vec<Vec<u8>>,
    bytes: usize,
    is_too_long: bool,
    ends_entry: bool,
}

impl MovableType {
    pub(super) fn read(input: Box<dyn BufRead>) -> Result<Self, Broken> {
        let (input, charset) = charset::open(input)?;
        Ok(Self {
            input,
            charset,
            line: 1,
            title: String::new(),
            ended: false,
        })
    }

    /// The next section; none at the end of the file.
    fn section(&mut self) -> Result<Option<Section>, Broken> {
        let mut section = Section {
            line: self.line,
            ..Section::default()
        };
        let mut line = Vec::new();
        loop {
            match read_line(&mut self.input, RECORD, &mut line)? {
                // Some programs leave out the last line.
                Line::End if section.lines.iter().all(|line| line.is_empty()) => return Ok(None),
                Line::End => return Ok(Some(section)),
                Line::TooLong => section.is_too_long = true,
                Line::Whole => {}
            }
            self.line += 1;
            let text = line.trim_ascii_end();
            if text == SECTION || text == ENTRY {
                section.ends_entry = text == ENTRY;
                return Ok(Some(section));
            }
            section.bytes += text.len() + 24;
            section.is_too_long |= section.bytes > RECORD;
            match section.is_too_long {
                true => section.lines = vec![b"-".to_vec()],
                false => section.lines.push(text.to_vec()),
            }
        }
    }

    fn advance(&mut self) -> Result<Option<Row>, Broken> {
        while let Some(section) = self.section()? {
            let mut lines = section.lines.iter();
            let first = lines.find(|line| !line.is_empty());
            let row = match first.map(|line| line.trim_ascii()) {
                _ if section.is_too_long => Some(too_long(format!("line {}", section.line))),
                Some(b"COMMENT:") => Some(self.comment(&section)),
                // What other blogs answered is no comment, and a body belongs to the entry.
                _ => None,
            };
            if row.is_none() && self.title.is_empty() {
                self.title = self.value(&section, "TITLE").unwrap_or_default();
            }
            if section.ends_entry {
                self.title.clear();
            }
            if row.is_some() {
                return Ok(row);
            }
        }
        Ok(None)
    }

    /// The value of `KEY: value`, among the lines before the text.
    fn value(&self, section: &Section, key: &str) -> Option<String> {
        section.lines.iter().find_map(|line| {
            let line = self.charset.text(line);
            let value = line.strip_prefix(key)?.strip_prefix(':')?.trim();
            Some(side::cut(value.to_owned()))
        })
    }

    fn comment(&self, section: &Section) -> Row {
        const KEYS: [&str; 5] = ["AUTHOR", "EMAIL", "IP", "URL", "DATE"];
        let (mut values, mut text) = ([const { String::new() }; 5], Vec::new());
        let mut after_heading = false;
        for line in &section.lines {
            let line = self.charset.text(line);
            if !after_heading && matches!(line.trim(), "" | "COMMENT:") {
                continue;
            }
            let pair = line.split_once(':');
            let at = pair.and_then(|(key, _)| KEYS.iter().position(|known| *known == key));
            match (at, pair) {
                (Some(at), Some((_, value))) if !after_heading => {
                    values[at] = side::cut(value.trim().to_owned());
                }
                _ => {
                    after_heading = true;
                    text.push(line);
                }
            }
        }
        let [name, email, ip, url, date] = values;
        let comment = Comment {
            text: html::as_typed(&text.join("\n")),
            author: Author {
                name: filled(name),
                email: filled(email),
                url: filled(url),
            },
            request: Request {
                ip: public_address(&ip),
                ..Request::default()
            },
            page: Page {
                context: filled(self.title.clone()).into_iter().collect(),
                kind: Some("comment".into()),
                ..Page::default()
            },
            ..Comment::default()
        };
        // It has no number. Its moment and its first letters are the same in every export.
        let begin: String = comment.text.chars().take(24).collect();
        let id = format!("movable-type:{date}:{begin}");
        let mut past = PastComment::new(id, comment, Fate::Published);
        past.place = format!("line {}", section.line);
        past.at = clock::parse(&moment(&date).unwrap_or(date));
        Row::Comment(Box::new(past))
    }
}

/// `01/31/2024 03:31:05 PM` as ISO 8601; its month comes first, says the format.
fn moment(date: &str) -> Option<String> {
    let mut parts = date.split_ascii_whitespace();
    let (day, time, half) = (parts.next()?, parts.next()?, parts.next());
    let mut day = day.split('/');
    let (month, day, year) = (day.next()?, day.next()?, day.next()?);
    let (hour, rest) = time.split_once(':')?;
    let hour: u8 = hour.parse().ok()?;
    let hour = match (half, hour) {
        (Some("AM"), 12) => 0,
        (Some("PM"), hour) if hour < 12 => hour + 12,
        (_, hour) => hour,
    };
    Some(format!("{year}-{month:0>2}-{day:0>2} {hour:02}:{rest}"))
}

impl Iterator for MovableType {
    type Item = Result<Row, Broken>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let row = self.advance().transpose();
        self.ended = !matches!(row, Some(Ok(_)));
        row
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_may_be_of_twelve_or_of_twenty_four_hours() {
        for (date, expected) in [
            ("01/31/2024 03:31:05 PM", "2024-01-31 15:31:05"),
            ("1/3/2024 12:00:00 AM", "2024-01-03 00:00:00"),
            ("01/31/2024 15:47:06", "2024-01-31 15:47:06"),
        ] {
            assert_eq!(moment(date).as_deref(), Some(expected));
        }
        assert_eq!(moment("yesterday"), None);
    }
}
