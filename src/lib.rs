//! phin
pub mod comment;
pub mod features;
pub mod filter;
pub mod learn;
pub mod model;
pub mod text;
pub mod verdict;
