//! phin: a comment comes in, a verdict goes out, a person may disagree, and the filter learns.
//!
//! The map, in reading order:
//!
//! ```text
//!  cli ----------> http ---------> moderation ------> filter ------> model ---> features ---> text
//!  flags to one    the doors:      the verbs:         the road of    counts,    what is       what the
//!  library call    Akismet, JSON,  admit, check,      one comment    Bayes,     counted       eye sees
//!                  probes, admin   label; owners                     weights,
//!                                     |                              layers          comment, verdict:
//!                                     v                                              what all speak of
//!                  learn <-------- store
//!                  online, train,  ledger, records, keys
//!                  evaluate
//!
//!  history: what other systems kept, for the command line to bring in
//!  bounded: readers that ask for no more than honest data needs
//!  clock: moments, days and months; blocking: work that waits for the disk
//! ```
//!
//! Arrows point one way; `tests/integration/house.rs` reads the `use` lines and fails on the rest.

mod blocking;
pub mod bounded;
pub mod campaigns;
pub mod cli;
pub mod clock;
pub mod comment;
pub mod config;
pub mod features;
pub mod filter;
pub mod history;
pub mod http;
pub mod learn;
pub mod lists;
pub mod model;
pub mod moderation;
pub mod policy;
pub mod store;
pub mod text;
pub mod verdict;
