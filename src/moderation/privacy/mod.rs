//! Personal text taken away: what is too old, and what a person asks for.

pub(crate) mod clock_guard;
pub(crate) mod erase;
pub(crate) mod retention;
