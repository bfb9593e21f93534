//! What waits for the disk is done on a thread where no check waits for it.

use crate::moderation::StoreError;

/// Does work that is called so in an error: one that panics is an error of the store.
pub(crate) async fn off_the_loop<T: Send + 'static>(
    action: &'static str,
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|error| {
        let why = error.to_string();
        Err(StoreError::Failed { action, why })
    })
}
