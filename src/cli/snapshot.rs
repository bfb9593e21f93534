//! What phin knows, read into memory for a command: from a running server, from the store where
//! none runs, or from a file that `phin export` wrote, in; the lines that are wanted out. Changes
//! nothing.

use std::io::{BufRead, BufReader, Cursor};
use std::path::PathBuf;

use anyhow::{Context, anyhow, bail, ensure};

use super::admin_client::AdminClient;
use super::data_dir::DataDirArgs;
use super::progress::Counter;
use super::source::Source;
use crate::bounded::{Line, Met, in_words, read_line};
use crate::moderation::{ExportLine, Past};

/// Longest line of an export, in bytes: one evidence list of 16 MiB.
const LONGEST_LINE: usize = 32 << 20;

/// Most values of such a line: an evidence list has 300,000.
const MOST_VALUES: usize = 1_000_000;

/// Reads those lines that are wanted: of `file`, or else of the data folder.
///
/// # Errors
/// A line is none of an export, or the export breaks off.
pub(super) fn read(
    file: Option<&PathBuf>,
    data: &DataDirArgs,
    wanted: impl Fn(&ExportLine) -> bool,
) -> anyhow::Result<Past> {
    let counter = Counter::new("lines read");
    let past = match file {
        Some(file) => {
            let source = Source::open(Some(file))?;
            let lines = source
                .read()
                .with_context(|| format!("cannot read {}", source.name))?;
            parse(lines, &source.name, &counter, wanted)?
        }
        None => {
            let mut bytes = Vec::new();
            AdminClient::open(data)?.stream("/export", |piece| {
                bytes.extend_from_slice(piece);
                Ok(())
            })?;
            parse(
                BufReader::new(Cursor::new(bytes)),
                "the store",
                &counter,
                wanted,
            )?
        }
    };
    counter.finish();
    Ok(past)
}

fn parse(
    lines: impl BufRead,
    name: &str,
    counter: &Counter,
    wanted: impl Fn(&ExportLine) -> bool,
) -> anyhow::Result<Past> {
    let mut lines = Lines::new(lines, name);
    let (mut taken, mut is_whole) = (Vec::new(), false);
    while let Some((at, line)) = lines.next()? {
        let line: ExportLine = serde_json::from_slice(line).map_err(|error| {
            let why = match error.is_eof() {
                true => "it breaks off".to_owned(),
                false => error.to_string(),
            };
            anyhow!(
                "{name}, line {at}, is not a line of an export of phin: {why}; nothing was done with it"
            )
        })?;
        is_whole = matches!(line, ExportLine::End);
        if wanted(&line) {
            taken.push(line);
        }
        counter.add(1);
    }
    ensure!(
        is_whole,
        "{name} breaks off: its last line is not {{\"what\":\"end\"}}; nothing was done with it"
    );
    Ok(Past::of(taken))
}

/// Reads through an export and keeps nothing: what no phin wrote is refused before anybody holds it
/// in memory.
///
/// # Errors
/// Where a line is longer, or holds more values, than any phin writes.
pub(super) fn look_through(source: &Source) -> anyhow::Result<()> {
    let cannot = || format!("cannot read {}", source.name);
    let mut lines = Lines::new(source.read().with_context(cannot)?, &source.name);
    while lines.next()?.is_some() {}
    Ok(())
}

/// Lines of an export that are not empty, one by one.
struct Lines<'a, R> {
    input: R,
    name: &'a str,
    /// Lines read so far.
    at: usize,
    line: Vec<u8>,
}

impl<'a, R: BufRead> Lines<'a, R> {
    fn new(input: R, name: &'a str) -> Self {
        Self {
            input,
            name,
            at: 0,
            line: Vec::new(),
        }
    }

    /// The next one, and its number.
    fn next(&mut self) -> anyhow::Result<Option<(usize, &[u8])>> {
        let Self {
            input,
            name,
            at,
            line,
        } = self;
        loop {
            let read =
                read_line(input, LONGEST_LINE, line).map_err(|error| match Met::of(&error) {
                    Some(met) => anyhow!("cannot read {name}: {met}"),
                    None => anyhow::Error::new(error).context(format!(
                        "{name} breaks off or is damaged after line {at}; nothing was done with it"
                    )),
                })?;
            *at += 1;
            let foreign = match read {
                Line::End => return Ok(None),
                Line::TooLong => format!("is longer than {}", in_words(LONGEST_LINE)),
                Line::Whole if line.iter().all(u8::is_ascii_whitespace) => continue,
                Line::Whole if values(line) > MOST_VALUES => {
                    format!("holds more than {MOST_VALUES} values")
                }
                Line::Whole => return Ok(Some((*at, line))),
            };
            bail!(
                "{name}, line {at}, {foreign}: phin writes no such line; nothing was done with it"
            );
        }
    }
}

/// Values that a line of JSON holds, or more: each is followed by a comma or by what closes its
/// list.
fn values(line: &[u8]) -> usize {
    let (mut values, mut in_string, mut escaped) = (0, false, false);
    for &byte in line {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b',' | b'[' | b'{' if !in_string => values += 1,
            _ => {}
        }
    }
    values
}
