//! Labels in, corrections of earlier verdicts out, and the calls that tell the sites. The number of
//! notes, of checks judged again and of checks a second is limited. Never makes a check wait.

pub(crate) mod callback;
pub mod candidates;
pub(crate) mod deliveries;
pub(crate) mod notes;
pub(crate) mod policy;
pub(crate) mod retry;
pub(crate) mod rounds;
pub(crate) mod state;

pub use crate::moderation::corrections::state::Corrections;
