//! The wall clock: nothing in, milliseconds since 1970 out. No other file of the command line asks
//! the system for the time.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::moderation::Millis;

/// The wall clock; 0 where it is set before 1970.
pub(super) fn now() -> Millis {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_millis() as Millis)
}
