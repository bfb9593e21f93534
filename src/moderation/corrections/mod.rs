//! Earlier verdicts that labels turn, and the calls that tell their sites. Bounded in notes, rows
//! and rows a second; never on the way of a check.

pub(crate) mod callback;
pub mod candidates;
pub(crate) mod deliveries;
pub(crate) mod notes;
pub(crate) mod policy;
pub(crate) mod retry;
pub(crate) mod rounds;
pub(crate) mod state;

pub use crate::moderation::corrections::state::Corrections;
