//! The label writer: labels and operator events in; they are gathered, written, counted and then
//! answered. It has a thread of its own, because the disk blocks. No other thread changes the
//! layers. Never answers before the disk has a label.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::JoinHandle;

use tokio::sync::{mpsc, oneshot};

use crate::clock::Day;
use crate::clock::Millis;
use crate::learn::online::trust::{FLOOD, Floods, Place};
use crate::learn::online::{Effect, Now, Online};
use crate::model::Model;
use crate::moderation::health::Health;
use crate::moderation::ledger::error::{LabelError, UndoError};
use crate::moderation::ledger::undo::{self, Undone};
use crate::store::{LedgerEntry, Ruling, Selection, Seq, Store, StoreError, Sums, Usage, UsageOf};

/// How many labels are written together at most. A sync costs the same for one label as for
/// hundreds.
const LARGEST_BATCH: usize = 512;

pub(crate) type Reply = oneshot::Sender<Result<Effect, LabelError>>;

/// A job of the label writer.
pub(crate) enum Job {
    /// One label, and the id of the key that sent it.
    Label(LedgerEntry, String, Reply),
    /// Labels and operator events of an export, in its order; the answer is how many of each were
    /// new.
    Import(
        Vec<LedgerEntry>,
        Vec<Ruling>,
        Novelty,
        oneshot::Sender<Result<(usize, usize), LabelError>>,
    ),
    /// Undo the chosen labels, at this time.
    Undo(
        Selection,
        Millis,
        oneshot::Sender<Result<Undone, UndoError>>,
    ),
    /// Compute the layers again, because the owners of sites changed.
    FoldAnew(oneshot::Sender<Result<(), StoreError>>),
    /// Replace the live model, with layers computed for it from the same ledger.
    Swap(Arc<Model>, oneshot::Sender<Result<(), StoreError>>),
    /// Write an operator event, and compute the layers again.
    Rule(Ruling, oneshot::Sender<Result<Seq, StoreError>>),
}

/// Whether labels may be in the ledger already. To find out takes a walk through all of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Novelty {
    Unknown,
    Certain,
}

/// The state of the writer: the only one that appends to the ledger and changes the layers.
pub(crate) struct LabelWriter {
    last_seq: Seq,
    last_at: Millis,
    store: Arc<Store>,
    online: Arc<Online>,
    health: Arc<Health>,
    floods: Floods,
}

/// How far a clock may go back without a warning, in milliseconds. Machines correct their clocks by
/// this much all the time.
const CLOCK_SLACK_MS: Millis = 2_000;

impl LabelWriter {
    pub(crate) fn new(
        last_seq: Seq,
        last_at: Millis,
        store: Arc<Store>,
        online: Arc<Online>,
        health: Arc<Health>,
    ) -> Self {
        Self {
            last_seq,
            last_at,
            store,
            online,
            health,
            floods: Floods::default(),
        }
    }

    pub(crate) fn spawn(mut self, mut jobs: mpsc::Receiver<Job>) -> JoinHandle<()> {
        std::thread::Builder::new()
            .name("labels".into())
            .spawn(move || {
                let health = Arc::clone(&self.health);
                health.pulses.watched(|| self.write_all(&mut jobs));
            })
            .expect("the system lets us start a thread")
    }

    fn write_all(&mut self, jobs: &mut mpsc::Receiver<Job>) {
        while let Some(first) = jobs.blocking_recv() {
            let mut batch = Vec::new();
            let mut next = Some(first);
            while let Some(job) = next {
                match job {
                    Job::Label(entry, key, reply) => batch.push((entry, key, reply)),
                    other => {
                        // Labels that came before this job are written before it.
                        self.write_labels(std::mem::take(&mut batch));
                        self.do_alone(other);
                    }
                }
                next = if batch.len() < LARGEST_BATCH {
                    jobs.try_recv().ok()
                } else {
                    None
                };
            }
            self.write_labels(batch);
        }
    }

    fn put_down(&self, entries: &[LedgerEntry]) -> Result<(), StoreError> {
        let pulse = &self.health.pulses.labels;
        pulse.during(|| self.store.append(entries))
    }

    fn put_down_ruling(&self, ruling: &Ruling) -> Result<(), StoreError> {
        let pulse = &self.health.pulses.labels;
        pulse.during(|| self.store.append_ruling(ruling))
    }

    fn do_alone(&mut self, job: Job) {
        match job {
            Job::Label(entry, key, reply) => self.write_labels(vec![(entry, key, reply)]),
            Job::Import(entries, rulings, novelty, reply) => {
                let imported = self.import(entries, rulings, novelty).map_err(|error| {
                    self.health.complain(&error);
                    LabelError::NotStored(error.to_string())
                });
                let _ = reply.send(imported);
            }
            Job::Undo(selection, at, reply) => {
                let _ = reply.send(self.undo(selection, at));
            }
            Job::Rule(ruling, reply) => {
                let _ = reply.send(self.rule(ruling));
            }
            Job::FoldAnew(reply) => {
                let _ = reply.send(self.fold_anew(self.online.model()));
            }
            Job::Swap(model, reply) => {
                let _ = reply.send(self.fold_anew(model));
            }
        }
    }

    fn write_labels(&mut self, batch: Vec<(LedgerEntry, String, Reply)>) {
        let (entries, waiting) = self.placed(batch);
        let Some(last) = entries.last() else { return };
        // If the write fails, the batch may or may not be on disk. So its places are never used
        // again.
        self.last_seq = last.seq;
        match self.put_down(&entries) {
            Ok(()) => {
                self.health.set(None);
                self.fold_and_answer(&entries, waiting);
            }
            Err(error) => {
                self.health.complain(&error);
                for (_, reply) in waiting {
                    let _ = reply.send(Err(LabelError::NotStored(error.to_string())));
                }
            }
        }
    }

    /// The labels that need an entry, with their places in the ledger, and who waits for each. A
    /// label that repeats the comment's current label needs none and is answered here. A repeat
    /// within one batch is noticed later, when it is counted.
    fn placed(
        &self,
        batch: Vec<(LedgerEntry, String, Reply)>,
    ) -> (Vec<LedgerEntry>, Vec<(String, Reply)>) {
        let mut entries: Vec<LedgerEntry> = Vec::with_capacity(batch.len());
        let mut waiting = Vec::with_capacity(batch.len());
        let mut seq = self.last_seq;
        for (mut entry, key, reply) in batch {
            let realm = self.online.realm_of(&entry);
            let is_of_batch = entries
                .iter()
                .any(|e| (e.comment, &e.site) == (entry.comment, &entry.site));
            if !is_of_batch && self.online.stands_at(&realm, entry.comment, entry.label) {
                let _ = reply.send(Ok(Effect::Known));
                continue;
            }
            seq += 1;
            entry.seq = seq;
            entries.push(entry);
            waiting.push((key, reply));
        }
        (entries, waiting)
    }

    /// Counts the labels that are on disk, counts contradictions, then answers.
    fn fold_and_answer(&mut self, entries: &[LedgerEntry], waiting: Vec<(String, Reply)>) {
        let mut sums = Sums::default();
        let mut answers = Vec::with_capacity(waiting.len());
        for (entry, (key, reply)) in entries.iter().zip(waiting) {
            // Counted before it is answered, so that the sender's next check knows the label.
            let effect = self.online.fold(entry);
            self.look_at(entry);
            if let Some(usage) = contradiction(entry, effect) {
                let of = UsageOf {
                    key,
                    day: Day::at(entry.at),
                    site: entry.site.clone(),
                };
                *sums.used.entry(of).or_default() += usage;
            }
            answers.push((reply, effect));
        }
        if !sums.used.is_empty() {
            let pulse = &self.health.pulses.labels;
            // The labels are on disk already. A usage count that cannot be written does not undo
            // them.
            if let Err(error) = pulse.during(|| self.store.put_records([], &[], &sums)) {
                self.health.complain(&error);
            }
        }
        for (reply, effect) in answers {
            let _ = reply.send(Ok(effect));
        }
    }

    /// Warns the operator about a new label: it is quarantined, one key gives too many labels, or
    /// the clock went back.
    fn look_at(&mut self, entry: &LedgerEntry) {
        let LedgerEntry { key_name, site, .. } = entry;
        match self.online.now(entry) {
            Now::Counted(Place::Quarantined) => {
                self.health
                    .labels_quarantined
                    .fetch_add(1, Ordering::Relaxed);
                self.health.warn(
                    format!("quarantine {key_name}"),
                    format!("the key {key_name:?} contradicts many others, last on {site}; such labels count on their own site alone (phin labels --quarantined)"),
                );
            }
            Now::Counted(Place::Withheld) => {
                self.health.labels_withheld.fetch_add(1, Ordering::Relaxed);
            }
            _ => {}
        }
        if self.floods.count(key_name, entry.at) {
            self.health.floods.fetch_add(1, Ordering::Relaxed);
            self.health.warn(
                format!("flood {key_name}"),
                format!("the key {key_name:?} said {FLOOD} labels within an hour; if that is not you at work, see phin labels --key and phin undo --key"),
            );
        }
        if entry.at + CLOCK_SLACK_MS < self.last_at {
            let seconds = (self.last_at - entry.at) / 1_000;
            self.health.warn(
                "clock".into(),
                format!("the clock went back by {seconds} s; labels are kept in the order they came, each with the time the clock said, and --since and --until go by that time"),
            );
        }
        self.last_at = entry.at;
    }

    fn import(
        &mut self,
        entries: Vec<LedgerEntry>,
        rulings: Vec<Ruling>,
        novelty: Novelty,
    ) -> Result<(usize, usize), StoreError> {
        let known: HashSet<u64> = match novelty {
            Novelty::Unknown => self
                .store
                .ledger(0)
                .filter_map(|entry| entry.ok().map(|e| e.event))
                .collect(),
            Novelty::Certain => HashSet::new(),
        };
        let mut fresh: Vec<LedgerEntry> = entries
            .into_iter()
            .filter(|e| !known.contains(&e.event))
            .collect();
        let ruled: HashSet<u64> = self.store.rulings()?.iter().map(|r| r.event).collect();
        let mut rulings: Vec<Ruling> = rulings
            .into_iter()
            .filter(|r| !ruled.contains(&r.event))
            .collect();
        // The places count as used even if the disk refuses: no place is used twice.
        self.last_seq = new_places(self.last_seq, &mut fresh, &mut rulings);
        for part in fresh.chunks(LARGEST_BATCH) {
            self.put_down(part)?;
            for entry in part {
                self.online.fold(entry);
            }
        }
        for ruling in &rulings {
            self.put_down_ruling(ruling)?;
        }
        let fresh_rulings = rulings.len();
        if fresh_rulings > 0 {
            self.fold_anew(self.online.model())?;
        }
        Ok((fresh.len(), fresh_rulings))
    }

    fn undo(&mut self, selection: Selection, at: Millis) -> Result<Undone, UndoError> {
        let learnt = self.online.model().card.ledger_seq;
        let chosen = undo::choose(&self.store, &selection, learnt)?;
        let (ruling, undone) = chosen.into_ruling(selection, at);
        let seq = Some(self.rule(ruling)?);
        Ok(Undone { seq, ..undone })
    }

    fn rule(&mut self, mut ruling: Ruling) -> Result<Seq, StoreError> {
        self.last_seq += 1;
        ruling.seq = self.last_seq;
        let written = self.put_down_ruling(&ruling);
        written
            .and_then(|()| self.fold_anew(self.online.model()))
            .inspect_err(|error| self.health.complain(error))?;
        tracing::debug!(
            seq = ruling.seq,
            "an undo or a vouch was applied, and all labels were counted anew"
        );
        Ok(ruling.seq)
    }

    /// Computes the layers again. Checks use the old model and layers until the new ones are
    /// complete. Labels that come meanwhile wait in the queue and are counted in the new layers.
    fn fold_anew(&mut self, model: Arc<Model>) -> Result<(), StoreError> {
        let rulings = self.store.rulings()?;
        let anew = undo::folded(&self.store, &self.online, model, &rulings)?;
        self.online.adopt(anew);
        Ok(())
    }
}

/// New places for labels and operator events of another ledger, counted together and in their old
/// order. Returns the last place.
fn new_places(last: Seq, labels: &mut [LedgerEntry], rulings: &mut [Ruling]) -> Seq {
    let mut last = last;
    let mut next = || {
        last += 1;
        last
    };
    let mut rulings = rulings.iter_mut().peekable();
    for label in labels {
        while let Some(ruling) = rulings.next_if(|ruling| ruling.seq < label.seq) {
            ruling.seq = next();
        }
        label.seq = next();
    }
    for ruling in rulings {
        ruling.seq = next();
    }
    last
}

/// A label that contradicts the verdict counts as a mistake of the filter. A label that was known,
/// or that went back to the verdict, does not.
fn contradiction(entry: &LedgerEntry, effect: Effect) -> Option<Usage> {
    let counts = matches!(effect, Effect::Learnt | Effect::Turned);
    let contradicts = entry.machine == Some(entry.label.opposite());
    (counts && contradicts).then(|| Usage::of_contradiction(entry.label))
}
