//! A model and labelled comments in, a report or a decision out. Nothing here teaches.

pub mod comparison;
pub mod gate;
pub mod held_out;
pub mod plots;
pub mod report;
pub mod score;
pub mod text_report;
