//! Which model judges; candidates beside it.

pub(crate) mod live;
pub(crate) mod retrain;
pub(crate) mod shadow;
