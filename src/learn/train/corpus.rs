//! JSON Lines in, labelled examples out: our own training comments, the public corpora, exports. It
//! reads plain and gzip files and never writes.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::bounded::{self, RECORD, Unpacked, in_words, read_line};
use crate::comment::{Author, Comment, Page, Request};
use crate::verdict::Label;

/// One line as people write it. Only `text` is needed; unknown fields are ignored, because every
/// corpus has its own.
#[derive(Debug, Clone, Default, Deserialize)]
struct Line {
    #[serde(default)]
    id: Option<serde_json::Value>,
    text: String,
    #[serde(default)]
    label: Option<Label>,
    #[serde(default)]
    kind: Option<String>,
    #[serde(default)]
    genre: Option<String>,
    #[serde(default)]
    lang: Option<String>,
    #[serde(default)]
    author: Option<String>,
    #[serde(default)]
    email: Option<String>,
    #[serde(default)]
    url: Option<String>,
    #[serde(default)]
    ip: Option<String>,
    #[serde(default)]
    user_agent: Option<String>,
    #[serde(default)]
    date: Option<String>,
    #[serde(default, rename = "type")]
    comment_type: Option<String>,
    #[serde(default)]
    page_lang: Option<String>,
    #[serde(default)]
    page: Option<String>,
    #[serde(default)]
    permalink: Option<String>,
    #[serde(default)]
    group: Option<String>,
    #[serde(default)]
    split: Option<String>,
    #[serde(default)]
    trusted: Option<bool>,
    #[serde(default)]
    lang_hint: Option<String>,
    #[serde(default)]
    vi: Vec<String>,
}

/// A comment with what a corpus knows about it.
#[derive(Debug, Clone, Default)]
pub struct Example {
    /// Its id in the corpus; line number where it has none.
    pub id: String,
    /// The comment.
    pub comment: Comment,
    /// The label that a person gave, if anybody did.
    pub label: Option<Label>,
    /// Kind of spam, or what the source says of an unlabelled row.
    pub kind: Option<String>,
    /// A finer kind: rows of one genre resemble each other.
    pub genre: Option<String>,
    /// Language the corpus states.
    pub lang: Option<String>,
    /// Site, video, post or product: rows that belong together.
    pub group: Option<String>,
    /// Part the corpus puts it into: `train`, `dev`, `test`.
    pub split: Option<String>,
    /// When it was written, as the corpus spells it.
    pub date: Option<String>,
    /// Whether labels of its site can be believed; `None` where there is no doubt.
    pub trusted: Option<bool>,
    /// Language a detector guessed, weak on short texts.
    pub lang_hint: Option<String>,
    /// Which of `text`, `author` and `host` are Vietnamese, if the corpus says.
    pub vi: Vec<String>,
    /// A home page that the corpus made up in place of the real one: dressing draws another of its
    /// shape.
    pub home_was: Option<String>,
    /// Whether the row was held out before cleaning changed its text; `None` where the text is
    /// still as it came.
    pub held_out: Option<bool>,
}

impl Example {
    /// Whether the row judges models and so may never teach one: SHA-256 of its text as it came, as
    /// a number, is divisible by five.
    pub fn is_held_out(&self) -> bool {
        if let Some(held_out) = self.held_out {
            return held_out;
        }
        // 256 = 1 (mod 5), so the number is congruent to the sum of its bytes.
        Sha256::digest(self.comment.text.as_bytes())
            .iter()
            .map(|&b| u32::from(b))
            .sum::<u32>()
            .is_multiple_of(5)
    }

    /// What rows that belong together share: those of a blog, a video, a genre; else those that
    /// look the same.
    pub fn group_key(&self) -> u64 {
        self.group_key_of(|| self.skeleton())
    }

    /// The same, with the skeleton from wherever it is known.
    pub fn group_key_of(&self, skeleton: impl FnOnce() -> u64) -> u64 {
        let named = self.group.as_deref().or(self.genre.as_deref());
        named.map_or_else(skeleton, |name| {
            rapidhash::v3::rapidhash_v3(name.as_bytes())
        })
    }

    /// Hash of what the text looks like: near-duplicates share it.
    pub fn skeleton(&self) -> u64 {
        Self::skeleton_of(&crate::text::read(&self.comment.text))
    }

    /// Hash of a comment's skeleton, its name and the host of its home page. The same praise comes
    /// under fifty signatures, and then the signature is the spam; two rows are near-duplicates
    /// only if text and signature agree.
    pub fn likeness_key(&self) -> u64 {
        Self::likeness_key_of(self.skeleton(), &self.comment)
    }

    /// The same of a comment whose skeleton is known.
    pub fn likeness_key_of(skeleton: u64, comment: &Comment) -> u64 {
        use crate::text::links::{self, Place};
        let author = &comment.author;
        let name = author.name.as_deref().map(crate::text::read);
        let host = author.url.as_deref();
        let host = host.and_then(|url| links::parse(url, Place::Author));
        let signature = format!(
            "{}\n{}",
            name.map_or(String::new(), |name| name.folded),
            host.map_or(String::new(), |link| link.host)
        );
        skeleton ^ rapidhash::v3::rapidhash_v3(signature.as_bytes()).rotate_left(29)
    }

    /// The same of a text that is already read.
    pub fn skeleton_of(reading: &crate::text::Reading) -> u64 {
        rapidhash::v3::rapidhash_v3(reading.folded.as_bytes())
    }
}

/// Why a corpus cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum CorpusError {
    /// The file cannot be opened or read.
    #[error("cannot read {path}: {source}")]
    Io {
        /// Which file.
        path: PathBuf,
        /// What the disk said.
        source: io::Error,
    },
    /// A line is not what was expected.
    #[error(
        "{path}, line {line}: {why}; expected one JSON object with at least \"text\", and \"label\" either \"spam\", \"ham\" or null (--skip-bad passes over such lines)"
    )]
    Line {
        /// Which file.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
        /// What was wrong.
        why: String,
    },
}

/// What to do with a malformed line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BadLines {
    /// Stop at the first.
    Refuse,
    /// Pass over them and count.
    Skip,
}

/// Rows read one by one, so that a corpus need not fit into memory.
pub struct Examples {
    path: PathBuf,
    input: Box<dyn BufRead + Send>,
    bad_lines: BadLines,
    line: usize,
    /// Malformed lines passed over so far.
    pub skipped: usize,
    buffer: Vec<u8>,
}

impl Examples {
    /// Opens a file; `-` is standard input, `.gz` is unpacked.
    ///
    /// # Errors
    ///
    /// If the file cannot be opened.
    pub fn open(path: &Path, bad_lines: BadLines) -> Result<Self, CorpusError> {
        if path == Path::new("-") {
            return Ok(Self::from_reader(path, Box::new(io::stdin()), bad_lines));
        }
        let file = File::open(path).map_err(|source| CorpusError::Io {
            path: path.to_owned(),
            source,
        })?;
        let reader: Box<dyn Read + Send> = if path.extension().is_some_and(|e| e == "gz") {
            Box::new(Unpacked::new(file))
        } else {
            Box::new(file)
        };
        Ok(Self::from_reader(path, reader, bad_lines))
    }

    /// Reads from anything; the path is for messages.
    pub fn from_reader(path: &Path, reader: Box<dyn Read + Send>, bad_lines: BadLines) -> Self {
        Self {
            path: path.to_owned(),
            input: Box::new(BufReader::with_capacity(1 << 18, reader)),
            bad_lines,
            line: 0,
            skipped: 0,
            buffer: Vec::new(),
        }
    }

    fn bad(&self, why: impl Into<String>) -> CorpusError {
        CorpusError::Line {
            path: self.path.clone(),
            line: self.line,
            why: why.into(),
        }
    }

    fn parse(&self) -> Result<Example, CorpusError> {
        let text = std::str::from_utf8(&self.buffer).map_err(|_| self.bad("it is not UTF-8"))?;
        let line: Line =
            serde_json::from_str(text.trim()).map_err(|e| self.bad(plain_reason(&e)))?;
        Ok(line.into_example(self.line))
    }
}

/// serde_json's message without its line and column, which count from the start of the JSON line
/// and would confuse.
fn plain_reason(error: &serde_json::Error) -> String {
    let message = error.to_string();
    match message.rfind(" at line ") {
        Some(at) => format!("{} (column {})", &message[..at], error.column()),
        None => message,
    }
}

impl Iterator for Examples {
    type Item = Result<Example, CorpusError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let read = read_line(&mut self.input, RECORD, &mut self.buffer);
            self.line += 1;
            match read {
                Ok(bounded::Line::End) => return None,
                Ok(bounded::Line::Whole) => {}
                Ok(bounded::Line::TooLong) if self.bad_lines == BadLines::Skip => {
                    self.skipped += 1;
                    continue;
                }
                Ok(bounded::Line::TooLong) => {
                    let why = format!("it is longer than {}", in_words(RECORD));
                    return Some(Err(self.bad(why)));
                }
                Err(source) => {
                    return Some(Err(CorpusError::Io {
                        path: self.path.clone(),
                        source,
                    }));
                }
            }
            if self.buffer.iter().all(u8::is_ascii_whitespace) {
                continue;
            }
            match self.parse() {
                Err(CorpusError::Line { .. }) if self.bad_lines == BadLines::Skip => {
                    self.skipped += 1
                }
                result => return Some(result),
            }
        }
    }
}

impl Line {
    fn into_example(self, line: usize) -> Example {
        let filled = |field: Option<String>| field.filter(|value| !value.trim().is_empty());
        Example {
            id: match self.id {
                Some(serde_json::Value::String(id)) => id,
                Some(serde_json::Value::Null) | None => line.to_string(),
                Some(other) => other.to_string(),
            },
            comment: Comment {
                text: self.text,
                author: Author {
                    name: filled(self.author),
                    email: filled(self.email),
                    url: filled(self.url),
                },
                request: Request {
                    ip: self.ip.and_then(|ip| ip.parse().ok()),
                    user_agent: filled(self.user_agent),
                    accept_language: None,
                },
                page: Page {
                    permalink: filled(self.permalink),
                    languages: self.page_lang.into_iter().collect(),
                    context: filled(self.page).into_iter().collect(),
                    kind: filled(self.comment_type),
                },
                ..Comment::default()
            },
            label: self.label,
            kind: filled(self.kind),
            genre: filled(self.genre),
            lang: filled(self.lang),
            group: filled(self.group),
            split: filled(self.split),
            date: filled(self.date),
            trusted: self.trusted,
            lang_hint: filled(self.lang_hint),
            vi: self.vi,
            home_was: None,
            held_out: None,
        }
    }
}

/// Reads a whole file.
///
/// # Errors
///
/// If the file cannot be read to its end, or if a line is no example and bad lines are refused.
pub fn read_all(path: &Path, bad_lines: BadLines) -> Result<Vec<Example>, CorpusError> {
    Examples::open(path, bad_lines)?.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, bad_lines: BadLines) -> (Vec<Result<Example, CorpusError>>, usize) {
        let mut examples = Examples::from_reader(
            Path::new("some.jsonl"),
            Box::new(io::Cursor::new(text.to_owned().into_bytes())),
            bad_lines,
        );
        let rows: Vec<_> = examples.by_ref().collect();
        (rows, examples.skipped)
    }

    #[test]
    fn only_a_text_is_needed() {
        let (rows, _) = read(
            "{\"text\":\"hay\"}\n\n{\"id\":7,\"text\":\"x\",\"label\":\"spam\",\"author\":\"\",\"odd\":[]}\n",
            BadLines::Refuse,
        );
        let rows: Vec<Example> = rows.into_iter().map(|row| row.expect("good")).collect();
        assert_eq!((rows[0].id.as_str(), rows[0].label), ("1", None));
        assert_eq!(
            (
                rows[1].id.as_str(),
                rows[1].label,
                &rows[1].comment.author.name
            ),
            ("7", Some(Label::Spam), &None)
        );
    }

    #[test]
    fn a_bad_line_is_named_or_counted() {
        let text = "{\"text\":\"a\"}\nnot json\n{\"label\":\"spam\"}\n{\"text\":\"b\",\"label\":\"maybe\"}\n";
        let (rows, _) = read(text, BadLines::Refuse);
        let message = rows[1].as_ref().expect_err("bad").to_string();
        assert!(message.starts_with("some.jsonl, line 2: "), "{message}");
        let (rows, skipped) = read(text, BadLines::Skip);
        assert_eq!((rows.len(), skipped), (1, 3));
    }

    #[test]
    fn a_fifth_is_held_out_by_its_text_alone() {
        let held_out = (0..1000)
            .filter(|n| {
                Example {
                    comment: Comment::from_text(format!("comment {n}")),
                    ..Example::default()
                }
                .is_held_out()
            })
            .count();
        assert!((150..250).contains(&held_out), "{held_out}");
    }
}
