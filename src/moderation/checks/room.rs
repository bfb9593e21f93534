//! Memory for a queue, in bytes: a size in, a share or a refusal out. Never waits.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::store::Record;

/// The memory that may be in use at once.
#[derive(Debug, Clone)]
pub(crate) struct Room(Arc<Semaphore>);

/// A part of it; given back when dropped.
pub(crate) type Share = OwnedSemaphorePermit;

impl Room {
    pub(crate) fn of(bytes: u32) -> Self {
        Self(Arc::new(Semaphore::new(bytes as usize)))
    }

    /// A share of `bytes`; `None` if that much is not free now.
    pub(crate) fn take(&self, bytes: usize) -> Option<Share> {
        let bytes = u32::try_from(bytes).ok()?;
        Arc::clone(&self.0).try_acquire_many_owned(bytes).ok()
    }
}

/// Memory that a record takes, in bytes.
pub(crate) fn bytes_of(record: &Record) -> usize {
    let clues = record.assessment.clues.iter();
    let of_clues = clues
        .map(|clue| size_of_val(clue) + clue.text.len() + clue.reason.len() + clue.reason_vi.len());
    size_of::<Record>()
        + record.comment.bytes()
        + of_clues.sum::<usize>()
        + record.site.as_str().len()
        + record.key.len()
}
