//! Keys, whose site is whose, what a key may do and what it was used for. It judges no comment.

pub(crate) mod admitted;
pub(crate) mod key_table;
pub(crate) mod keys;
pub(crate) mod limits;
pub(crate) mod owners;
mod state;
pub(crate) mod usage;

pub use crate::moderation::accounts::state::Accounts;
