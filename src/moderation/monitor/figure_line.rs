//! Figures as they are shown: nouns alone.

use std::collections::BTreeSet;
use std::ops::AddAssign;

use serde::{Deserialize, Serialize};

use crate::clock::Day;
use crate::comment::SiteId;
use crate::learn::monitor::audit_estimate::Estimate;
use crate::store::Verdicts;

/// Which figures are wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FiguresAsked {
    /// Of which sites; `None` for all.
    pub sites: Option<BTreeSet<SiteId>>,
    /// Of so many days up to now, today among them.
    pub days: u32,
}

/// What was counted in one place.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figure {
    /// Checks by verdict.
    #[serde(flatten)]
    pub verdicts: Verdicts,
    /// Comments on which a label stands.
    pub labels: u64,
    /// Of those, called ham where the machine had said spam.
    pub false_positives: u64,
    /// Of those, called spam where the machine had said ham.
    pub missed_spam: u64,
}

impl AddAssign for Figure {
    fn add_assign(&mut self, more: Self) {
        self.verdicts += more.verdicts;
        self.labels += more.labels;
        self.false_positives += more.false_positives;
        self.missed_spam += more.missed_spam;
    }
}

/// The figure of a place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FigureLine {
    /// The day of the checks.
    pub day: Day,
    /// The site.
    pub site: SiteId,
    /// The language of the comments: `vi`, `en` or `und`.
    pub lang: String,
    /// What was counted.
    #[serde(flatten)]
    pub figure: Figure,
}

/// What audits say of the checks asked about.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EstimateLine {
    /// The language of the comments: `vi`, `en` or `und`; `None` for all together.
    pub lang: Option<String>,
    /// What they say.
    #[serde(flatten)]
    pub estimate: Estimate,
}

/// What happened, as far as was asked.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Happened {
    /// By day, site and language, in that order.
    pub figures: Vec<FigureLine>,
    /// Of all together, then by language; of languages that had no check, nothing.
    pub estimates: Vec<EstimateLine>,
}
