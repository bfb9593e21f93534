//! What checks and labels leave for the thread that corrects: bounded notes, taken in its next
//! round. Leaving one waits for nothing.

use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;

use crate::clock::Millis;
use crate::comment::{Comment, SiteId};
use crate::features::Features;
use crate::moderation::corrections::callback;
use crate::moderation::corrections::candidates::{Sketch, margin, told};
use crate::moderation::corrections::policy::CorrectionPolicy;
use crate::store::{Callback, Record};
use crate::verdict::Cutoffs;

/// Notes of new checks that wait for the next round, and of labels; beyond that they are dropped
/// and counted.
const MOST_NOTES: usize = 16_384;
/// Sites whose refused callback is put in the log.
const MOST_SAID_OF: usize = 4_096;

/// The notes.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    pub(crate) policy: CorrectionPolicy,
    pub(crate) checked: Mutex<Vec<(Guid, Noted)>>,
    pub(crate) labelled: Mutex<Vec<Guid>>,
    /// What resembles these is judged again.
    pub(crate) stirred: Mutex<Vec<Sketch>>,
    pub(crate) figures: CorrectionFigures,
    said_of: Mutex<HashSet<SiteId>>,
}

/// What has happened since the start.
#[derive(Debug, Default)]
pub struct CorrectionFigures {
    /// Checks judged again.
    pub rows: AtomicU64,
    /// Checks alike that were not looked at, for there were too many.
    pub passed_over: AtomicU64,
    /// Verdicts turned.
    pub flips: AtomicU64,
    /// Corrections that sites took.
    pub sent: AtomicU64,
    /// Tries that failed.
    pub failed: AtomicU64,
    /// Corrections given up.
    pub given_up: AtomicU64,
    /// Callbacks that may not be called.
    pub refused: AtomicU64,
}

pub(crate) fn count(figure: &AtomicU64, more: usize) {
    figure.fetch_add(more as u64, Ordering::Relaxed);
}

/// A guid in half the room.
pub(crate) type Guid = u128;

pub(crate) fn guid_of(text: &str) -> Option<Guid> {
    Guid::from_str_radix(text, 16).ok()
}

/// A check that may be corrected.
#[derive(Debug)]
pub(crate) struct Noted {
    pub(crate) at: Millis,
    /// How far from turning it was when it was judged last.
    pub(crate) margin: f64,
    pub(crate) sketch: Sketch,
}

impl Noted {
    pub(crate) fn of(record: &Record, features: &Features, cutoffs: &Cutoffs) -> Self {
        let assessment = &record.assessment;
        Self {
            at: record.at,
            margin: margin(told(assessment.verdict), assessment.log_odds, cutoffs),
            sketch: Sketch::of(features),
        }
    }
}

fn note<T>(notes: &Mutex<Vec<T>>, new: T, figures: &CorrectionFigures) {
    let mut notes = notes.lock();
    if notes.len() < MOST_NOTES {
        notes.push(new);
    } else {
        count(&figures.passed_over, 1);
    }
}

impl Notes {
    /// Notes by this policy.
    pub(crate) fn under(policy: CorrectionPolicy) -> Self {
        Self {
            policy,
            ..Self::default()
        }
    }

    pub(crate) fn is_off(&self) -> bool {
        self.policy.window_hours == 0
    }

    /// Reads where a site wants to hear of corrections. What may not be called is said once, here,
    /// and kept as refused.
    pub(crate) fn callback_of(&self, comment: &mut Comment, site: &SiteId) -> Callback {
        let Some(wanted) = comment.origin.callback.take().filter(|_| !self.is_off()) else {
            return Callback::None;
        };
        match callback::parse(&wanted, site, self.policy.reach) {
            Ok(url) => Callback::At(url.into()),
            Err(why) => {
                count(&self.figures.refused, 1);
                // Once a site: its every check asks for the same.
                let mut said_of = self.said_of.lock();
                if said_of.len() < MOST_SAID_OF && said_of.insert(site.clone()) {
                    tracing::warn!(%site, %why, "the callback of this site's checks is never called");
                }
                Callback::Refused(why.to_string())
            }
        }
    }

    /// Notes a check that may be corrected.
    pub(crate) fn note_check(&self, record: &Record, features: &Features, cutoffs: &Cutoffs) {
        if let (Callback::At(_), Some(guid)) = (&record.callback, guid_of(&record.guid)) {
            let noted = Noted::of(record, features, cutoffs);
            note(&self.checked, (guid, noted), &self.figures);
        }
    }

    /// Notes that what resembles a comment should be judged again.
    pub(crate) fn queue_rescore(&self, features: &Features) {
        if !self.is_off() {
            note(&self.stirred, Sketch::of(features), &self.figures);
        }
    }
}
