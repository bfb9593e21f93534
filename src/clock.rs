//! How time is told. A clock is handed in, so that tests need not wait.

/// Milliseconds since 1970-01-01T00:00:00Z.
pub type Millis = i64;

/// Tells the time it is.
pub type Clock = fn() -> Millis;
