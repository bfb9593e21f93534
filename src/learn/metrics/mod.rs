//! Judged comments in, figures out: rates, areas under curves, intervals. It judges nothing itself.

pub mod bootstrap;
pub mod figures;
pub mod measures;
