//! Which model judges, candidates beside it, and models made from the server's own labels.

pub(crate) mod live;
pub(crate) mod retrain;
pub(crate) mod shadow;
mod state;

pub use crate::moderation::models::state::Models;
