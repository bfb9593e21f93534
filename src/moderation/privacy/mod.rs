//! Personal text taken away: what is too old, and what a person asks for. It never touches the
//! ledger, which holds no words.

pub(crate) mod clock_guard;
pub(crate) mod erase;
pub(crate) mod retention;
pub(crate) mod setting;
pub(crate) mod state;

pub use crate::moderation::privacy::state::Privacy;
