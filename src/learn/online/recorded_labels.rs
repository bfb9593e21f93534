//! The place of a label in the ledger in, the label as it was recorded out. It changes nothing.

use std::fmt::Debug;

use crate::store::{LedgerEntry, Seq, Store};

/// Where earlier labels are found again.
pub trait RecordedLabels: Debug + Send + Sync {
    /// The label at a place of the ledger, if it is there and whole.
    fn label_at(&self, seq: Seq) -> Option<LedgerEntry>;
}

impl RecordedLabels for Store {
    fn label_at(&self, seq: Seq) -> Option<LedgerEntry> {
        self.entry(seq).ok().flatten()
    }
}
