//! The drift alarm: what the last whole day and the last seven whole days looked like to the live model, held against its card, by language and verdict.
//!
//! Checks are summed as they are written down, of all sites together (`store/portraits.rs`); a model that went live yesterday is held against its own
//! checks alone.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::apart::apart;
use super::corrections::lock;
use super::{Day, EstimateLine, FiguresAsked, Millis, Moderation, StoreError};
use crate::learn::drift::{Drift, Grade};
use crate::store::{DAY_MILLIS, PortraitOf, Record};
use crate::verdict::Portrait;

/// Days of the two spans that are looked at.
const SPANS: [u32; 2] = [1, 7];

/// Days that the estimates among the metrics are of.
const WATCHED_DAYS: u32 = 30;

/// What was found for one language, one verdict and one span.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DriftLine {
    /// Language of the comments: `vi`, `en` or `und`.
    pub lang: String,
    /// So many whole days, up to last midnight UTC.
    pub days: u32,
    /// What was found.
    #[serde(flatten)]
    pub drift: Drift,
}

/// Where a check counts.
pub(super) fn place_of(record: &Record) -> PortraitOf {
    PortraitOf {
        day: Day::at(record.at),
        lang: record.assessment.lang.clone(),
        model: record.assessment.model.clone(),
    }
}

/// What was found when somebody last looked.
#[derive(Debug, Default)]
pub(super) struct Watched {
    drift: Vec<DriftLine>,
    estimates: Vec<EstimateLine>,
    /// The day of the last alarm in the log.
    told: Option<Day>,
}

/// What warnings of drift are about begins so.
const ABOUT: &str = "drift ";

impl DriftLine {
    fn about(&self) -> String {
        let Self { lang, days, drift } = self;
        format!("{ABOUT}{lang} {} {days}", drift.verdict)
    }

    /// What an operator should hear.
    fn in_words(&self) -> String {
        let Drift {
            verdict,
            comments,
            unknown,
            card_unknown,
            score_index,
            unknown_index,
            ..
        } = self.drift;
        let percent = |share: Option<f64>| 100.0 * share.unwrap_or(0.0);
        format!(
            "drift: {comments} {} comments found {verdict} in {} days are unlike those the model was trained on (stability index {:.2} of scores, {:.2} of unknown features; {:.1} % unknown, {:.1} % on the card)",
            self.lang,
            self.days,
            score_index.unwrap_or(0.0),
            unknown_index.unwrap_or(0.0),
            percent(unknown),
            percent(card_unknown),
        )
    }
}

impl Moderation {
    /// How far live checks lie from the card of the live model: by language, verdict and span, in that order; of languages without checks, nothing.
    pub async fn drift(&self) -> Result<Vec<DriftLine>, StoreError> {
        self.settle().await;
        let (store, now) = (self.store.clone(), (self.clock)());
        let card = self.online.model().card.clone();
        let read = move || {
            let before = |days: u32| Day::at(now.saturating_sub(DAY_MILLIS * Millis::from(days)));
            let longest = SPANS.into_iter().max().unwrap_or(1);
            let days = before(longest)..=before(1);
            let mut by_lang: BTreeMap<String, [Portrait; SPANS.len()]> = BTreeMap::new();
            for (of, portrait) in store.portraits.on(days)? {
                if of.model != card.id {
                    continue;
                }
                let sums = by_lang.entry(of.lang).or_default();
                for (sum, span) in sums.iter_mut().zip(SPANS) {
                    if of.day >= before(span) {
                        *sum += portrait;
                    }
                }
            }
            let mut lines = Vec::new();
            for (lang, sums) in by_lang {
                let of_card = card.portraits.get(&lang);
                for place in 0..3 {
                    for (live, days) in sums.iter().zip(SPANS) {
                        let (verdict, profile) = live.profiles()[place];
                        let of_card = of_card.map(|card| card.profiles()[place].1);
                        lines.push(DriftLine {
                            lang: lang.clone(),
                            days,
                            drift: Drift::of(verdict, profile, of_card),
                        });
                    }
                }
            }
            Ok(lines)
        };
        apart("read the portraits of checks", read).await
    }

    /// Looks at drift and estimates, keeps what it found for the metrics, and tells the log of alarms, once a day. Says how many sentences it said.
    pub async fn watch(&self) -> Result<usize, StoreError> {
        let lines = self.drift().await?;
        let asked = FiguresAsked {
            sites: None,
            days: WATCHED_DAYS,
        };
        let estimates = self.figures(asked).await?.estimates;
        let today = Day::at((self.clock)());
        let mut watched = lock(&self.watched);
        let is_told = watched.told.replace(today) == Some(today);
        let alarms: Vec<&DriftLine> = lines
            .iter()
            .filter(|line| line.drift.grade == Grade::Alarm)
            .collect();
        let still: Vec<String> = alarms.iter().map(|line| line.about()).collect();
        self.health
            .calm(|about| about.starts_with(ABOUT) && !still.iter().any(|is| is == about));
        let said = if is_told { 0 } else { alarms.len() };
        for line in alarms.iter().take(said) {
            self.health.warn(line.about(), line.in_words());
        }
        (watched.drift, watched.estimates) = (lines, estimates);
        Ok(said)
    }

    /// What was found when it was last looked.
    pub fn watched(&self) -> (Vec<DriftLine>, Vec<EstimateLine>) {
        let watched = lock(&self.watched);
        (watched.drift.clone(), watched.estimates.clone())
    }
}
