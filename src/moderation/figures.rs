//! What the filter did, by site, day and language: checks by verdict, what people labelled since, and which of those labels contradict it.
//!
//! Checks are sums on disk, written with the records. What labels say is read off the ledger each time: the last label of a comment that no ruling strikes
//! stands, so flips and undos take back by themselves, and nothing can drift. A label counts on the day of the check it answers.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::{AddAssign, RangeInclusive};

use serde::{Deserialize, Serialize};

use super::{Day, Millis, Moderation, StoreError};
use crate::comment::{CommentId, SiteId};
use crate::learn::rulings::Rulings;
use crate::store::{CheckedOn, DAY_MILLIS, FigureOf, LedgerEntry, Record, Verdicts};
use crate::verdict::Label;

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

/// Where a check counts.
pub(super) fn place_of(record: &Record) -> FigureOf {
    FigureOf {
        day: Day::at(record.at),
        site: record.site.clone(),
        lang: record.assessment.lang.clone(),
    }
}

/// Where a label counts, and what it says of the machine.
fn of_label(entry: LedgerEntry) -> (FigureOf, Figure) {
    let checked = entry.checked.unwrap_or_else(|| CheckedOn {
        at: entry.at,
        lang: "und".to_owned(),
    });
    let of = FigureOf {
        day: Day::at(checked.at),
        site: entry.site,
        lang: checked.lang,
    };
    let contradicts = entry.machine == Some(entry.label.opposite());
    let figure = Figure {
        labels: 1,
        false_positives: u64::from(contradicts && entry.label == Label::Ham),
        missed_spam: u64::from(contradicts && entry.label == Label::Spam),
        ..Figure::default()
    };
    (of, figure)
}

/// So many days up to a moment.
fn days_until(now: Millis, days: u32) -> RangeInclusive<Day> {
    let first = now.saturating_sub(DAY_MILLIS * i64::from(days.saturating_sub(1)));
    Day::at(first)..=Day::at(now)
}

impl Moderation {
    /// The figures asked for, in the order of days, then sites and languages. Waits until the checks answered so far are counted; reads the whole ledger.
    pub async fn figures(&self, asked: FiguresAsked) -> Result<Vec<FigureLine>, StoreError> {
        self.settle().await;
        let store = self.store.clone();
        let days = days_until((self.clock)(), asked.days);
        let read = move || {
            let wanted = |site: &SiteId| asked.sites.as_ref().is_none_or(|of| of.contains(site));
            let mut figures: BTreeMap<FigureOf, Figure> = BTreeMap::new();
            for (of, verdicts) in store.figures(days.clone())? {
                if wanted(&of.site) {
                    figures.entry(of).or_default().verdicts += verdicts;
                }
            }
            let rulings = Rulings::of(&store.rulings()?);
            let mut standing: HashMap<CommentId, (FigureOf, Figure)> = HashMap::new();
            for entry in store.ledger(0) {
                match entry {
                    Ok(entry) if wanted(&entry.site) && !rulings.strike(entry.event) => {
                        standing.insert(entry.comment, of_label(entry));
                    }
                    // A damaged label was passed over, and said, at the start.
                    Ok(_) | Err(StoreError::Damaged { .. }) => {}
                    Err(error) => return Err(error),
                }
            }
            for (of, figure) in standing.into_values() {
                if days.contains(&of.day) {
                    *figures.entry(of).or_default() += figure;
                }
            }
            let lines = figures.into_iter().map(|(of, figure)| FigureLine {
                day: of.day,
                site: of.site,
                lang: of.lang,
                figure,
            });
            Ok(lines.collect())
        };
        tokio::task::spawn_blocking(read)
            .await
            .unwrap_or_else(|error| {
                Err(StoreError::Failed {
                    action: "read the figures",
                    why: error.to_string(),
                })
            })
    }
}
