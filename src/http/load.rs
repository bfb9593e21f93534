//! What all requests together may take: memory for large bodies, and threads for long texts. Shared
//! by every connection; never refuses a short text.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::blocking::{WorkFailed, run_blocking};

/// A share of the memory for bodies; given back when dropped.
pub(super) type Share = OwnedSemaphorePermit;

/// What requests may take.
#[derive(Debug, Clone)]
pub struct Load {
    /// In KiB.
    room: Arc<Semaphore>,
    threads: Arc<Semaphore>,
}

/// Memory for what bodies have beyond what each may have, unless a single one may be larger.
const ROOM_BYTES: usize = 64 << 20;
/// Bytes of a comment that are read between two requests; what is longer would keep others waiting.
/// The longest of a hundred honest comments is shorter.
const SHORT_BYTES: usize = 2 << 10;

impl Load {
    /// For bodies of which so many bytes are read.
    pub fn new(max_body_bytes: usize) -> Self {
        let room = ROOM_BYTES.max(max_body_bytes.saturating_mul(4));
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            room: Arc::new(Semaphore::new((room / 1_024).min(Semaphore::MAX_PERMITS))),
            threads: Arc::new(Semaphore::new((cores / 2).max(1))),
        }
    }

    /// A share of so many bytes, or none at this moment.
    pub(super) fn room(&self, bytes: usize) -> Option<Share> {
        let wanted = u32::try_from(bytes.div_ceil(1_024)).ok()?;
        Arc::clone(&self.room).try_acquire_many_owned(wanted).ok()
    }

    /// Does work on a comment of so many bytes: on this thread if it is short, else on one where no
    /// other request waits for it. Half the cores are left to short ones.
    pub(super) async fn work<T: Send + 'static>(
        &self,
        bytes: usize,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> T {
        if bytes <= SHORT_BYTES {
            return work();
        }
        // Never closed.
        let _thread = self.threads.acquire().await;
        let done = run_blocking("judge the comment", move || Ok::<_, WorkFailed>(work()));
        match done.await {
            Ok(done) => done,
            // As on this thread: a panic while judging ends its own request, and no other.
            Err(failed) => std::panic::resume_unwind(failed.cause.into_panic()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn long_work_is_done_elsewhere_and_little_of_it_at_once() {
        let load = Load::new(1 << 20);
        let here = std::thread::current().id();
        let at = || std::thread::current().id();
        assert_eq!(load.work(SHORT_BYTES, at).await, here);
        assert_ne!(load.work(SHORT_BYTES + 1, at).await, here);
        let allowed = load.threads.available_permits();
        let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let works = (0..3 * allowed).map(|_| {
            let (load, now, most) = (load.clone(), Arc::clone(&now), Arc::clone(&most));
            tokio::spawn(async move {
                let work = move || {
                    most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    std::thread::sleep(Duration::from_millis(20));
                    now.fetch_sub(1, Ordering::SeqCst);
                };
                load.work(SHORT_BYTES + 1, work).await;
            })
        });
        for work in works.collect::<Vec<_>>() {
            work.await.expect("done");
        }
        assert!((1..=allowed).contains(&most.load(Ordering::SeqCst)));
    }
}
