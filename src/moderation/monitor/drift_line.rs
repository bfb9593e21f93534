//! Drift as it is shown and told of: nouns, and their sentences.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::clock::Day;
use crate::learn::monitor::stability_index::{Drift, Grade};
use crate::moderation::monitor::figure_line::EstimateLine;

/// Days before a span that it is held against: whole weeks, for weekends differ.
pub(crate) const PAST_DAYS: u32 = 28;

/// What a line of all languages is called.
pub(crate) const ALL: &str = "all";

/// What was found for one language, one verdict or all of them, and one span; or for the languages
/// of all checks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DriftLine {
    /// Language of the comments: `vi`, `en` or `und`; `all` for the line that tells in which
    /// languages they came.
    pub lang: String,
    /// So many whole days, up to last midnight UTC.
    pub days: u32,
    /// What was found.
    #[serde(flatten)]
    pub drift: Drift,
}

/// What was found when somebody last looked.
#[derive(Debug, Default)]
pub(crate) struct Watched {
    pub(crate) drift: Vec<DriftLine>,
    pub(crate) estimates: Vec<EstimateLine>,
    /// What rings, and the day it was last told of in the log.
    pub(crate) told: BTreeMap<String, Day>,
}

/// What warnings of drift are about begins so.
pub(crate) const ABOUT: &str = "drift ";

impl DriftLine {
    pub(crate) fn about(&self) -> String {
        let Self { lang, days, drift } = self;
        let verdict = drift.verdict.map_or(ALL, |verdict| verdict.as_str());
        format!("{ABOUT}{lang} {verdict} {days}")
    }

    /// What an operator should hear.
    pub(crate) fn in_words(&self) -> String {
        let Self { lang, days, drift } = self;
        let comments = drift.comments;
        let index = |index: Option<f64>| index.unwrap_or(0.0);
        if lang == ALL {
            return format!(
                "drift: {comments} comments of {days} days came in other languages than in the {PAST_DAYS} days before (stability index {:.2})",
                index(drift.past.score_index),
            );
        }
        let found = drift
            .verdict
            .map_or(String::new(), |verdict| format!(" found {verdict}"));
        let percent = |share: Option<f64>| 100.0 * share.unwrap_or(0.0);
        let (others, against) = match drift.past.grade {
            Grade::Alarm => (format!("those of the {PAST_DAYS} days before"), drift.past),
            _ => ("any the model was trained on".to_owned(), drift.card),
        };
        format!(
            "drift: {comments} {lang} comments{found} in {days} days are unlike {others} (stability index {:.2} of scores, {:.2} of unknown features; {:.1} % unknown, {:.1} % there)",
            index(against.score_index),
            index(against.unknown_index),
            percent(drift.unknown),
            percent(against.unknown),
        )
    }
}
