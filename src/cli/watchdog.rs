//! Ends a server that can write nothing any more: how long a write may take in, an exit code out.
//! Mends nothing; a supervisor starts the server again.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;

use crate::moderation::{Moderation, Watch};

/// Told apart from other failures: a supervisor that starts the server again mends it
/// (`EX_TEMPFAIL` of sysexits.h).
const START_AGAIN: i32 = 75;

/// Two threads look at the writers of the store, one of which may itself hang in the store. A
/// process that can write nothing any more ends with a code, for only a new one opens the store
/// anew. Threads of their own: all others may be waiting for the disk.
///
/// # Errors
/// The system gives no threads.
pub(super) fn end_if_beyond_help(
    moderation: &Moderation,
    longest_write: Duration,
) -> anyhow::Result<()> {
    let watch = Arc::new(moderation.watch_writers(longest_write));
    let looks: [(&str, Look); 2] = [("look", Watch::look), ("glance", Watch::glance)];
    for (name, look) in looks {
        let watch = Arc::clone(&watch);
        let started = std::thread::Builder::new().name(name.into()).spawn(move || {
            loop {
                std::thread::sleep(BETWEEN_LOOKS);
                if let Some(why) = look(&watch) {
                    tracing::error!("{why}");
                    eprintln!("phin: {why}. Every label that was thanked for is safe. The server ends with code {START_AGAIN}, so that its supervisor starts it again; without one, start it again yourself");
                    std::process::exit(START_AGAIN);
                }
            }
        });
        started.context("the system lets us start no thread")?;
    }
    Ok(())
}

/// Why the process must end, if it must.
type Look = fn(&Watch) -> Option<String>;

const BETWEEN_LOOKS: Duration = Duration::from_secs(1);
