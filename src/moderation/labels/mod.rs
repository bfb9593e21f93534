//! Labels: what a report says, what an undo takes back, what the operator sees of them. The ledger
//! writes.

pub(crate) mod entry;
pub(crate) mod listing;
pub(crate) mod matching;
pub(crate) mod report;
pub(crate) mod state;
pub(crate) mod undo;

pub use crate::moderation::labels::state::Labels;
