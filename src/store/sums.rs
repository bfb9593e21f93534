//! What comes on top of the sums on disk, of all kinds: written in the transaction of the records
//! it counts.

use std::collections::HashMap;

use super::changed::{Changed, ChangedOf};
use super::figures::{FigureOf, Verdicts};
use super::score_profiles::ScoreProfileOf;
use super::usage::{Usage, UsageOf};
use crate::verdict::ScoreProfile;

/// What comes on top of the sums on disk.
#[derive(Debug, Default)]
pub struct Sums {
    /// How much keys were used.
    pub used: HashMap<UsageOf, Usage>,
    /// Checks by verdict.
    pub figures: HashMap<FigureOf, Verdicts>,
    /// What checks looked like to a model.
    pub portraits: HashMap<ScoreProfileOf, ScoreProfile>,
    /// What labels changed.
    pub changed: HashMap<ChangedOf, Changed>,
}
