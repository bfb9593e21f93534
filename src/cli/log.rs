//! The log of `phin serve`: events in, one line each on stderr out, whatever they quote. Colours
//! for a terminal alone; writes no file.

use std::io::{self, IsTerminal, Write};

use anyhow::Context;

use super::plain;

/// Begins to write the log, as the setting filters it.
///
/// # Errors
/// The filter cannot be read.
pub(super) fn begin(filter: &str) -> anyhow::Result<()> {
    let events = tracing_subscriber::EnvFilter::try_new(filter)
        .with_context(|| format!("the setting log = {filter:?} is no log filter"))?;
    let wanted = std::env::var_os("NO_COLOR").is_none_or(|said| said.is_empty());
    let colours = wanted && io::stderr().is_terminal();
    tracing_subscriber::fmt()
        .with_env_filter(events)
        .with_ansi(colours)
        .with_writer(move || Lines { colours })
        .init();
    Ok(())
}

/// Takes events, each in one piece.
struct Lines {
    colours: bool,
}

impl Write for Lines {
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        let line = plain::log_line(&String::from_utf8_lossy(event), self.colours);
        // Whole, so that the lines of two threads do not mix.
        io::stderr().lock().write_all(line.as_bytes())?;
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}
