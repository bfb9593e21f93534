//! Increments of all kinds of sums, in one value. They are written in the same transaction as the
//! records that they count. A type only; never written alone.

use std::collections::HashMap;

use super::changed::{Changed, ChangedOf};
use super::figures::{FigureOf, Verdicts};
use super::score_profiles::ScoreProfileOf;
use super::usage::{Usage, UsageOf};
use crate::verdict::ScoreProfile;

/// What is to be added to the sums on disk.
#[derive(Debug, Default)]
pub struct Sums {
    /// Usage of keys.
    pub used: HashMap<UsageOf, Usage>,
    /// Checks by verdict.
    pub figures: HashMap<FigureOf, Verdicts>,
    /// Score profiles of checks.
    pub portraits: HashMap<ScoreProfileOf, ScoreProfile>,
    /// Counts of verdicts that labels changed.
    pub changed: HashMap<ChangedOf, Changed>,
}
