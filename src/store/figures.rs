//! One check's verdict in, sums out: how many checks each site made, by day of UTC, language and
//! verdict. Knows no tree.

use std::ops::AddAssign;

use serde::{Deserialize, Serialize};

use super::day_sums::SummedAt;
use crate::clock::{Day, Millis};
use crate::comment::SiteId;
use crate::verdict::Verdict;

/// The key of a sum: where a check, or a label that answers it, is counted.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct FigureOf {
    /// The UTC day on which the check was made.
    pub day: Day,
    /// The site.
    pub site: SiteId,
    /// Language of the text: `vi`, `en` or `und`.
    pub lang: String,
}

/// Time and language of the check that a label answers. For a label that answers no check, the time
/// of the label itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckedOn {
    /// When the check was made, in milliseconds since 1970.
    pub at: Millis,
    /// Language of the text: `vi`, `en` or `und`.
    pub lang: String,
    /// Whether the label answers an audit: the queue had shown the check without its verdict.
    #[serde(default)]
    pub answers_audit: bool,
}

/// Checks by verdict. They add up, so that a writer only gives what is to be added.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdicts {
    /// Checks with the verdict ham.
    pub ham: u64,
    /// Checks with the verdict unsure.
    pub unsure: u64,
    /// Checks with the verdict spam.
    pub spam: u64,
    /// Checks with the verdict discard.
    pub discard: u64,
}

impl Verdicts {
    /// One check.
    pub fn of(verdict: Verdict) -> Self {
        let mut one = Self::default();
        match verdict {
            Verdict::Ham => one.ham = 1,
            Verdict::Unsure => one.unsure = 1,
            Verdict::Spam => one.spam = 1,
            Verdict::Discard => one.discard = 1,
        }
        one
    }

    /// All checks.
    pub fn checks(&self) -> u64 {
        self.ham + self.unsure + self.spam + self.discard
    }
}

impl AddAssign for Verdicts {
    fn add_assign(&mut self, more: Self) {
        self.ham += more.ham;
        self.unsure += more.unsure;
        self.spam += more.spam;
        self.discard += more.discard;
    }
}

impl SummedAt for FigureOf {
    type Sum = Verdicts;
    const WHAT: &'static str = "a count of checks";
    const READING: &'static str = "read the counts of checks";

    fn day(&self) -> Day {
        self.day
    }

    fn rest(&self) -> [&str; 2] {
        [&self.lang, self.site.as_str()]
    }
}
