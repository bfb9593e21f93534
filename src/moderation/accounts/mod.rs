//! Keys, owners of sites, what a key may do, and its usage. Never judges a comment.

pub(crate) mod admitted;
pub(crate) mod key_table;
pub(crate) mod keys;
pub(crate) mod limits;
pub(crate) mod owners;
mod state;
pub(crate) mod usage;

pub use crate::moderation::accounts::state::Accounts;
