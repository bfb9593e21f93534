//! Exports out, imports and histories of other systems in, and a history judged again in memory.
//! Never takes the same thing twice.

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
