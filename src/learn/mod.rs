//! Labels become counts at once, and a better model later. In: labelled comments and ledgers. Out: layers, models, figures, reports.
//!
//! Six rooms: `online` folds a ledger into layers, `train` makes models, `metrics` computes figures, `evaluate` judges a model and decides, `benchmark` runs
//! the published tasks, `monitor` watches a server. It never names HTTP.

pub mod benchmark;
pub mod evaluate;
pub mod metrics;
pub mod monitor;
pub mod online;
pub mod train;
