//! What is counted beside records, in the transaction that keeps them: sums that stay when the records are gone.

use std::collections::HashMap;

use super::portraits::PortraitOf;
use super::{FigureOf, Usage, UsageOf, Verdicts};
use crate::verdict::Portrait;

/// What comes on top of the counts on disk.
#[derive(Debug, Default)]
pub struct Sums {
    /// How much keys were used.
    pub used: HashMap<UsageOf, Usage>,
    /// Checks by verdict.
    pub figures: HashMap<FigureOf, Verdicts>,
    /// What checks looked like to a model.
    pub portraits: HashMap<PortraitOf, Portrait>,
}
