//! How much each key is used: checks by verdict and labels that contradict the machine, per key, site and month of UTC.

use std::fmt;
use std::ops::AddAssign;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::Millis;
use crate::comment::SiteId;
use crate::verdict::{Label, Verdict};

/// A month of UTC, written `2026-11`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Month {
    year: u16,
    month: u8,
}

impl Month {
    /// The month a moment lies in.
    pub fn at(moment: Millis) -> Self {
        // Days since 1970 to a date of the proleptic Gregorian calendar, counted in eras of 400 years from 1 March of the year 0
        // (Howard Hinnant, chrono-Compatible Low-Level Date Algorithms, civil_from_days).
        let days = moment.div_euclid(86_400_000) + 719_468;
        let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let from_march = (5 * day_of_year + 2) / 153;
        let month = if from_march < 10 {
            from_march + 3
        } else {
            from_march - 9
        };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        Self {
            year: year.clamp(0, 9_999) as u16,
            month: month as u8,
        }
    }

    /// Bytes whose order is time's.
    pub(super) fn to_bytes(self) -> [u8; 3] {
        let [high, low] = self.year.to_be_bytes();
        [high, low, self.month]
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

/// A text that names no month.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a month; expected YYYY-MM")]
pub struct BadMonth(String);

impl FromStr for Month {
    type Err = BadMonth;
    fn from_str(text: &str) -> Result<Self, BadMonth> {
        let bad = || BadMonth(text.to_owned());
        let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        let (year, month) = text.split_once('-').ok_or_else(bad)?;
        if (year.len(), month.len()) != (4, 2) || !digits(year) || !digits(month) {
            return Err(bad());
        }
        let found = Self {
            year: year.parse().map_err(|_| bad())?,
            month: month.parse().map_err(|_| bad())?,
        };
        (1..=12)
            .contains(&found.month)
            .then_some(found)
            .ok_or_else(bad)
    }
}

impl From<Month> for String {
    fn from(month: Month) -> Self {
        month.to_string()
    }
}

impl TryFrom<String> for Month {
    type Error = BadMonth;
    fn try_from(text: String) -> Result<Self, BadMonth> {
        text.parse()
    }
}

/// Whose usage, where and when.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct UsageOf {
    /// Secret of the key: two keys may share a name, and must not see each other's sites.
    pub key: String,
    /// The month.
    pub month: Month,
    /// The site.
    pub site: SiteId,
}

/// What was counted. Counts add up, so that writers only ever say what came on top.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// Checks that found ham.
    pub ham: u64,
    /// Checks that left it to a person.
    pub unsure: u64,
    /// Checks that found spam, blatant or not.
    pub spam: u64,
    /// Labels that called spam what the machine had called ham.
    pub missed_spam: u64,
    /// Labels that called ham what the machine had called spam.
    pub false_positives: u64,
}

impl Usage {
    /// One check.
    pub fn of_verdict(verdict: Verdict) -> Self {
        let none = Self::default();
        match verdict {
            Verdict::Ham => Self { ham: 1, ..none },
            Verdict::Unsure => Self { unsure: 1, ..none },
            Verdict::Spam | Verdict::Discard => Self { spam: 1, ..none },
        }
    }

    /// One label that contradicts the machine.
    pub fn of_contradiction(label: Label) -> Self {
        let none = Self::default();
        match label {
            Label::Spam => Self {
                missed_spam: 1,
                ..none
            },
            Label::Ham => Self {
                false_positives: 1,
                ..none
            },
        }
    }

    /// All checks.
    pub fn checks(&self) -> u64 {
        self.ham + self.unsure + self.spam
    }
}

impl AddAssign for Usage {
    fn add_assign(&mut self, more: Self) {
        self.ham += more.ham;
        self.unsure += more.unsure;
        self.spam += more.spam;
        self.missed_spam += more.missed_spam;
        self.false_positives += more.false_positives;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(moment: Millis, expected: &str) {
        assert_eq!(Month::at(moment).to_string(), expected);
        assert_eq!(expected.parse::<Month>(), Ok(Month::at(moment)));
    }

    #[test]
    fn a_month_begins_at_midnight_utc() {
        check(0, "1970-01");
        check(-1, "1969-12");
        check(951_782_400_000, "2000-02"); // 29 February 2000
        check(951_868_800_000, "2000-03");
        check(1_767_225_599_999, "2025-12");
        check(1_767_225_600_000, "2026-01");
        check(4_107_542_399_999, "2100-02"); // no 29 February in 2100
        check(4_107_542_400_000, "2100-03");
    }

    #[test]
    fn what_names_no_month_is_refused() {
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
    }
}
