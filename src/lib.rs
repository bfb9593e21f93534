//! phin
pub mod comment;
pub mod features;
pub mod text;
pub mod verdict;
