//! How well the server works: audits, the queue for people, figures, drift, and summaries of sites.
//! Never changes a verdict.

pub(crate) mod audit;
pub(crate) mod drift_alarm;
pub(crate) mod drift_line;
pub(crate) mod figure_line;
pub(crate) mod figures;
pub(crate) mod queue;
pub(crate) mod site_summary;
mod state;

pub use crate::moderation::monitor::state::Monitor;
