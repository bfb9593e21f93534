//! Reports in, labels out; undo; labels shown to the operator. The ledger writes. Never
//! acknowledges what is not on disk.

pub(crate) mod entry;
pub(crate) mod listing;
pub(crate) mod matching;
pub(crate) mod report;
pub(crate) mod search;
pub(crate) mod state;
pub(crate) mod undo;

pub use crate::moderation::labels::state::Labels;
