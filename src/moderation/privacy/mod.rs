//! Age, or a person's request, in; removed personal text out. Never removes a label unless asked:
//! the ledger holds no personal text.

pub(crate) mod clock_guard;
pub(crate) mod erase;
pub(crate) mod person;
pub(crate) mod retention;
pub(crate) mod setting;
pub(crate) mod state;

pub use crate::moderation::privacy::state::Privacy;
