//! One check or label in, counts of usage out: checks by verdict, and labels that contradict the
//! verdict, by key, site and day of UTC. Knows no tree.

use std::ops::AddAssign;

use serde::{Deserialize, Serialize};

use crate::clock::Day;
use crate::comment::SiteId;
use crate::verdict::{Label, Verdict};

/// The key of a count: where a check or label is counted.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct UsageOf {
    /// Id of the key.
    pub key: String,
    /// The UTC day.
    pub day: Day,
    /// The site.
    pub site: SiteId,
}

/// Counts of usage. They add up, so that a writer only gives what is to be added.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// Checks with the verdict ham.
    pub ham: u64,
    /// Checks with the verdict unsure.
    pub unsure: u64,
    /// Checks with the verdict spam or discard.
    pub spam: u64,
    /// Spam labels on checks with the verdict ham.
    pub missed_spam: u64,
    /// Ham labels on checks with the verdict spam.
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

    /// One label that contradicts its verdict.
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
