//! Labels in, durable and learnt; undone again.

pub(crate) mod listing;
pub(crate) mod matching;
pub(crate) mod room;
pub(crate) mod undo;
pub(crate) mod writer;
