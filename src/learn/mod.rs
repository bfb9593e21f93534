//! Labelled comments and ledgers in, layers, models, figures and reports out: labels become counts
//! at once, and a better model later. It never names HTTP.
//!
//! Six rooms. An arrow means "uses", and no arrow points back:
//!
//! - `metrics` computes figures from scored examples.
//! - `online` folds the labels of a ledger into counts that checks read at once.
//! - `monitor` estimates from sums how good a server is, and whether its stream changes.
//! - `train` makes a model from corpora, or adapts one to the labels of a ledger.
//! - `evaluate` compares models on labelled comments, and decides which may become live.
//! - `benchmark` runs the published tasks.

pub mod benchmark;
pub mod evaluate;
pub mod metrics;
pub mod monitor;
pub mod online;
pub mod train;
