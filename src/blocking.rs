//! Blocking work in, its result out. The work runs on a thread where no request waits for it. This
//! is the only way off the async loop. Never starts work whose result nobody awaits.

use tokio::task::JoinError;

use crate::store::StoreError;

/// The work panicked, or the runtime stopped before it was done.
#[derive(Debug, thiserror::Error)]
#[error("could not {action}: {cause}")]
pub(crate) struct WorkFailed {
    /// What was tried, after "could not".
    pub(crate) action: &'static str,
    /// The error of tokio.
    pub(crate) cause: JoinError,
}

impl From<WorkFailed> for StoreError {
    fn from(failed: WorkFailed) -> Self {
        Self::Failed {
            action: failed.action,
            why: failed.cause.to_string(),
        }
    }
}

/// Runs blocking work on another thread. `action` names the work in an error, for instance "read
/// the queue".
///
/// # Errors
/// The work's own error. A panic of the work becomes an error of the same type.
pub(crate) async fn run_blocking<T, E>(
    action: &'static str,
    work: impl FnOnce() -> Result<T, E> + Send + 'static,
) -> Result<T, E>
where
    T: Send + 'static,
    E: From<WorkFailed> + Send + 'static,
{
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(cause) => Err(WorkFailed { action, cause }.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn work_that_panics_is_an_error_that_says_what_was_tried() {
        let work = || -> Result<(), StoreError> { panic!("a fault") };
        let error = run_blocking("read the queue", work)
            .await
            .expect_err("it panics");
        let said = error.to_string();
        assert!(said.contains("could not read the queue"), "{said}");
    }

    #[tokio::test]
    async fn work_is_done_on_another_thread() {
        let here = std::thread::current().id();
        let there = run_blocking("ask", || Ok::<_, StoreError>(std::thread::current().id()));
        assert_ne!(there.await.expect("done"), here);
    }
}
