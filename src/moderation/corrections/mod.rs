//! Earlier checks that a label turns, and the calls that tell their sites.

pub(crate) mod callback;
pub mod candidates;
pub(crate) mod deliveries;
pub(crate) mod retry;
pub(crate) mod rounds;
