//! A history for a command to look at: from a running server, from the store where none runs, or from a file that `phin export` wrote.

use std::io::{BufRead, BufReader, Cursor};
use std::path::PathBuf;

use anyhow::{Context, anyhow, ensure};

use super::door::{Door, DoorArgs};
use super::progress::Counter;
use super::source::Source;
use crate::config::ModelChoice;
use crate::model::Model;
use crate::moderation::{ExportLine, Past};

/// Reads those lines of a history that are wanted; where it comes from is `file`, or the door.
pub(super) fn read(
    file: Option<&PathBuf>,
    door: &DoorArgs,
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
            Door::open(door)?.stream("/export", |piece| {
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
    let mut taken = Vec::new();
    let mut is_whole = false;
    for (at, line) in lines.lines().enumerate() {
        let line = line.with_context(|| {
            format!("{name} breaks off or is damaged after line {at}; nothing was done with it")
        })?;
        if line.trim().is_empty() {
            continue;
        }
        let line: ExportLine = serde_json::from_str(&line).map_err(|error| {
            let why = match error.is_eof() {
                true => "it breaks off".to_owned(),
                false => error.to_string(),
            };
            anyhow!(
                "{name}, line {}, is not a line of an export of phin: {why}; nothing was done with it",
                at + 1
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

/// A model by its folder or name; `live` is the one of the data folder.
pub(super) fn model_of(named: &str, door: &DoorArgs) -> anyhow::Result<Model> {
    if named != "live" {
        return super::load_model(&ModelChoice::parse(named));
    }
    let shelf = door.shelf();
    let id = shelf.live()?;
    shelf
        .load(&id)
        .with_context(|| format!("the live model {id} cannot be used"))
}
