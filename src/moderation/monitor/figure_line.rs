//! Figures as they are shown. Types only; counts nothing.

use std::collections::BTreeSet;
use std::ops::AddAssign;

use serde::{Deserialize, Serialize};

use crate::clock::Day;
use crate::comment::SiteId;
use crate::learn::monitor::audit_estimate::Estimate;
use crate::store::Verdicts;

/// Which figures are requested.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FiguresAsked {
    /// The sites; `None` for all.
    pub sites: Option<BTreeSet<SiteId>>,
    /// How many UTC days up to now, today included.
    pub days: u32,
}

/// The counts of one day, site and language.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figure {
    /// Checks by verdict.
    #[serde(flatten)]
    pub verdicts: Verdicts,
    /// Comments that have a label.
    pub labels: u64,
    /// Ham labels among them on checks with the verdict spam.
    pub false_positives: u64,
    /// Spam labels among them on checks with the verdict ham.
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

/// The counts, with their day, site and language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FigureLine {
    /// The day of the checks.
    pub day: Day,
    /// The site.
    pub site: SiteId,
    /// The language of the comments: `vi`, `en` or `und`.
    pub lang: String,
    /// The counts.
    #[serde(flatten)]
    pub figure: Figure,
}

/// What audits estimate for the requested checks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EstimateLine {
    /// The language of the comments: `vi`, `en` or `und`; `None` for all together.
    pub lang: Option<String>,
    /// The estimate.
    #[serde(flatten)]
    pub estimate: Estimate,
}

/// The requested figures and estimates.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Happened {
    /// By day, site and language, in that order.
    pub figures: Vec<FigureLine>,
    /// First for all languages together, then by language; none for a language without checks.
    pub estimates: Vec<EstimateLine>,
}
