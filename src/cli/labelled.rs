//! Labelled comments in, JSON Lines that `phin train` and `phin evaluate` read out. Never in place
//! of a file that is there.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use serde::Serialize;

use crate::clock;
use crate::history::PastComment;
use crate::verdict::Label;

/// JSON Lines; a file appears under its name when it is whole, and never in place of another.
pub(super) struct Lines {
    output: BufWriter<Box<dyn Write>>,
    file: Option<(tempfile::NamedTempFile, PathBuf)>,
}

impl Lines {
    /// Opens a new file; `-` is standard output.
    ///
    /// # Errors
    /// The file is there already, or cannot be written.
    pub(super) fn create(path: &Path) -> anyhow::Result<Self> {
        if path == Path::new("-") {
            return Ok(Self {
                output: BufWriter::new(Box::new(io::stdout().lock())),
                file: None,
            });
        }
        let cannot = || format!("cannot write {}", path.display());
        if path.exists() {
            bail!("{} is there already; name another file", path.display());
        }
        let folder = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty())
            .unwrap_or(Path::new("."));
        let file = tempfile::NamedTempFile::new_in(folder).with_context(cannot)?;
        let output: File = file.reopen().with_context(cannot)?;
        Ok(Self {
            output: BufWriter::new(Box::new(output)),
            file: Some((file, path.to_owned())),
        })
    }

    /// Writes one line.
    ///
    /// # Errors
    /// The file cannot be written.
    pub(super) fn write(&mut self, line: &Line<'_>) -> anyhow::Result<()> {
        serde_json::to_writer(&mut self.output, line)?;
        Ok(self.output.write_all(b"\n")?)
    }

    /// Makes the file appear under its name.
    ///
    /// # Errors
    /// It cannot be written, or another one has the name by now.
    pub(super) fn finish(mut self) -> anyhow::Result<()> {
        self.output.flush()?;
        if let Some((file, path)) = self.file {
            file.persist_noclobber(&path)
                .with_context(|| format!("cannot write {}", path.display()))?;
        }
        Ok(())
    }
}

/// A labelled comment as `phin train` and `phin evaluate` read it; unknown fields are left out.
#[derive(Serialize)]
pub(super) struct Line<'a> {
    id: &'a str,
    text: &'a str,
    label: Option<Label>,
    #[serde(skip_serializing_if = "Option::is_none")]
    doubt: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    author: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ip: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_agent: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    date: Option<String>,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    kind: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    group: Option<&'a str>,
}

impl<'a> Line<'a> {
    pub(super) fn of(
        past: &'a PastComment,
        group: Option<&'a str>,
        label: Option<Label>,
        doubt: Option<&'static str>,
    ) -> Self {
        let comment = &past.comment;
        Self {
            id: &past.id,
            text: &comment.text,
            label,
            doubt,
            author: comment.author.name.as_deref(),
            email: comment.author.email.as_deref(),
            url: comment.author.url.as_deref(),
            ip: comment.request.ip.map(|ip| ip.to_string()),
            user_agent: comment.request.user_agent.as_deref(),
            date: past.at.map(clock::show),
            kind: comment.page.kind.as_deref(),
            group,
        }
    }
}
