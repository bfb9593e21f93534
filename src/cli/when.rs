//! Times as people type them in, milliseconds since 1970 out, and back: `2026-11-25`,
//! `2026-11-25T10:30`, `2h`, `3days`. All times are UTC; asks no clock.

use std::time::{Duration, UNIX_EPOCH};

use crate::moderation::Millis;

/// A moment, or so long before now.
///
/// # Errors
/// It is neither a time nor how long ago one was.
pub(super) fn parse(text: &str, now: Millis) -> Result<Millis, String> {
    let text = text.trim();
    if let Ok(ago) = humantime::parse_duration(text) {
        return Ok(now - ago.as_millis() as Millis);
    }
    let whole = match text.len() {
        10 => format!("{text}T00:00:00"),
        16 => format!("{text}:00"),
        _ => text.to_owned(),
    };
    humantime::parse_rfc3339_weak(&whole)
        .ok()
        .and_then(|moment| moment.duration_since(UNIX_EPOCH).ok())
        .map(|since| since.as_millis() as Millis)
        .ok_or_else(|| {
            format!(
                "{text:?} is no time; write 2026-11-25, 2026-11-25T10:30 (UTC), or how long ago: 2h, 3days"
            )
        })
}

/// A moment to the second.
pub(super) fn show(at: Millis) -> String {
    let since = Duration::from_millis(u64::try_from(at).unwrap_or(0));
    humantime::format_rfc3339_seconds(UNIX_EPOCH + since).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_read_in_four_ways() {
        let now = 1_795_435_200_000;
        assert_eq!(show(now), "2026-11-23T12:00:00Z");
        for (text, expected) in [
            ("2026-11-23", "2026-11-23T00:00:00Z"),
            ("2026-11-23T10:30", "2026-11-23T10:30:00Z"),
            ("2026-11-23 10:30:05", "2026-11-23T10:30:05Z"),
            ("2h", "2026-11-23T10:00:00Z"),
            ("3days", "2026-11-20T12:00:00Z"),
        ] {
            assert_eq!(
                parse(text, now).map(show).as_deref(),
                Ok(expected),
                "{text}"
            );
        }
        assert!(parse("yesterday", now).is_err());
        assert!(parse("2026-13-40", now).is_err());
    }
}
