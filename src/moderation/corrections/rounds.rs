//! Labels in, earlier verdicts turned: what was checked lately and resembles a labelled comment is judged again, and a site that asked for it hears of a
//! flip. Nothing of this is on the way of a check or a label: both leave a note, one thread does the work, bounded in notes, in rows and in rows a second.
//!
//! A comment that a person labelled is never touched. Sending is `deliveries`; whom may be called is `callback`.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::campaigns::Counting;
use crate::comment::{Comment, CommentId, SiteId};
use crate::features::Features;
use crate::moderation::corrections::callback::{self, Reach};
use crate::moderation::corrections::candidates::{
    MOST_TOGETHER, Search, Sketch, margin, told, turned, urgency,
};
use crate::moderation::judging::opinion::Opinion;
use crate::moderation::{Millis, Moderation, StoreError};
use crate::store::{Callback, Correction, CorrectionState, DAY_MILLIS, Record, whole};
use crate::verdict::Cutoffs;

/// How corrections are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CorrectionPolicy {
    /// Checks of the last so many hours may be corrected; 0 for none.
    pub window_hours: u32,
    /// Which addresses may be called.
    pub reach: Reach,
}

impl CorrectionPolicy {
    /// The longest window: moderators have decided by then.
    pub const MOST_HOURS: u32 = 720;

    fn window(self) -> Millis {
        Millis::from(self.window_hours) * HOUR
    }

    /// How long a correction is kept after it was found: until its check has long left the window, and nobody waits for it any more.
    pub(crate) fn kept_for(self) -> Millis {
        2 * self
            .window()
            .max(crate::moderation::corrections::retry::PATIENCE)
    }
}

const HOUR: Millis = 3_600_000;

/// A moment on each day on which a correction of this check may have been found, under whatever setting.
pub(crate) fn moments_after(record: &Record) -> impl Iterator<Item = Millis> + use<> {
    let is_heard_of = matches!(record.callback, Callback::At(_));
    let days = Millis::from(CorrectionPolicy::MOST_HOURS) * HOUR / DAY_MILLIS;
    let at = record.at;
    (0..=days)
        .filter(move |_| is_heard_of)
        .map(move |day| at + day * DAY_MILLIS)
}

/// A moment on each day on which this correction, or one of the same check before it, may have been found.
pub(crate) fn moments_before(correction: &Correction) -> impl Iterator<Item = Millis> + use<> {
    let days = match correction.flips {
        ..=1 => 0,
        2.. => Millis::from(CorrectionPolicy::MOST_HOURS) * HOUR / DAY_MILLIS,
    };
    let at = correction.at;
    (0..=days).map(move |day| at - day * DAY_MILLIS)
}

/// Checks that can be corrected at once; beyond that the oldest fall out. 200 bytes each.
const MOST_IN_WINDOW: usize = 200_000;
/// Notes of new checks that wait for the next round, and of labels; beyond that they are dropped and counted.
const MOST_NOTES: usize = 16_384;
/// Checks that wait to be judged again; beyond that the least alike are passed over and counted.
const MOST_WAITING: usize = 20_000;
/// Sites whose refused callback is put in the log.
const MOST_SAID_OF: usize = 4_096;
/// How long labels gather before the checks alike are looked for.
const ROUND: Duration = Duration::from_secs(2);
/// Checks judged again in a round: a thousand a second at most.
const ROWS_A_ROUND: usize = 2_000;

/// The notes, and what became of them.
#[derive(Debug, Default)]
pub(crate) struct Corrections {
    pub(crate) policy: CorrectionPolicy,
    checked: Mutex<Vec<(Guid, Noted)>>,
    labelled: Mutex<Vec<Guid>>,
    stirred: Mutex<Vec<Sketch>>,
    /// Before `due`, and after `changing_words`, where several are held.
    pub(crate) round: Mutex<Round>,
    pub(crate) due: Mutex<Due>,
    pub(crate) figures: CorrectionFigures,
    said_of: Mutex<HashSet<SiteId>>,
    stopped: Mutex<bool>,
    stop: Condvar,
}

/// What waits to be sent.
#[derive(Debug, Default)]
pub(crate) struct Due {
    /// In the order of their next try.
    pub(crate) pending: BTreeSet<(Millis, String)>,
    /// Being sent right now.
    pub(crate) under_way: HashSet<String>,
    /// Those whose key was not shown since the start, and since when: a site takes a correction with its key only, and keys are kept nowhere.
    pub(crate) parked: (Millis, HashSet<String>),
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
type Guid = u128;

fn guid_of(text: &str) -> Option<Guid> {
    Guid::from_str_radix(text, 16).ok()
}

/// A check that may be corrected.
#[derive(Debug)]
struct Noted {
    at: Millis,
    /// How far from turning it was when it was judged last.
    margin: f64,
    sketch: Sketch,
}

impl Noted {
    fn of(record: &Record, features: &Features, cutoffs: &Cutoffs) -> Self {
        let assessment = &record.assessment;
        Self {
            at: record.at,
            margin: margin(told(assessment.verdict), assessment.log_odds, cutoffs),
            sketch: Sketch::of(features),
        }
    }
}

/// What the one thread knows that corrects.
#[derive(Debug, Default)]
pub(crate) struct Round {
    read_from_disk: bool,
    window: HashMap<Guid, Noted>,
    /// The most urgent last.
    waiting: BTreeSet<(u32, Guid)>,
    shortened_at: Millis,
}

impl Round {
    /// Lets go of checks that are gone.
    pub(crate) fn leave(&mut self, guids: &HashSet<String>) {
        for guid in guids.iter().filter_map(|guid| guid_of(guid)) {
            self.window.remove(&guid);
        }
    }
}

/// What a round did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Corrected {
    /// Checks judged again.
    pub rows: usize,
    /// Verdicts turned.
    pub flips: usize,
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn note<T>(notes: &Mutex<Vec<T>>, new: T, figures: &CorrectionFigures) {
    let mut notes = lock(notes);
    if notes.len() < MOST_NOTES {
        notes.push(new);
    } else {
        count(&figures.passed_over, 1);
    }
}

impl Corrections {
    fn is_off(&self) -> bool {
        self.policy.window_hours == 0
    }

    /// Reads where a site wants to hear of corrections. What may not be called is said once, here, and kept as refused.
    pub(crate) fn callback_of(&self, comment: &mut Comment, site: &SiteId) -> Callback {
        let Some(wanted) = comment.origin.callback.take().filter(|_| !self.is_off()) else {
            return Callback::None;
        };
        match callback::parse(&wanted, site, self.policy.reach) {
            Ok(url) => Callback::At(url.into()),
            Err(why) => {
                count(&self.figures.refused, 1);
                // Once a site: its every check asks for the same.
                let mut said_of = lock(&self.said_of);
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
    pub(crate) fn stir(&self, features: &Features) {
        if !self.is_off() {
            note(&self.stirred, Sketch::of(features), &self.figures);
        }
    }

    /// Lets the threads end.
    pub(crate) fn close(&self) {
        *lock(&self.stopped) = true;
        self.stop.notify_all();
    }

    /// Waits for the next round; false when the server stops.
    fn wait(&self) -> bool {
        let stopped = lock(&self.stopped);
        let (stopped, _) = self
            .stop
            .wait_timeout_while(stopped, ROUND, |stopped| !*stopped)
            .unwrap_or_else(PoisonError::into_inner);
        !*stopped
    }
}

impl Moderation {
    /// Corrects earlier verdicts from now on, and goes on sending what was found before. Without it, nothing is corrected.
    pub fn with_corrections(mut self, policy: CorrectionPolicy) -> Result<Self, StoreError> {
        let mut due = Due::default();
        for correction in self.store.corrections().filter_map(whole) {
            let correction = correction?;
            if let CorrectionState::Pending(next) = correction.state {
                due.pending.insert((next, correction.guid));
            }
        }
        self.corrections = Corrections {
            policy,
            due: Mutex::new(due),
            ..Corrections::default()
        };
        Ok(self)
    }

    /// Has what was checked lately and resembles this comment judged again, as when its campaign comes to light. Returns at once; the next round does it.
    pub fn look_again(&self, comment: &Comment) {
        self.corrections.stir(&Features::of(comment));
    }

    /// What corrections did since the start.
    pub fn correction_figures(&self) -> &CorrectionFigures {
        &self.corrections.figures
    }

    /// Does round after round until the moderation is closed; give it a thread of its own.
    pub fn keep_correcting(&self) {
        let mut in_trouble = false;
        while self.corrections.wait() {
            match self.correct(ROWS_A_ROUND) {
                Ok(_) if in_trouble => {
                    self.health.set(None);
                    in_trouble = false;
                }
                Ok(_) => {}
                Err(error) => {
                    tracing::error!(%error, "earlier verdicts could not be corrected");
                    self.health.set(Some(error.to_string()));
                    in_trouble = true;
                }
            }
        }
    }

    /// One round: takes the notes, looks for what is alike, judges at most so many checks again, the closest first, and writes down what turned.
    pub fn correct(&self, most_rows: usize) -> Result<Corrected, StoreError> {
        let corrections = &self.corrections;
        if corrections.is_off() {
            return Ok(Corrected::default());
        }
        let now = (self.clock)();
        let mut round = lock(&corrections.round);
        self.bring_up_to_date(&mut round, now)?;
        let stirred: Vec<Sketch> = {
            let mut stirred = lock(&corrections.stirred);
            let first = stirred.len().min(MOST_TOGETHER);
            stirred.drain(..first).collect()
        };
        let oldest = now - corrections.policy.window();
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
            count(&corrections.figures.passed_over, too_many);
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
                // Too old, labelled, or damaged: it will not be asked again.
                Ok(None) => drop(round.window.remove(&guid)),
                Err(error @ StoreError::Damaged { .. }) => {
                    tracing::error!(%error, "passed over");
                    round.window.remove(&guid);
                }
                Err(error) => {
                    round.waiting.insert((u32::MAX, guid));
                    trouble = Some(error);
                    break;
                }
            }
        }
        corrected.flips = turned.len();
        count(&corrections.figures.rows, corrected.rows);
        count(&corrections.figures.flips, corrected.flips);
        let guids: Vec<Guid> = turned.iter().filter_map(|c| guid_of(&c.guid)).collect();
        if let Err(error) = self.enqueue(turned) {
            // They have turned all the same: the next round finds them again.
            let again = guids.into_iter().map(|guid| (u32::MAX, guid));
            round.waiting.extend(again);
            return Err(error);
        }
        trouble.map_or(Ok(corrected), Err)
    }

    /// Takes the notes of checks and labels in, and lets go of what is too old.
    fn bring_up_to_date(&self, round: &mut Round, now: Millis) -> Result<(), StoreError> {
        let oldest = now - self.corrections.policy.window();
        if !round.read_from_disk {
            for item in self.store.window(oldest).take(MOST_IN_WINDOW) {
                let (_, guid) = item?;
                let Ok(Some(record)) = self.store.record(&guid) else {
                    continue;
                };
                if record.traces.is_some() {
                    continue;
                }
                if let Some(guid) = guid_of(&guid) {
                    let features = Features::of(&record.comment);
                    let cutoffs =
                        self.site_cutoffs(&self.online.model(), &record.site, features.language);
                    let noted = Noted::of(&record, &features, &cutoffs);
                    round.window.insert(guid, noted);
                }
            }
            round.read_from_disk = true;
        }
        round
            .window
            .extend(std::mem::take(&mut *lock(&self.corrections.checked)));
        for guid in std::mem::take(&mut *lock(&self.corrections.labelled)) {
            round.window.remove(&guid);
        }
        // Once a minute, and when there are too many: walking the whole window costs some milliseconds.
        if now.abs_diff(round.shortened_at) >= 60_000 || round.window.len() > MOST_IN_WINDOW {
            round.shortened_at = now;
            let mut from = oldest;
            if round.window.len() > MOST_IN_WINDOW {
                let mut times: Vec<Millis> = round.window.values().map(|noted| noted.at).collect();
                // A tenth more than must go, or it would be as full again at once.
                let surplus = times.len() - MOST_IN_WINDOW / 10 * 9;
                let (_, &mut newest_to_go, _) = times.select_nth_unstable(surplus);
                from = from.max(newest_to_go);
            }
            let before = round.window.len();
            round.window.retain(|_, noted| noted.at >= from);
            if from > oldest {
                count(
                    &self.corrections.figures.passed_over,
                    before - round.window.len(),
                );
            }
            self.store.shorten_window(oldest)?;
            let kept_for = self.corrections.policy.kept_for();
            self.store.forget_corrections(now - kept_for)?;
        }
        Ok(())
    }

    /// Judges one check again: how far it is from turning, and a correction if it has. `None` if it may not be corrected any more.
    fn judge_again(
        &self,
        guid: &str,
        oldest: Millis,
        now: Millis,
    ) -> Result<Option<(f64, Option<Correction>)>, StoreError> {
        let still = |r: &Record| r.at >= oldest && r.traces.is_none();
        let Some(record) = self.record_by_guid(guid)?.filter(still) else {
            return Ok(None);
        };
        let Callback::At(callback) = &record.callback else {
            return Ok(None);
        };
        let comment = CommentId::of(&record.site, &record.comment);
        let realm = self.realm_of_check(&record);
        if self.online.is_labelled(&realm, comment) || self.admit_id(&record.key).is_err() {
            return Ok(None);
        }
        let before = self.store.correction(guid)?;
        let (heard, flips) = match &before {
            Some(correction) => (correction.verdict, correction.flips),
            None => (told(record.assessment.verdict), 0),
        };
        let Opinion {
            assessment,
            cutoffs,
            ..
        } = self.opinion(&realm, &record.comment, guid, Counting::Asked);
        let turned = turned(heard, flips, assessment.verdict);
        let margin = margin(turned.unwrap_or(heard), assessment.log_odds, &cutoffs);
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

    /// Makes flips durable, then lets them be sent.
    pub(crate) fn enqueue(&self, turned: Vec<Correction>) -> Result<(), StoreError> {
        if turned.is_empty() {
            return Ok(());
        }
        let mut due = lock(&self.corrections.due);
        for flip in &turned {
            // A flip back takes the place of one that still waits. Both count, for a try of the first may have reached the site.
            if let Some(before) = self.store.correction(&flip.guid)?
                && let CorrectionState::Pending(next) = before.state
            {
                due.pending.remove(&(next, before.guid));
            }
        }
        self.store.put_corrections(&turned)?;
        for flip in turned {
            if let CorrectionState::Pending(next) = flip.state {
                due.pending.insert((next, flip.guid));
            }
        }
        Ok(())
    }

    /// A check whose comment a person labelled is left alone from now on.
    pub(crate) fn leave_to_people(&self, record: &Record) {
        if self.corrections.is_off() || record.callback == Callback::None {
            return;
        }
        if let Some(guid) = guid_of(&record.guid) {
            lock(&self.corrections.labelled).push(guid);
        }
        if let Err(error) = self.store.leave_window(record) {
            tracing::error!(%error, "a labelled check is still in the window of corrections");
        }
    }
}
