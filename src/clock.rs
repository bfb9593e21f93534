//! Moments, days and months of UTC in, texts out, and back. Never reads a clock: the clock is
//! passed in, so that tests need not wait.

mod calendar;
mod moment;

pub use calendar::{BadDay, BadMonth, Day, Month};
pub use moment::{DAY_MILLIS, Millis, Way, after, parse, show, show_local};

/// A function that returns the current time in milliseconds since 1970.
pub type Clock = fn() -> Millis;
