//! Moments to days and months of UTC, and these to texts (`2026-11-23`, `2026-11`) and back. Never
//! reads a clock; knows no time zone.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use jiff::tz::Offset;
use serde::{Deserialize, Serialize};

use crate::clock::moment::{Millis, timestamp};

/// A month of UTC, written `2026-11`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Month {
    year: u16,
    month: u8,
}

/// A day of UTC, written `2026-11-23`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Day {
    month: Month,
    day: u8,
}

/// The last year that can be written in four digits.
const LAST_YEAR: u16 = 9_999;

impl Day {
    /// The UTC day of a moment.
    pub fn at(moment: Millis) -> Self {
        let date = Offset::UTC.to_datetime(timestamp(moment)).date();
        Self {
            month: Month {
                year: date.year().clamp(0, LAST_YEAR as i16) as u16,
                month: date.month() as u8,
            },
            day: date.day() as u8,
        }
    }

    /// Its month.
    pub fn month(self) -> Month {
        self.month
    }

    /// Bytes in big-endian order: they sort like time.
    pub(crate) fn to_bytes(self) -> [u8; 4] {
        let [high, low, month] = self.month.to_bytes();
        [high, low, month, self.day]
    }
}

impl Month {
    /// The UTC month of a moment.
    pub fn at(moment: Millis) -> Self {
        Day::at(moment).month
    }

    /// The month `months` before this one; January of year 0 if that would be earlier.
    pub fn back(self, months: u32) -> Self {
        let count = (u32::from(self.year) * 12 + u32::from(self.month) - 1).saturating_sub(months);
        Self {
            year: (count / 12) as u16,
            month: (count % 12 + 1) as u8,
        }
    }

    /// January and December of a year.
    pub fn of_year(year: u16) -> (Self, Self) {
        let year = year.min(LAST_YEAR);
        (Self { year, month: 1 }, Self { year, month: 12 })
    }

    /// Its first day.
    pub fn first_day(self) -> Day {
        Day {
            month: self,
            day: 1,
        }
    }

    /// The first and the last month that can be written.
    pub fn all() -> (Self, Self) {
        (Self::of_year(0).0, Self::of_year(LAST_YEAR).1)
    }

    /// Bytes in big-endian order: they sort like time.
    pub(crate) fn to_bytes(self) -> [u8; 3] {
        let [high, low] = self.year.to_be_bytes();
        [high, low, self.month]
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{:02}", self.month, self.day)
    }
}

/// A text that is not a month.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a month; expected YYYY-MM")]
pub struct BadMonth(String);

/// A text that is not a day.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a day; expected YYYY-MM-DD")]
pub struct BadDay(String);

/// Reads exactly `many` digits. `parse` alone would accept a sign.
fn digits<T: FromStr>(text: &str, many: usize) -> Option<T> {
    (text.len() == many && text.bytes().all(|b| b.is_ascii_digit()))
        .then(|| text.parse().ok())
        .flatten()
}

impl FromStr for Month {
    type Err = BadMonth;
    fn from_str(text: &str) -> Result<Self, BadMonth> {
        let read = || {
            let (year, month) = text.split_once('-')?;
            let found = Self {
                year: digits(year, 4)?,
                month: digits(month, 2)?,
            };
            (1..=12).contains(&found.month).then_some(found)
        };
        read().ok_or_else(|| BadMonth(text.to_owned()))
    }
}

impl FromStr for Day {
    type Err = BadDay;
    fn from_str(text: &str) -> Result<Self, BadDay> {
        let read = || {
            let (month, day) = text.rsplit_once('-')?;
            let found = Self {
                month: month.parse().ok()?,
                day: digits(day, 2)?,
            };
            // The calendar decides: there is no 31 February.
            let year = i16::try_from(found.month.year).ok()?;
            Date::new(year, found.month.month as i8, found.day as i8).ok()?;
            Some(found)
        };
        read().ok_or_else(|| BadDay(text.to_owned()))
    }
}

impl From<Month> for String {
    fn from(month: Month) -> Self {
        month.to_string()
    }
}

impl From<Day> for String {
    fn from(day: Day) -> Self {
        day.to_string()
    }
}

impl TryFrom<String> for Month {
    type Error = BadMonth;
    fn try_from(text: String) -> Result<Self, BadMonth> {
        text.parse()
    }
}

impl TryFrom<String> for Day {
    type Error = BadDay;
    fn try_from(text: String) -> Result<Self, BadDay> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::DAY_MILLIS;

    #[track_caller]
    fn check(moment: Millis, expected: &str) {
        assert_eq!(Day::at(moment).to_string(), expected);
        assert_eq!(expected.parse::<Day>(), Ok(Day::at(moment)));
        assert_eq!(Month::at(moment).to_string(), expected[..7]);
        assert_eq!(expected[..7].parse::<Month>(), Ok(Month::at(moment)));
    }

    #[test]
    fn a_day_begins_at_midnight_utc() {
        check(0, "1970-01-01");
        check(-1, "1969-12-31");
        check(951_782_400_000, "2000-02-29");
        check(951_868_799_999, "2000-02-29");
        check(951_868_800_000, "2000-03-01");
        check(1_767_225_599_999, "2025-12-31");
        check(1_767_225_600_000, "2026-01-01");
        check(4_107_542_399_999, "2100-02-28"); // no 29 February in 2100
        check(4_107_542_400_000, "2100-03-01");
    }

    #[test]
    fn every_day_of_four_hundred_years_follows_the_one_before() {
        let mut before = Day::at(-DAY_MILLIS);
        for number in 0..146_097 {
            let day = Day::at(number * DAY_MILLIS);
            let (next, first) = (before.day + 1, day.day == 1);
            assert!(
                day > before && (first || (day.day == next && day.month == before.month)),
                "{before} {day}"
            );
            assert!(!first || before.month == day.month.back(1), "{day}");
            before = day;
        }
    }

    #[test]
    fn what_names_no_month_or_day_is_refused() {
        for text in [
            "",
            "2026",
            "2026-13",
            "2026-00",
            "26-01",
            "2026-1",
            "2026-+1",
            "2026-01-01",
        ] {
            assert!(text.parse::<Month>().is_err(), "{text}");
        }
        for text in [
            "",
            "2026-11",
            "2026-11-00",
            "2026-11-32",
            "2026-11-+1",
            "2026-02-29",
            "2026-04-31",
        ] {
            assert!(text.parse::<Day>().is_err(), "{text}");
        }
    }

    #[test]
    fn months_are_counted_back_over_the_turn_of_the_year() {
        let january: Month = "2026-01".parse().expect("a month");
        assert_eq!(january.back(0), january);
        assert_eq!(january.back(1).to_string(), "2025-12");
        assert_eq!(january.back(14).to_string(), "2024-11");
        assert_eq!(january.back(u32::MAX), Month::all().0);
        assert_eq!(january.first_day().to_string(), "2026-01-01");
    }
}
