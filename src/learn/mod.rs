//! Labels become counts at once, and a better model later. In: labelled comments and ledgers. Out:
//! layers, models, figures, reports. It never names HTTP.
//!
//! Six rooms. An arrow reads "uses", and none points back:
//! `benchmark -> evaluate -> train -> online, monitor -> metrics`.
//!
//! - `metrics` computes figures from scored examples.
//! - `online` folds the labels of a ledger into counts that checks read at once.
//! - `monitor` says from sums how good a server is, and whether its stream changes.
//! - `train` makes a model from corpora, or adapts one to the labels of a ledger.
//! - `evaluate` holds models against labelled comments, and decides which may go live.
//! - `benchmark` runs the published tasks.

pub mod benchmark;
pub mod evaluate;
pub mod metrics;
pub mod monitor;
pub mod online;
pub mod train;
