//! The threads that async work runs on. Nothing in, a runtime out; starts no work.

use anyhow::Context;

/// As many threads as there are cores.
///
/// # Errors
/// The system gives no threads.
pub(super) fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("the system lets us start no threads")
}
