//! Pending corrections out as deliveries, outcomes in. A correction is on disk before it is tried,
//! and its outcome is on disk before the next try. So a crash loses nothing that is pending, and
//! nothing that was marked done is sent again. Never sends anything itself.

use std::collections::{BTreeMap, HashSet};

use rand::Rng;

use crate::clock::Millis;
use crate::moderation::corrections::callback;
use crate::moderation::corrections::notes::count;
use crate::moderation::corrections::retry::{PATIENCE, next_try};
use crate::moderation::corrections::state::Corrections;
use crate::store::{Correction, CorrectionState, StoreError};
use crate::verdict::Label;

/// The corrections of one site that are sent in one request.
#[derive(Debug, Clone, PartialEq)]
pub struct Delivery {
    /// The address to call.
    pub callback: url::Url,
    /// Secret of the site's key, by which the site recognises phin.
    pub key: String,
    /// The corrections to send; never empty.
    pub corrections: Vec<Correction>,
}

/// The result of one try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The site accepted all corrections except those with these guids.
    Taken {
        /// Guids that the site did not know or refused.
        but: Vec<String>,
    },
    /// It failed now and is tried again; the text says why, without a word of the comment.
    Later(String),
    /// It is not tried again; the text says why, without a word of the comment.
    Never(String),
}

/// How many corrections one request has at most.
const MOST_IN_ONE: usize = 100;
/// How many corrections are looked at in one call at most.
const MOST_DUE: usize = 1_000;
/// How long a correction waits for a key whose secret was not seen since the start, in
/// milliseconds. The next check of its site brings the secret.
const PARKED: u64 = 10_000;
/// A report without a reporter that repeats a correction within this time (milliseconds) is its
/// echo.
const ECHO: Millis = 60_000;

impl Corrections {
    /// The deliveries that are due now, by site. A correction is given out once until it is
    /// settled.
    ///
    /// # Errors
    ///
    /// Corrections that have ended cannot be written. Then nothing is given out.
    pub fn due_deliveries(&self) -> Result<Vec<Delivery>, StoreError> {
        if self.notes.policy.window_hours == 0 {
            return Ok(Vec::new());
        }
        let now = (self.context.clock)();
        let mut due = self.due.lock();
        if now.abs_diff(due.parked.0) >= PARKED {
            due.parked = (now, HashSet::new());
        }
        // `pending` is sorted by time, so the first one that is not due ends the walk.
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

    /// The address for a correction that may still be sent; else the state in which it ends.
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

    /// Stores the outcome of a delivery; on disk when it returns.
    ///
    /// # Errors
    ///
    /// The store cannot be read or written. Then the delivery is tried again.
    pub fn settle_delivery(
        &self,
        delivery: &Delivery,
        outcome: &Outcome,
    ) -> Result<(), StoreError> {
        let now = (self.context.clock)();
        let mut due = self.due.lock();
        let mut settled = Vec::new();
        for sent in &delivery.corrections {
            // If the store cannot be read, the correction stays under way; otherwise it would be
            // sent again every second.
            let standing = self.context.store.correction(&sent.guid)?;
            due.under_way.remove(&sent.guid);
            // If the verdict changed again meanwhile, the row is a newer correction.
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
            // What could not be written is still pending on disk. It is tried again here too, not
            // only after a restart.
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

    /// How many corrections are pending.
    pub fn pending(&self) -> usize {
        self.due.lock().pending.len()
    }

    /// Why corrections do not reach their sites, in words; `None` if they do.
    pub fn trouble(&self) -> Option<String> {
        let now = (self.context.clock)();
        let late = self
            .due
            .lock()
            .pending
            .iter()
            // These were tried without success, or are due for longer than a round takes.
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

    /// Whether a report without a reporter only repeats a correction that phin has sent.
    pub(crate) fn is_echo(&self, guid: &str, label: Label) -> bool {
        let now = (self.context.clock)();
        let under_way = self.due.lock().under_way.contains(guid);
        matches!(self.context.store.correction(guid), Ok(Some(correction)) if correction.verdict == label
            && (under_way || correction.tried_at.is_some_and(|at| (at..at + ECHO).contains(&now))))
    }
}
