//! Labelled comments in, a model out: corpora are read, counted and fitted, or a ledger adapts a
//! model. It never judges for a report.

pub mod accumulator;
pub mod adapt;
pub mod as_typed;
mod behaviour_prior;
pub mod catalogue;
pub mod categories;
pub mod config;
pub mod corpus;
mod cross_validation;
pub mod dress;
pub(crate) mod experts;
pub(crate) mod feature_counts;
pub mod fit;
pub mod from_ledger;
mod left_out_figures;
mod padding;
mod row_weights;
pub mod rows;
pub(crate) mod sample;
pub mod shard_file;
