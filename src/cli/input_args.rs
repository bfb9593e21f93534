//! Which file of comments a command reads: flags in, its lines out. Judges nothing.

use std::path::PathBuf;

use crate::learn::train::corpus::{BadLines, Examples};

/// Which file a command reads.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct InputArgs {
    /// JSON Lines, plain or .gz; standard input if missing or `-`
    #[arg(value_name = "FILE")]
    pub(super) file: Option<PathBuf>,
    #[command(flatten)]
    pub(super) bad_lines: BadLinesArgs,
}

impl InputArgs {
    /// Opens it.
    ///
    /// # Errors
    /// It cannot be read.
    pub(super) fn open(&self) -> anyhow::Result<Examples> {
        let path = self.file.clone().unwrap_or_else(|| PathBuf::from("-"));
        Ok(Examples::open(&path, self.bad_lines.choice())?)
    }
}

/// What a command does with lines that cannot be read.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(super) struct BadLinesArgs {
    /// Pass over malformed lines and count them
    #[arg(long)]
    pub(super) skip_bad: bool,
}

impl BadLinesArgs {
    /// The same for a reader.
    pub(super) fn choice(self) -> BadLines {
        match self.skip_bad {
            true => BadLines::Skip,
            false => BadLines::Refuse,
        }
    }
}
