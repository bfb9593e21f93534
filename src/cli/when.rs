//! A moment as people type it in (a date, or how long ago), milliseconds since 1970 out. Never
//! guesses a unit.

use crate::clock::{self, Millis, Way};

/// A moment, or so long before now.
///
/// # Errors
///
/// A sentence, if the text is neither.
pub(super) fn parse(text: &str, now: Millis) -> Result<Millis, String> {
    // A number without a unit is refused: it could be seconds or days.
    let is_number = text.trim().parse::<f64>().is_ok();
    clock::after(text, now, Way::Back)
        .or_else(|| clock::parse(text).filter(|_| !is_number))
        .ok_or_else(|| {
            format!(
                "{text:?} is no time; write 2026-11-25, 2026-11-25T10:30 (UTC), or how long ago: 2h, 3days"
            )
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_read_in_four_ways() {
        let now = 1_795_435_200_000;
        for (text, expected) in [
            ("2026-11-23", "2026-11-23T00:00:00Z"),
            ("2026-11-23T10:30", "2026-11-23T10:30:00Z"),
            ("2026-11-23 10:30:05", "2026-11-23T10:30:05Z"),
            ("2h", "2026-11-23T10:00:00Z"),
            ("3days", "2026-11-20T12:00:00Z"),
        ] {
            let moment = parse(text, now).map(clock::show);
            assert_eq!(moment.as_deref(), Ok(expected), "{text}");
        }
        for text in ["yesterday", "2026-13-40", "2026-02-30", "30"] {
            assert!(parse(text, now).is_err(), "{text}");
        }
    }
}
