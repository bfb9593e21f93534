//! The system's limit of open files in, the number of connections that `phin serve` may keep out:
//! few enough that the store never lacks a file. sled does not recover from a file that it could
//! not open.

use std::num::NonZeroU32;

use rustix::process::{Resource, getrlimit, setrlimit};

/// Kept for the store, the operator's socket, webhooks and the rest: a quarter, but no fewer and no
/// more than these.
const RESERVE: std::ops::RangeInclusive<u64> = 96..=256;
/// With fewer connections than this it makes no sense to serve.
const FEWEST: u64 = 16;

/// Raises the soft limit of open files as far as the system lets us; says how many connections fit
/// below it, at most as many as are wanted.
///
/// # Errors
///
/// If hardly any fit.
pub(super) fn connections(wanted: NonZeroU32) -> anyhow::Result<usize> {
    let files = raised();
    let most = most_connections(files);
    anyhow::ensure!(
        most >= FEWEST,
        "this process may open {files} files at most, too few to serve: raise the limit to 1024 or more (ulimit -n 1024; LimitNOFILE=1024 in a systemd unit)"
    );
    let connections = most.min(u64::from(wanted.get()));
    tracing::debug!(
        connections,
        open_files = files,
        "connections that may be open at the same time (max_connections)"
    );
    if connections < u64::from(wanted.get()) {
        tracing::warn!(
            connections,
            max_connections = wanted,
            open_files = files,
            "the limit of open files allows fewer connections than max_connections; raise it (ulimit -n, LimitNOFILE in a systemd unit)"
        );
    }
    Ok(usize::try_from(connections).unwrap_or(usize::MAX))
}

/// The limit of open files, after it was raised.
fn raised() -> u64 {
    let mut limit = getrlimit(Resource::Nofile);
    if limit.current != limit.maximum {
        let before = limit.current;
        limit.current = limit.maximum;
        // A system may call its limit endless and still not allow it.
        if setrlimit(Resource::Nofile, limit).is_err() {
            limit.current = before;
        }
    }
    limit.current.unwrap_or(u64::MAX)
}

fn most_connections(files: u64) -> u64 {
    files.saturating_sub((files / 4).clamp(*RESERVE.start(), *RESERVE.end()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_store_keeps_its_share() {
        let shown = [20, 256, 1_024, 20_000].map(most_connections);
        assert_eq!(shown, [0, 160, 768, 19_744]);
    }
}
