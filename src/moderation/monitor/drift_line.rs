//! Drift in, its lines and sentences out. Types only; measures nothing.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::clock::Day;
use crate::learn::monitor::stability_index::{Drift, Grade};
use crate::moderation::monitor::figure_line::EstimateLine;

/// How many days before a span it is compared with. Whole weeks, because weekends differ.
pub(crate) const PAST_DAYS: u32 = 28;

/// The language name of a line about all languages.
pub(crate) const ALL: &str = "all";

/// The drift of one language, one verdict (or all verdicts) and one span; or the drift of the
/// languages of all checks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DriftLine {
    /// Language of the comments: `vi`, `en` or `und`; `all` for the line about languages.
    pub lang: String,
    /// How many whole days, up to the last midnight UTC.
    pub days: u32,
    /// The measured drift.
    #[serde(flatten)]
    pub drift: Drift,
}

/// The results of the last measurement.
#[derive(Debug, Default)]
pub(crate) struct Watched {
    pub(crate) drift: Vec<DriftLine>,
    pub(crate) estimates: Vec<EstimateLine>,
    /// Alarms that ring, and the day each was last logged.
    pub(crate) told: BTreeMap<String, Day>,
}

/// The beginning of the `about` of all drift warnings.
pub(crate) const ABOUT: &str = "drift ";

impl DriftLine {
    pub(crate) fn about(&self) -> String {
        let Self { lang, days, drift } = self;
        let verdict = drift.verdict.map_or(ALL, |verdict| verdict.as_str());
        format!("{ABOUT}{lang} {verdict} {days}")
    }

    /// The alarm as a sentence for the operator.
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
