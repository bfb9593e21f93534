//! What the stream looked like to each model, by day of UTC and language, of all sites together.

use serde::{Deserialize, Serialize};

use super::day_sums::SummedAt;
use crate::clock::Day;
use crate::verdict::ScoreProfile;

/// The place of a check among the score profiles.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ScoreProfileOf {
    /// The day the check was made.
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
