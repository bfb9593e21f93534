//! How much each key is used: checks by verdict and labels that contradict the machine, per key,
//! site and day of UTC.

use std::ops::AddAssign;

use serde::{Deserialize, Serialize};

use crate::clock::Day;
use crate::comment::SiteId;
use crate::verdict::{Label, Verdict};

/// Whose usage, where and when.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct UsageOf {
    /// Id of the key.
    pub key: String,
    /// The day.
    pub day: Day,
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
