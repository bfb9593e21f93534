//! Everything out and in again: exports, imports, other systems' histories, and a history judged
//! again in memory.

pub(crate) mod error;
pub(crate) mod export;
pub(crate) mod import;
pub(crate) mod import_history;
pub(crate) mod line;
pub(crate) mod replay;
pub(crate) mod site_export;
pub(crate) mod snapshot;
mod state;

pub use crate::moderation::transfer::state::Transfer;
