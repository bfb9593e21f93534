//! Notes of checks and labels in, for the thread that makes corrections; it takes them in its next
//! round. Never makes a check or label wait.

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

/// How many notes of new checks, and how many sketches of labelled comments, may wait for the next
/// round. Beyond that they are dropped and counted, because a check must not wait.
const MOST_NOTES: usize = 16_384;
/// For how many sites a refused callback is logged.
const MOST_SAID_OF: usize = 4_096;

/// The notes that wait.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    pub(crate) policy: CorrectionPolicy,
    pub(crate) checked: Mutex<Vec<(Guid, Noted)>>,
    pub(crate) labelled: Mutex<Vec<Guid>>,
    /// Sketches of labelled comments. Checks that resemble them are judged again.
    pub(crate) stirred: Mutex<Vec<Sketch>>,
    pub(crate) figures: CorrectionFigures,
    said_of: Mutex<HashSet<SiteId>>,
}

/// Counts since the start.
#[derive(Debug, Default)]
pub struct CorrectionFigures {
    /// Checks judged again.
    pub rows: AtomicU64,
    /// Similar checks that were not judged again, because there were too many.
    pub passed_over: AtomicU64,
    /// Verdicts that changed.
    pub flips: AtomicU64,
    /// Corrections that sites accepted.
    pub sent: AtomicU64,
    /// Tries that failed.
    pub failed: AtomicU64,
    /// Corrections that were given up.
    pub given_up: AtomicU64,
    /// Callbacks that are refused.
    pub refused: AtomicU64,
}

pub(crate) fn count(figure: &AtomicU64, more: usize) {
    figure.fetch_add(more as u64, Ordering::Relaxed);
}

/// A guid as a number, in half the memory of its text.
pub(crate) type Guid = u128;

pub(crate) fn guid_of(text: &str) -> Option<Guid> {
    Guid::from_str_radix(text, 16).ok()
}

/// A check that may be corrected.
#[derive(Debug)]
pub(crate) struct Noted {
    pub(crate) at: Millis,
    /// How far its score was from a cutoff that would change its verdict, in log-odds, when it was
    /// last judged.
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
    /// Empty notes with this policy.
    pub(crate) fn under(policy: CorrectionPolicy) -> Self {
        Self {
            policy,
            ..Self::default()
        }
    }

    pub(crate) fn is_off(&self) -> bool {
        self.policy.window_hours == 0
    }

    /// Takes the callback address out of a comment and checks it. A refused address is logged here
    /// and stored as refused.
    pub(crate) fn callback_of(&self, comment: &mut Comment, site: &SiteId) -> Callback {
        let Some(wanted) = comment.origin.callback.take().filter(|_| !self.is_off()) else {
            return Callback::None;
        };
        match callback::parse(&wanted, site, self.policy.reach) {
            Ok(url) => Callback::At(url.into()),
            Err(why) => {
                count(&self.figures.refused, 1);
                // Once for each site, because every check of the site brings the same address.
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

    /// Notes that checks which resemble a comment should be judged again.
    pub(crate) fn queue_rescore(&self, features: &Features) {
        if !self.is_off() {
            note(&self.stirred, Sketch::of(features), &self.figures);
        }
    }
}
