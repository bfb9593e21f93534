//! Dates as clients spell them in, milliseconds since 1970 out: ISO 8601 with or without zone,
//! `Y-m-d H:i:s`, unix seconds. What is none of these is no date, never an error.

const SECOND: i64 = 1_000;

/// Reads a date; without a zone it is UTC.
pub(super) fn parse(text: &str) -> Option<i64> {
    let text = text.trim();
    if !text.is_empty() && text.len() <= 11 && text.bytes().all(|b| b.is_ascii_digit()) {
        return text.parse::<i64>().ok()?.checked_mul(SECOND);
    }
    let (date, time) = text.split_at_checked(10)?;
    let [year, month, day] = numbers(date, '-')?;
    // Dates of WordPress for what was never written: 0000-00-00.
    if !(1970..10_000).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let seconds = match time.strip_prefix(['T', 't', ' ']) {
        Some(time) => seconds(time)?,
        None if time.is_empty() => 0,
        None => return None,
    };
    Some((days(year, month, day) * 86_400 + seconds) * SECOND)
}

/// `22:11:34`, `22:11:34.5Z`, `22:11:34+07:00` to seconds of the day in UTC.
fn seconds(time: &str) -> Option<i64> {
    let (clock, rest) = time.split_at_checked(8)?;
    let [hour, minute, second] = numbers(clock, ':')?;
    let zone = rest.trim_start_matches(|c: char| c == '.' || c.is_ascii_digit());
    let ahead = match zone.trim() {
        "" | "Z" | "z" | "UTC" | "GMT" => 0,
        zone => {
            let sign = if zone.starts_with('-') { -1 } else { 1 };
            let digits: String = zone.chars().filter(char::is_ascii_digit).collect();
            let (hours, minutes) = digits.split_at_checked(2)?;
            let minutes = if minutes.is_empty() { "0" } else { minutes };
            sign * (hours.parse::<i64>().ok()? * 60 + minutes.parse::<i64>().ok()?) * 60
        }
    };
    Some(hour * 3_600 + minute * 60 + second - ahead)
}

fn numbers(text: &str, between: char) -> Option<[i64; 3]> {
    let mut parts = text.split(between).map(|part| part.parse::<u32>());
    let mut next = || Some(i64::from(parts.next()?.ok()?));
    Some([next()?, next()?, next()?])
}

/// Days since 1970 (Howard Hinnant, chrono-Compatible Low-Level Date Algorithms, days_from_civil).
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let from_march = (month + 9) % 12;
    let day_of_year = (153 * from_march + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, seconds: Option<i64>) {
        assert_eq!(parse(text), seconds.map(|s| s * SECOND), "{text:?}");
    }

    #[test]
    fn a_date_is_one_moment_however_it_is_spelt() {
        let moment = Some(1_795_385_494); // 2026-11-22 22:11:34 UTC
        check("2026-11-22 22:11:34", moment);
        check("2026-11-22T22:11:34Z", moment);
        check("2026-11-22T22:11:34.250+00:00", moment);
        check("2026-11-23T05:11:34+07:00", moment);
        check("2026-11-22T16:41:34-0530", moment);
        check("1795385494", moment);
        check("2000-02-29", Some(951_782_400));
        check("1970-01-01 00:00:00", Some(0));
    }

    #[test]
    fn nonsense_is_no_date() {
        for text in [
            "",
            "0000-00-00 00:00:00",
            "yesterday",
            "2026-13-01 00:00:00",
            "2026-11-22T",
            "22/11/2026 10:00",
            "2026-11-22 1:2",
            "ngày 22 tháng 11",
            "999999999999999999999",
        ] {
            check(text, None);
        }
    }
}
