//! Texts to moments (milliseconds since 1970) and back. All of UTC; a text without a zone counts as
//! UTC. Never reads a clock.

use std::borrow::Cow;

use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};
use jiff::{Span, Timestamp};

/// Milliseconds since 1970-01-01T00:00:00Z.
pub type Millis = i64;

/// Milliseconds in a day. Unix time has no leap seconds.
pub const DAY_MILLIS: Millis = 86_400_000;

/// Reads a moment in the forms that other systems write: ISO 8601 with a space or a `T`, with or
/// without zone, RFC 3339, and Unix seconds or milliseconds. `None` for anything else, for a date
/// that does not exist, for MySQL's year 0, and for a date that can be read in two ways
/// (03/04/2020).
///
/// ```
/// use phin::clock;
///
/// let moment = clock::parse("2024-02-29T12:30:05+07:00").expect("a moment");
/// assert_eq!(clock::show(moment), "2024-02-29T05:30:05Z");
/// assert_eq!(clock::parse("2024-02-31"), None);
/// ```
pub fn parse(text: &str) -> Option<Millis> {
    let text = text.trim();
    if let Ok(number) = text.parse::<f64>() {
        return of_unix(number);
    }
    // Only years of four digits: a year of two digits could be in any century.
    let begins_with_year = text.len() >= 10 && text.as_bytes()[..4].iter().all(u8::is_ascii_digit);
    if !begins_with_year || text.starts_with("0000") {
        return None;
    }
    let text = with_zone_attached(text);
    // A text with a zone is a moment by itself. It is tried first, because the reader of date and
    // time below would ignore the zone.
    if let Ok(moment) = text.parse::<Timestamp>() {
        return Some(moment.as_millisecond());
    }
    let civil: DateTime = text.parse().ok()?;
    of_civil(civil)
}

/// The same with its zone as RFC 3339 writes it: `12:30:05 UTC` is `12:30:05Z`, and
/// `12:30:05 +07:00` is `12:30:05+07:00`.
fn with_zone_attached(text: &str) -> Cow<'_, str> {
    let of_utc = ["UTC", "GMT"]
        .iter()
        .find_map(|zone| text.strip_suffix(zone));
    if let Some(rest) = of_utc {
        return format!("{}Z", rest.trim_end()).into();
    }
    match text.rsplit_once(' ') {
        Some((rest, zone)) if zone.starts_with(['+', '-', 'Z']) => format!("{rest}{zone}").into(),
        _ => text.into(),
    }
}

fn of_civil(civil: DateTime) -> Option<Millis> {
    let moment = Offset::UTC.to_timestamp(civil).ok()?;
    Some(moment.as_millisecond())
}

fn of_unix(number: f64) -> Option<Millis> {
    // Smaller numbers are seconds (until the year 5138), larger ones milliseconds (from 1973 on).
    match number {
        n if (1.0..1e11).contains(&n) => Some((n * 1_000.0) as Millis),
        n if (1e11..1e14).contains(&n) => Some(n as Millis),
        _ => None,
    }
}

/// The direction in which a length of time is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Into the past.
    Back,
    /// Into the future.
    Ahead,
}

/// The moment a length of time before or after another. Lengths are written `2h`, `3 days`,
/// `1h 30m`, `2 weeks`, `6 months`. `None` if the text is no length of time, or the result is
/// outside the calendar.
pub fn after(text: &str, from: Millis, way: Way) -> Option<Millis> {
    let length: Span = text.trim().parse().ok()?;
    let from = Offset::UTC.to_datetime(timestamp(from));
    let moment = match way {
        Way::Back => from.checked_sub(length),
        Way::Ahead => from.checked_add(length),
    };
    of_civil(moment.ok()?)
}

/// Writes a moment to the second: `2024-02-29T12:30:05Z`. A moment outside the calendar becomes its
/// first or last moment.
pub fn show(moment: Millis) -> String {
    let second = moment.div_euclid(1_000);
    let shown = timestamp(second.saturating_mul(1_000));
    shown.to_string()
}

/// Writes a moment to the minute in the time zone of this machine, for a person to read:
/// `2024-02-29 19:30 +07`.
pub fn show_local(moment: Millis) -> String {
    let local = timestamp(moment).to_zoned_datetime(TimeZone::system());
    local.strftime("%Y-%m-%d %H:%M %Z").to_string()
}

/// The moment as jiff's type. A moment outside jiff's calendar becomes its first or last moment.
pub(crate) fn timestamp(moment: Millis) -> Timestamp {
    let outside = if moment < 0 {
        Timestamp::MIN
    } else {
        Timestamp::MAX
    };
    Timestamp::from_millisecond(moment).unwrap_or(outside)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<&str>) {
        assert_eq!(parse(text).map(show).as_deref(), expected, "{text:?}");
    }

    #[test]
    fn a_moment_is_read_in_every_spelling_of_exports_and_clients() {
        check("2024-02-29 12:30:05", Some("2024-02-29T12:30:05Z"));
        check("2024-02-29T12:30:05Z", Some("2024-02-29T12:30:05Z"));
        check(
            "2024-02-29T12:30:05.123456+07:00",
            Some("2024-02-29T05:30:05Z"),
        );
        check("2024-02-29T12:30:05-0330", Some("2024-02-29T16:00:05Z"));
        check("2024-02-29T12:30:05+07", Some("2024-02-29T05:30:05Z"));
        check("2024-02-29T12:30:05 +07:00", Some("2024-02-29T05:30:05Z"));
        check("2024-02-29 12:30:05 UTC", Some("2024-02-29T12:30:05Z"));
        check("2024-02-29 12:30", Some("2024-02-29T12:30:00Z"));
        check("2024-02-29", Some("2024-02-29T00:00:00Z"));
        check("1709209805", Some("2024-02-29T12:30:05Z"));
        check("1709209805.5", Some("2024-02-29T12:30:05Z"));
        check("1709209805000", Some("2024-02-29T12:30:05Z"));
        check("1969-12-31 23:59:59", Some("1969-12-31T23:59:59Z"));
        check("1970-01-01 00:00:00", Some("1970-01-01T00:00:00Z"));
        check("2026-11-23T05:11:34+07:00", Some("2026-11-22T22:11:34Z"));
    }

    #[test]
    fn what_is_no_moment_is_none() {
        for text in [
            "",
            "0000-00-00 00:00:00",
            "03/04/2020",
            "22/11/2026 10:00",
            "yesterday",
            "2024-13-01",
            "2024-02-31",
            "2024-02-29 25:00:00",
            "2024-02-29 12:61:00",
            "2024-02-29x12:30",
            "2026-11-22T",
            "2026-11-22 1:2",
            "ngày 22 tháng 11",
            "2024-02-29T12:30:05+é",
            "NaN",
            "1e300",
            "999999999999999999999",
        ] {
            check(text, None);
        }
    }

    #[test]
    fn a_length_of_time_is_counted_both_ways_and_stays_in_the_calendar() {
        const NOW: Millis = 1_795_435_200_000; // 2026-11-23T12:00:00Z
        for (text, back, ahead) in [
            ("2h", "2026-11-23T10:00:00Z", "2026-11-23T14:00:00Z"),
            ("3days", "2026-11-20T12:00:00Z", "2026-11-26T12:00:00Z"),
            ("30d", "2026-10-24T12:00:00Z", "2026-12-23T12:00:00Z"),
            ("1h 30m", "2026-11-23T10:30:00Z", "2026-11-23T13:30:00Z"),
            ("2 weeks", "2026-11-09T12:00:00Z", "2026-12-07T12:00:00Z"),
            ("6 months", "2026-05-23T12:00:00Z", "2027-05-23T12:00:00Z"),
        ] {
            assert_eq!(
                after(text, NOW, Way::Back).map(show).as_deref(),
                Some(back),
                "{text}"
            );
            assert_eq!(
                after(text, NOW, Way::Ahead).map(show).as_deref(),
                Some(ahead),
                "{text}"
            );
        }
        for text in ["", "30", "soon", "2026-11-23", "99999999999y", "9000y"] {
            assert_eq!(after(text, NOW, Way::Ahead), None, "{text}");
        }
    }

    #[test]
    fn what_lies_outside_the_calendar_is_shown_all_the_same() {
        assert!(
            show(Millis::MAX).starts_with("9999-12-30"),
            "{}",
            show(Millis::MAX)
        );
        assert!(
            show(Millis::MIN).starts_with("-009999"),
            "{}",
            show(Millis::MIN)
        );
    }
}
