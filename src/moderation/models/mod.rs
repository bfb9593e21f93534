//! Which model is live, candidates in the shadow, and models made from the server's own labels.
//! Never goes past the gate without a stated reason.

pub(crate) mod live;
pub(crate) mod retrain;
pub(crate) mod shadow;
mod state;

pub use crate::moderation::models::state::Models;
