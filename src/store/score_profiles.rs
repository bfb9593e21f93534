//! The key of a score profile: how checks were scored by each model, by day of UTC and language,
//! for all sites together. A type only; holds no word of a comment.

use serde::{Deserialize, Serialize};

use super::day_sums::SummedAt;
use crate::clock::Day;
use crate::verdict::ScoreProfile;

/// The key of a sum: where a check is counted.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ScoreProfileOf {
    /// The UTC day on which the check was made.
    pub day: Day,
    /// Language of the text: `vi`, `en` or `und`.
    pub lang: String,
    /// Id of the model that judged.
    pub model: String,
}

impl SummedAt for ScoreProfileOf {
    type Sum = ScoreProfile;
    const WHAT: &'static str = "a portrait of checks";
    const READING: &'static str = "read the portraits of checks";

    fn day(&self) -> Day {
        self.day
    }

    fn rest(&self) -> [&str; 2] {
        [&self.lang, &self.model]
    }
}
