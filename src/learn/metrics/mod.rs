//! Scored examples in, figures out: rates, areas under curves, intervals. It judges nothing itself.

mod binary_figures;
pub mod bootstrap;
mod calibration_bins;
pub mod figures;
pub mod measures;
mod ranking;
mod rate;
mod scored_example;
