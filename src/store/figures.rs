//! How many checks each site made, by day of UTC and language, with what verdict.

use std::ops::AddAssign;

use serde::{Deserialize, Serialize};

use super::day_sums::SummedAt;
use crate::clock::{Day, Millis};
use crate::comment::SiteId;
use crate::verdict::Verdict;

/// The place of a check in the figures, and of a label that answers it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct FigureOf {
    /// The day the check was made.
    pub day: Day,
    /// The site.
    pub site: SiteId,
    /// Language of the text: `vi`, `en` or `und`.
    pub lang: String,
}

/// When the check that a label answers was made, and in which language; of a label that answers
/// none, its own time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckedOn {
    /// When.
    pub at: Millis,
    /// Language of the text: `vi`, `en` or `und`.
    pub lang: String,
    /// Whether it is the answer to an audit: said of a check that the queue had shown without its
    /// verdict.
    #[serde(default)]
    pub answers_audit: bool,
}

/// Checks by verdict. They add up, so that writers only ever say what came on top.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdicts {
    /// Found ham.
    pub ham: u64,
    /// Left to a person.
    pub unsure: u64,
    /// Found spam.
    pub spam: u64,
    /// Found spam so blatant that nobody need see it.
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
