//! Time, in one place: moments, days and months of UTC, and texts to them. It reads no clock: one
//! is handed in, so that tests need not wait.

mod calendar;
mod moment;

pub use calendar::{BadDay, BadMonth, Day, Month};
pub use moment::{DAY_MILLIS, Millis, Way, after, parse, show};

/// Tells the time it is.
pub type Clock = fn() -> Millis;
