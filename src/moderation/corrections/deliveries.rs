//! Corrections that wait, out to whoever sends them, and back with what came of it. Each is on disk
//! before it is tried and its outcome before the next is: after a crash nothing pending is lost,
//! and nothing that was marked done is sent again.

use std::collections::{BTreeMap, HashSet};

use rand::Rng;

use crate::clock::Millis;
use crate::moderation::corrections::callback;
use crate::moderation::corrections::notes::count;
use crate::moderation::corrections::retry::{PATIENCE, next_try};
use crate::moderation::corrections::state::Corrections;
use crate::store::{Correction, CorrectionState, StoreError};
use crate::verdict::Label;

/// Corrections of one site that go out in one request.
#[derive(Debug, Clone, PartialEq)]
pub struct Delivery {
    /// Where to.
    pub callback: url::Url,
    /// Secret of the site's key, by which it knows us.
    pub key: String,
    /// What it is to hear; never empty.
    pub corrections: Vec<Correction>,
}

/// What came of a try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The site took all but those with these guids.
    Taken {
        /// Guids it did not know or want.
        but: Vec<String>,
    },
    /// Not now: why, without a word of the comment.
    Later(String),
    /// Not ever: why, without a word of the comment.
    Never(String),
}

/// Corrections in one request at most.
const MOST_IN_ONE: usize = 100;
/// Corrections taken up at once at most.
const MOST_DUE: usize = 1_000;
/// How long a correction is left alone whose key was not shown since the start; the next check of
/// its site shows it.
const PARKED: u64 = 10_000;
/// Reports that repeat a correction so soon, with nobody's name on them, are its echo.
const ECHO: Millis = 60_000;

impl Corrections {
    /// What is due now, by site. Each correction is handed out once until it is settled.
    ///
    /// # Errors
    ///
    /// If corrections that are over cannot be written down; then nothing is handed out.
    pub fn due_deliveries(&self) -> Result<Vec<Delivery>, StoreError> {
        if self.notes.policy.window_hours == 0 {
            return Ok(Vec::new());
        }
        let now = (self.context.clock)();
        let mut due = self.due.lock();
        if now.abs_diff(due.parked.0) >= PARKED {
            due.parked = (now, HashSet::new());
        }
        let ready: Vec<(Millis, String)> = due
            .pending
            .iter()
            .take_while(|(next, _)| *next <= now)
            .filter(|(_, guid)| !due.under_way.contains(guid) && !due.parked.1.contains(guid))
            .take(MOST_DUE)
            .cloned()
            .collect();
        let mut by_site: BTreeMap<(String, String), Delivery> = BTreeMap::new();
        let mut over = Vec::new();
        for place in ready {
            let mut correction = match self.context.store.correction(&place.1) {
                Ok(Some(correction)) => correction,
                Ok(None) => {
                    due.pending.remove(&place);
                    continue;
                }
                Err(error @ StoreError::Damaged { .. }) => {
                    tracing::error!(%error, "a correction is lost");
                    due.pending.remove(&place);
                    continue;
                }
                Err(error) => {
                    tracing::error!(%error, "a correction has to wait");
                    continue;
                }
            };
            match self.may_go(&correction, now) {
                Ok(callback) => {
                    let Some(key) = self.accounts.shown_secret(&correction.key) else {
                        due.parked.1.insert(correction.guid);
                        continue;
                    };
                    let place = (correction.callback.clone(), correction.key.clone());
                    let delivery = by_site.entry(place).or_insert_with(|| Delivery {
                        callback,
                        key,
                        corrections: Vec::new(),
                    });
                    if delivery.corrections.len() < MOST_IN_ONE {
                        due.under_way.insert(correction.guid.clone());
                        delivery.corrections.push(correction);
                    }
                }
                Err(end) => {
                    if let CorrectionState::GivenUp(why) = &end {
                        self.say_given_up(&correction, why);
                    }
                    due.pending.remove(&place);
                    correction.state = end;
                    over.push(correction);
                }
            }
        }
        if !over.is_empty()
            && let Err(error) = self.context.store.put_corrections(&over)
        {
            due.under_way.clear();
            return Err(error);
        }
        Ok(by_site.into_values().collect())
    }

    /// Whether a correction may still go out, and where to; else how it ends.
    fn may_go(&self, correction: &Correction, now: Millis) -> Result<url::Url, CorrectionState> {
        let given_up = |why: String| CorrectionState::GivenUp(why);
        let realm = self
            .accounts
            .realm_of_sender(&correction.site, &correction.key);
        if self.context.online.is_labelled(&realm, correction.comment) {
            return Err(CorrectionState::Withdrawn);
        }
        if now > correction.at + PATIENCE {
            return Err(given_up("a day has gone since the verdict turned".into()));
        }
        if let Err(refusal) = self.accounts.admit_id(&correction.key) {
            return Err(given_up(refusal.to_string()));
        }
        callback::parse(
            &correction.callback,
            &correction.site,
            self.notes.policy.reach,
        )
        .map_err(|why| given_up(format!("its callback may not be called: {why}")))
    }

    /// Writes down what came of a delivery; on disk when it returns.
    ///
    /// # Errors
    ///
    /// If the store cannot read or write them; what was handed out is tried again.
    pub fn settle_delivery(
        &self,
        delivery: &Delivery,
        outcome: &Outcome,
    ) -> Result<(), StoreError> {
        let now = (self.context.clock)();
        let mut due = self.due.lock();
        let mut settled = Vec::new();
        for sent in &delivery.corrections {
            // While the store cannot be read it stays under way, so that it is not sent every
            // second.
            let standing = self.context.store.correction(&sent.guid)?;
            due.under_way.remove(&sent.guid);
            // If it was turned again meanwhile, what waits now is another correction.
            let Some(mut correction) = standing.filter(|c| c.flips == sent.flips) else {
                continue;
            };
            let CorrectionState::Pending(next) = correction.state else {
                continue;
            };
            due.pending.remove(&(next, correction.guid.clone()));
            correction.tries += 1;
            correction.tried_at = Some(now);
            correction.state = self.state_after(&correction, outcome, now);
            settled.push(correction);
        }
        let written = self.context.store.put_corrections(&settled);
        for correction in settled {
            // What could not be written is still pending on disk, and is tried again here too.
            if let CorrectionState::Pending(next) = correction.state {
                due.pending.insert((next, correction.guid));
            } else if written.is_err() {
                due.pending.insert((now + ECHO, correction.guid));
            }
        }
        written
    }

    fn state_after(
        &self,
        correction: &Correction,
        outcome: &Outcome,
        now: Millis,
    ) -> CorrectionState {
        let figures = &self.notes.figures;
        let (site, tries) = (&correction.site, correction.tries);
        let given_up = |why: &str| {
            self.say_given_up(correction, why);
            CorrectionState::GivenUp(why.to_owned())
        };
        match outcome {
            Outcome::Taken { but } if but.contains(&correction.guid) => {
                given_up("the site did not take it: it may know no such comment")
            }
            Outcome::Taken { .. } => {
                count(&figures.sent, 1);
                tracing::info!(%site, tries, verdict = %correction.verdict, "a site took a correction");
                CorrectionState::Done
            }
            Outcome::Never(why) => {
                count(&figures.failed, 1);
                given_up(why)
            }
            Outcome::Later(why) => {
                count(&figures.failed, 1);
                match next_try(correction.at, tries, now, rand::rng().random()) {
                    Some(next) => {
                        tracing::info!(%site, tries, why, again_in_seconds = (next - now) / 1_000, "a correction did not arrive");
                        CorrectionState::Pending(next)
                    }
                    None => given_up(why),
                }
            }
        }
    }

    fn say_given_up(&self, correction: &Correction, why: &str) {
        count(&self.notes.figures.given_up, 1);
        tracing::warn!(site = %correction.site, tries = correction.tries, why, "a correction is given up");
    }

    /// How many corrections wait to be sent.
    pub fn pending(&self) -> usize {
        self.due.lock().pending.len()
    }

    /// What stands between sites and their corrections, in words; `None` if nothing does.
    pub fn trouble(&self) -> Option<String> {
        let now = (self.context.clock)();
        let late = self
            .due
            .lock()
            .pending
            .iter()
            // Tried in vain, or due for longer than a round takes.
            .filter(|(next, _)| *next > now || *next < now - ECHO)
            .count();
        let given_up = self
            .notes
            .figures
            .given_up
            .load(std::sync::atomic::Ordering::Relaxed);
        (late + given_up as usize > 0).then(|| {
            format!("{late} corrections wait for sites that did not answer, {given_up} were given up since the start (the log says why)")
        })
    }

    /// Whether a report without a name on it is but a correction of ours coming back.
    pub(crate) fn is_echo(&self, guid: &str, label: Label) -> bool {
        let now = (self.context.clock)();
        let under_way = self.due.lock().under_way.contains(guid);
        matches!(self.context.store.correction(guid), Ok(Some(correction)) if correction.verdict == label
            && (under_way || correction.tried_at.is_some_and(|at| (at..at + ECHO).contains(&now))))
    }
}
