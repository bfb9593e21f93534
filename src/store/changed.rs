//! One check's two verdicts in, sums out: how many checks of each site got another verdict than the
//! model alone would have given, by day of UTC. Knows no tree.

use std::ops::AddAssign;

use serde::{Deserialize, Serialize};

use super::day_sums::SummedAt;
use crate::clock::Day;
use crate::comment::SiteId;
use crate::verdict::Verdict;

/// The key of a sum: where a check is counted.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ChangedOf {
    /// The UTC day on which the check was made.
    pub day: Day,
    /// The site.
    pub site: SiteId,
}

/// How many checks there were, and how many verdicts the labels changed, by the new verdict. Both
/// verdicts use the same cutoffs, without campaigns and lists. Discard counts as spam.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changed {
    /// All checks of that site and day.
    pub checks: u64,
    /// Checks that are ham with labels and not ham to the model alone.
    pub to_ham: u64,
    /// Checks that are unsure with labels and not unsure to the model alone.
    pub to_unsure: u64,
    /// Checks that are spam with labels and not spam to the model alone.
    pub to_spam: u64,
}

impl Changed {
    /// One check: its verdict with labels, and the verdict of the model alone.
    pub fn of(with: Verdict, without: Verdict) -> Self {
        let mut one = Self {
            checks: 1,
            ..Self::default()
        };
        // Discard and spam are the same side: between these two nothing has changed.
        if with.side() != without.side() {
            match with {
                Verdict::Ham => one.to_ham = 1,
                Verdict::Unsure => one.to_unsure = 1,
                Verdict::Spam | Verdict::Discard => one.to_spam = 1,
            }
        }
        one
    }

    /// How many verdicts the labels changed.
    pub fn verdicts(&self) -> u64 {
        self.to_ham + self.to_unsure + self.to_spam
    }
}

impl AddAssign for Changed {
    fn add_assign(&mut self, more: Self) {
        self.checks += more.checks;
        self.to_ham += more.to_ham;
        self.to_unsure += more.to_unsure;
        self.to_spam += more.to_spam;
    }
}

impl SummedAt for ChangedOf {
    type Sum = Changed;
    const WHAT: &'static str = "a count of changed verdicts";
    const READING: &'static str = "read the counts of changed verdicts";

    fn day(&self) -> Day {
        self.day
    }

    fn rest(&self) -> [&str; 2] {
        // One sum for all languages.
        ["", self.site.as_str()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verdict_is_changed_if_it_is_on_another_side() {
        use Verdict::*;
        let mut sum = Changed::default();
        for (with, without) in [
            (Ham, Ham),
            (Ham, Spam),
            (Unsure, Ham),
            (Unsure, Discard),
            (Spam, Discard),
            (Discard, Spam),
            (Discard, Unsure),
            (Unsure, Unsure),
        ] {
            sum += Changed::of(with, without);
        }
        let expected = Changed {
            checks: 8,
            to_ham: 1,
            to_unsure: 2,
            to_spam: 1,
        };
        assert_eq!((sum, sum.verdicts()), (expected, 4));
    }
}
