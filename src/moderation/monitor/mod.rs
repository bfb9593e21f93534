//! How well the server does: audits, figures, drift, health.

pub(crate) mod audit;
pub(crate) mod drift_alarm;
pub(crate) mod figures;
pub(crate) mod health;
pub(crate) mod pulse;
pub(crate) mod queue;
