//! Dates as exports spell them -> milliseconds since 1970, UTC. A date without a zone is taken for
//! UTC; what could be read two ways (03/04/2020) is not read.

const MILLIS_A_DAY: i64 = 86_400_000;

/// Reads ISO 8601 with a space or a `T`, RFC 3339, and Unix seconds or milliseconds; `None` for
/// anything else and for MySQL's year 0.
pub(super) fn parse(text: &str) -> Option<i64> {
    let text = text.trim();
    if let Ok(number) = text.parse::<f64>() {
        return from_unix(number);
    }
    let bytes = text.as_bytes();
    let number = |from: usize, to: usize| -> Option<i64> {
        let part = text.get(from..to)?;
        part.bytes()
            .all(|b| b.is_ascii_digit())
            .then(|| part.parse().ok())?
    };
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let separated = bytes.get(4) == Some(&b'-') && bytes.get(7) == Some(&b'-');
    if !separated || year == 0 || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let midnight = days_from_civil(year, month, day) * MILLIS_A_DAY;
    if text.len() == 10 {
        return Some(midnight);
    }
    if !matches!(bytes[10], b' ' | b'T' | b't') {
        return None;
    }
    let (hour, minute) = (number(11, 13)?, number(14, 16)?);
    if hour > 23 || minute > 59 {
        return None;
    }
    let (second, rest) = match bytes.get(16) {
        Some(b':') => (number(17, 19)?, &text[19..]),
        _ => (0, text.get(16..)?),
    };
    let (fraction, zone) = match rest.strip_prefix(['.', ',']) {
        Some(rest) => {
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            let millis = format!("{:0<3}", &rest[..digits]);
            (millis.get(..3)?.parse::<i64>().ok()?, &rest[digits..])
        }
        None => (0, rest),
    };
    let moment = midnight + hour * 3_600_000 + minute * 60_000 + second.min(59) * 1_000 + fraction;
    Some(moment - zone_millis(zone.trim())?)
}

fn from_unix(number: f64) -> Option<i64> {
    // Seconds until the year 5138, milliseconds from 1973 on.
    match number {
        n if (1.0..1e11).contains(&n) => Some((n * 1_000.0) as i64),
        n if (1e11..1e14).contains(&n) => Some(n as i64),
        _ => None,
    }
}

fn zone_millis(zone: &str) -> Option<i64> {
    if matches!(zone, "" | "Z" | "z" | "UTC" | "GMT") {
        return Some(0);
    }
    let sign = match zone.as_bytes()[0] {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let digits: String = zone[1..].chars().filter(|c| *c != ':').collect();
    if !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let (hours, minutes) = match digits.len() {
        2 => (digits.parse::<i64>().ok()?, 0),
        4 => (digits[..2].parse().ok()?, digits[2..].parse().ok()?),
        _ => return None,
    };
    Some(sign * (hours * 3_600_000 + minutes * 60_000))
}

/// Days since 1970-01-01 in the Gregorian calendar (Howard Hinnant, chrono-Compatible Low-Level
/// Date Algorithms, `days_from_civil`).
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// Milliseconds since 1970 as `2024-02-29T12:30:05Z`.
pub fn show(millis: i64) -> String {
    let days = millis.div_euclid(MILLIS_A_DAY) + 719_468;
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 {
        shifted + 3
    } else {
        shifted - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let seconds = millis.rem_euclid(MILLIS_A_DAY) / 1_000;
    format!(
        "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z",
        seconds / 3_600,
        seconds / 60 % 60,
        seconds % 60
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<&str>) {
        assert_eq!(parse(text).map(show).as_deref(), expected, "{text:?}");
    }

    #[test]
    fn dates_are_read_in_every_spelling_of_the_exports() {
        check("2024-02-29 12:30:05", Some("2024-02-29T12:30:05Z"));
        check("2024-02-29T12:30:05Z", Some("2024-02-29T12:30:05Z"));
        check(
            "2024-02-29T12:30:05.123456+07:00",
            Some("2024-02-29T05:30:05Z"),
        );
        check("2024-02-29T12:30:05-0330", Some("2024-02-29T16:00:05Z"));
        check("2024-02-29 12:30:05 UTC", Some("2024-02-29T12:30:05Z"));
        check("2024-02-29", Some("2024-02-29T00:00:00Z"));
        check("1709209805", Some("2024-02-29T12:30:05Z"));
        check("1709209805.5", Some("2024-02-29T12:30:05Z"));
        check("1709209805000", Some("2024-02-29T12:30:05Z"));
        check("1969-12-31 23:59:59", Some("1969-12-31T23:59:59Z"));
    }

    #[test]
    fn what_is_no_date_is_none() {
        for text in [
            "",
            "0000-00-00 00:00:00",
            "03/04/2020",
            "yesterday",
            "2024-13-01",
            "2024-02-29 25:00:00",
            "2024-02-29x12:30",
            "ngày 3",
            "2024-02-29T12:30:05+é",
            "NaN",
            "1e300",
        ] {
            check(text, None);
        }
    }
}
