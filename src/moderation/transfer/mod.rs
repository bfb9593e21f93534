//! Everything out and in again: exports, imports, histories, replays.

pub(crate) mod export;
pub(crate) mod import_history;
pub(crate) mod replay;
pub(crate) mod site_export;
pub(crate) mod snapshot;
