//! Keys, whose site is whose, what a key may and has used.

pub(crate) mod keys;
pub(crate) mod limits;
pub(crate) mod owners;
pub(crate) mod usage;
