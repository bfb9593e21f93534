//! The circle: labels become counts at once, a better model later, and evidence that it is better before it goes live.
mod bootstrap;
pub mod corpus;
pub mod evaluate;
mod measures;
pub mod tasks;
pub mod train;
