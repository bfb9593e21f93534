//! Work that waits for the disk is done on a thread where no check waits for it. The only door to such threads.

use crate::store::StoreError;

/// Does work that may block. `action` names it in the error that a panic of the work becomes.
///
/// # Errors
///
/// What the work returns, or [`StoreError::Failed`] if it panicked.
pub(crate) async fn run_blocking<T: Send + 'static>(
    action: &'static str,
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|error| {
        let why = error.to_string();
        Err(StoreError::Failed { action, why })
    })
}
