//! Sums that a server keeps in, statements about its quality out: estimates from audit samples, and
//! drift. It reads no store.

pub mod audit_estimate;
pub mod stability_index;
