//! Labels in, changed verdicts out: checks of the last hours that resemble a labelled comment are
//! judged again, and a site that gave a callback gets a correction. Checks and labels only leave a
//! note; one thread does the work. Notes, checks and checks a second are limited.
//!
//! Never corrects a comment that a person labelled. `deliveries` gives corrections out, `callback`
//! decides which addresses may be called.

use std::collections::HashSet;
use std::time::Duration;

use crate::campaigns::Counting;
use crate::clock::Millis;
use crate::comment::{Comment, CommentId};
use crate::features::Features;
use crate::moderation::corrections::candidates::{
    MOST_TOGETHER, Search, Sketch, margin, told, turned, urgency,
};
use crate::moderation::corrections::notes::{CorrectionFigures, Guid, Noted, count, guid_of};
use crate::moderation::corrections::state::{Corrections, Round};
use crate::store::{Callback, Correction, CorrectionState, Record, StoreError};

/// How many checks can be corrected at a time, 200 bytes each. Beyond that the oldest are dropped.
const MOST_IN_WINDOW: usize = 200_000;
/// How many checks may wait to be judged again. Beyond that the least similar are dropped and
/// counted.
const MOST_WAITING: usize = 20_000;
/// How long labels gather before similar checks are looked for.
const ROUND: Duration = Duration::from_secs(2);
/// How many checks are judged again in a round: at most a thousand a second.
const ROWS_A_ROUND: usize = 2_000;

/// What one round did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Corrected {
    /// Checks judged again.
    pub rows: usize,
    /// Verdicts that changed.
    pub flips: usize,
}

impl Corrections {
    /// Has checks of the last hours that resemble this comment judged again, for instance when its
    /// campaign is found. Returns at once; the next round does the work.
    pub fn queue_rescore(&self, comment: &Comment) {
        self.notes.queue_rescore(&Features::of(comment));
    }

    /// Counts of corrections since the start.
    pub fn figures(&self) -> &CorrectionFigures {
        &self.notes.figures
    }

    /// Does one round after another until the server stops. It needs a thread of its own.
    pub fn keep_correcting(&self) {
        let mut in_trouble = false;
        while self.wait(ROUND) {
            match self.correct(ROWS_A_ROUND) {
                Ok(_) if in_trouble => {
                    self.context.health.set(None);
                    in_trouble = false;
                }
                Ok(_) => {}
                Err(error) => {
                    tracing::error!(%error, "earlier verdicts could not be corrected");
                    self.context.health.set(Some(error.to_string()));
                    in_trouble = true;
                }
            }
        }
    }

    /// One round: takes the notes, finds similar checks, judges at most `most_rows` of them again
    /// (the most urgent first), and writes the corrections.
    ///
    /// # Errors
    ///
    /// The store fails. What had changed by then is found again in the next round.
    pub fn correct(&self, most_rows: usize) -> Result<Corrected, StoreError> {
        if self.notes.is_off() {
            return Ok(Corrected::default());
        }
        let now = (self.context.clock)();
        let mut round = self.round.lock();
        self.bring_up_to_date(&mut round, now)?;
        // The lock on the notes is held only while they are taken, so that labels can leave more.
        let stirred: Vec<Sketch> = {
            let mut stirred = self.notes.stirred.lock();
            let first = stirred.len().min(MOST_TOGETHER);
            stirred.drain(..first).collect()
        };
        let oldest = now - self.notes.policy.window();
        if !stirred.is_empty() {
            let search = Search::of(&stirred);
            let Round {
                window, waiting, ..
            } = &mut *round;
            for (guid, noted) in window.iter().filter(|(_, noted)| noted.at >= oldest) {
                if let Some(urgency) = urgency(search.shared(&noted.sketch), noted.margin) {
                    waiting.insert((urgency, *guid));
                }
            }
            let too_many = waiting.len().saturating_sub(MOST_WAITING);
            count(&self.notes.figures.passed_over, too_many);
            for _ in 0..too_many {
                waiting.pop_first();
            }
        }
        let mut corrected = Corrected::default();
        let mut turned = Vec::new();
        let mut seen = HashSet::new();
        let mut trouble = None;
        while corrected.rows < most_rows
            && let Some((_, guid)) = round.waiting.pop_last()
        {
            let Some(noted) = round.window.get_mut(&guid).filter(|_| seen.insert(guid)) else {
                continue;
            };
            corrected.rows += 1;
            match self.judge_again(&format!("{guid:032x}"), oldest, now) {
                Ok(Some((margin, flip))) => {
                    noted.margin = margin;
                    turned.extend(flip);
                }
                // Too old, labelled, or without text: it is never judged again.
                Ok(None) => drop(round.window.remove(&guid)),
                Err(error @ StoreError::Damaged { .. }) => {
                    tracing::error!(%error, "passed over");
                    round.window.remove(&guid);
                }
                Err(error) => {
                    // The disk failed, not this check: it comes first in the next round.
                    round.waiting.insert((u32::MAX, guid));
                    trouble = Some(error);
                    break;
                }
            }
        }
        corrected.flips = turned.len();
        count(&self.notes.figures.rows, corrected.rows);
        count(&self.notes.figures.flips, corrected.flips);
        let guids: Vec<Guid> = turned.iter().filter_map(|c| guid_of(&c.guid)).collect();
        if let Err(error) = self.enqueue(turned) {
            // These verdicts have changed all the same. The next round judges them again first.
            let again = guids.into_iter().map(|guid| (u32::MAX, guid));
            round.waiting.extend(again);
            return Err(error);
        }
        trouble.map_or(Ok(corrected), Err)
    }

    /// Takes in the notes of checks and labels, and drops what is too old.
    fn bring_up_to_date(&self, round: &mut Round, now: Millis) -> Result<(), StoreError> {
        let oldest = now - self.notes.policy.window();
        // The first round after a start reads the window from the disk, because notes live in
        // memory.
        if !round.read_from_disk {
            for item in self.context.store.window(oldest).take(MOST_IN_WINDOW) {
                let (_, guid) = item?;
                let Ok(Some(record)) = self.context.store.record(&guid) else {
                    continue;
                };
                if record.traces.is_some() {
                    continue;
                }
                if let Some(guid) = guid_of(&guid) {
                    let features = Features::of(&record.comment);
                    let cutoffs = self.judging.site_cutoffs(
                        &self.context.online.model(),
                        &record.site,
                        features.language,
                    );
                    let noted = Noted::of(&record, &features, &cutoffs);
                    round.window.insert(guid, noted);
                }
            }
            round.read_from_disk = true;
        }
        round
            .window
            .extend(std::mem::take(&mut *self.notes.checked.lock()));
        for guid in std::mem::take(&mut *self.notes.labelled.lock()) {
            round.window.remove(&guid);
        }
        // Once a minute, or when there are too many, because a walk through the whole window takes
        // some milliseconds.
        if now.abs_diff(round.shortened_at) >= 60_000 || round.window.len() > MOST_IN_WINDOW {
            round.shortened_at = now;
            let mut from = oldest;
            if round.window.len() > MOST_IN_WINDOW {
                let mut times: Vec<Millis> = round.window.values().map(|noted| noted.at).collect();
                // A tenth more is dropped, or the window would be full again at once.
                let surplus = times.len() - MOST_IN_WINDOW / 10 * 9;
                let (_, &mut newest_to_go, _) = times.select_nth_unstable(surplus);
                from = from.max(newest_to_go);
            }
            let before = round.window.len();
            round.window.retain(|_, noted| noted.at >= from);
            if from > oldest {
                count(&self.notes.figures.passed_over, before - round.window.len());
            }
            self.context.store.shorten_window(oldest)?;
            let kept_for = self.notes.policy.kept_for();
            self.context.store.forget_corrections(now - kept_for)?;
        }
        Ok(())
    }

    /// Judges one check again. Returns its new margin in log-odds, and a correction if the verdict
    /// changed. `None` if it may not be corrected any more.
    fn judge_again(
        &self,
        guid: &str,
        oldest: Millis,
        now: Millis,
    ) -> Result<Option<(f64, Option<Correction>)>, StoreError> {
        let still = |r: &Record| r.at >= oldest && r.traces.is_none();
        let Some(record) = self.context.checks.by_guid(guid)?.filter(still) else {
            return Ok(None);
        };
        let Callback::At(callback) = &record.callback else {
            return Ok(None);
        };
        let comment = CommentId::of(&record.site, &record.comment);
        let realm = self.accounts.realm_of_check(&record);
        if self.context.online.is_labelled(&realm, comment)
            || self.accounts.admit_id(&record.key).is_err()
        {
            return Ok(None);
        }
        let before = self.context.store.correction(guid)?;
        let (heard, flips) = match &before {
            Some(correction) => (correction.verdict, correction.flips),
            None => (told(record.assessment.verdict), 0),
        };
        let now_judged = self
            .judging
            .judge(&realm, &record.comment, guid, Counting::Asked)
            .judgement;
        let assessment = &now_judged.assessment;
        let turned = turned(heard, flips, assessment.verdict);
        let margin = margin(
            turned.unwrap_or(heard),
            assessment.log_odds,
            &now_judged.cutoffs,
        );
        let correction = turned.map(|verdict| Correction {
            guid: record.guid.clone(),
            comment,
            key: record.key.clone(),
            callback: callback.clone(),
            post: record.comment.origin.post.clone(),
            parent: record.comment.origin.parent.clone(),
            email: record.comment.author.email.clone(),
            site: record.site,
            verdict,
            flips: flips + 1,
            at: now,
            tries: 0,
            tried_at: None,
            state: CorrectionState::Pending(now),
        });
        Ok(Some((margin, correction)))
    }

    /// Writes corrections to disk, then gives them to delivery.
    pub(crate) fn enqueue(&self, turned: Vec<Correction>) -> Result<(), StoreError> {
        if turned.is_empty() {
            return Ok(());
        }
        let mut due = self.due.lock();
        for flip in &turned {
            // A change back replaces a correction that is still pending. Both count, because a try
            // of the first may have reached the site.
            if let Some(before) = self.context.store.correction(&flip.guid)?
                && let CorrectionState::Pending(next) = before.state
            {
                due.pending.remove(&(next, before.guid));
            }
        }
        self.context.store.put_corrections(&turned)?;
        for flip in turned {
            if let CorrectionState::Pending(next) = flip.state {
                due.pending.insert((next, flip.guid));
            }
        }
        Ok(())
    }

    /// Takes a check out of corrections, because a person labelled its comment.
    pub(crate) fn leave_to_people(&self, record: &Record) {
        if self.notes.is_off() || record.callback == Callback::None {
            return;
        }
        if let Some(guid) = guid_of(&record.guid) {
            self.notes.labelled.lock().push(guid);
        }
        if let Err(error) = self.context.store.leave_window(record) {
            tracing::error!(%error, "a labelled check is still in the window of corrections");
        }
    }
}
