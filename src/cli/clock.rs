//! The wall clock. Nothing in, milliseconds since 1970 out; the one place of the command line that
//! asks the system for the time.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::moderation::Millis;

/// The wall clock; 0 where it is set before 1970.
pub(super) fn now() -> Millis {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_millis() as Millis)
}
