//! The two writers: labels (gathered, made durable, folded, answered) and records with what they used (written behind). Threads, because the disk blocks.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::thread::JoinHandle;

use tokio::sync::{mpsc, oneshot};

use super::{Effect, Health, LabelError, Millis};
use crate::comment::SiteId;
use crate::features::FeatureId;
use crate::learn::online::Online;
use crate::store::{Day, LedgerEntry, Record, Seq, Store, StoreError, Usage, UsageOf};

/// Labels written together at most: a flush costs the same for one as for hundreds.
const LARGEST_BATCH: usize = 512;

pub(super) type Reply = oneshot::Sender<Result<Effect, LabelError>>;

/// What the label writer is asked to do.
pub(super) enum Job {
    /// One label, and the secret of the key it came with.
    Label(LedgerEntry, String, Reply),
    /// Entries of an export, in its order; answers how many were new.
    Import(
        Vec<LedgerEntry>,
        Novelty,
        oneshot::Sender<Result<usize, LabelError>>,
    ),
}

/// Whether entries may be in the ledger already; to find out takes a walk through all of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Novelty {
    Unknown,
    Certain,
}

pub(super) fn features_of(store: &Store, seq: Seq) -> Option<Vec<FeatureId>> {
    store.entry(seq).ok().flatten().map(|entry| entry.features)
}

pub(super) fn spawn_labels(
    mut jobs: mpsc::Receiver<Job>,
    mut last_seq: Seq,
    store: Arc<Store>,
    online: Arc<Online>,
    health: Arc<Health>,
) -> JoinHandle<()> {
    std::thread::Builder::new()
        .name("labels".into())
        .spawn(move || {
            while let Some(first) = jobs.blocking_recv() {
                let mut batch = Vec::new();
                let mut next = Some(first);
                while let Some(job) = next {
                    match job {
                        Job::Label(entry, key, reply) => batch.push((entry, key, reply)),
                        Job::Import(entries, novelty, reply) => {
                            write_labels(
                                std::mem::take(&mut batch),
                                &mut last_seq,
                                &store,
                                &online,
                                &health,
                            );
                            let _ = reply.send(import(
                                entries,
                                novelty,
                                &mut last_seq,
                                &store,
                                &online,
                                &health,
                            ));
                        }
                    }
                    next = if batch.len() < LARGEST_BATCH {
                        jobs.try_recv().ok()
                    } else {
                        None
                    };
                }
                write_labels(batch, &mut last_seq, &store, &online, &health);
            }
        })
        .expect("the system lets us start a thread")
}

fn write_labels(
    batch: Vec<(LedgerEntry, String, Reply)>,
    last_seq: &mut Seq,
    store: &Store,
    online: &Online,
    health: &Health,
) {
    // Saying the same again needs no entry; within one batch the fold finds it out.
    let mut entries = Vec::with_capacity(batch.len());
    let mut waiting = Vec::with_capacity(batch.len());
    let mut seq = *last_seq;
    for (mut entry, key, reply) in batch {
        if online.stands_at(&entry.site, entry.comment, entry.label)
            && entries
                .iter()
                .all(|e: &LedgerEntry| (e.comment, &e.site) != (entry.comment, &entry.site))
        {
            let _ = reply.send(Ok(Effect::Known));
            continue;
        }
        seq += 1;
        entry.seq = seq;
        entries.push(entry);
        waiting.push((key, reply));
    }
    if entries.is_empty() {
        return;
    }
    match store.append(&entries) {
        Ok(()) => {
            *last_seq = seq;
            health.set(None);
            let mut used = HashMap::new();
            let mut answers = Vec::with_capacity(waiting.len());
            for (entry, (key, reply)) in entries.iter().zip(waiting) {
                let effect = online.fold(entry, |seq| {
                    entries
                        .iter()
                        .find(|e| e.seq == seq)
                        .map(|e| e.features.clone())
                        .or_else(|| features_of(store, seq))
                });
                if let Some(usage) = contradiction(entry, effect) {
                    *used
                        .entry(usage_of(key, entry.at, &entry.site))
                        .or_default() += usage;
                }
                answers.push((reply, effect));
            }
            // The labels are safe already: a count that cannot be written takes none of them back.
            if !used.is_empty()
                && let Err(error) = store.put_records([], &used)
            {
                complain(&error, health);
            }
            for (reply, effect) in answers {
                let _ = reply.send(Ok(effect));
            }
        }
        Err(error) => {
            complain(&error, health);
            // The batch may or may not be on disk: its places are never given out again.
            *last_seq = seq;
            for (_, reply) in waiting {
                let _ = reply.send(Err(LabelError::NotStored(error.to_string())));
            }
        }
    }
}

/// A label that says the machine was wrong counts as its mistake; one that was known or went back to the machine's verdict does not.
fn contradiction(entry: &LedgerEntry, effect: Effect) -> Option<Usage> {
    let counts = matches!(effect, Effect::Learnt | Effect::Turned);
    let contradicts = entry.machine == Some(entry.label.opposite());
    (counts && contradicts).then(|| Usage::of_contradiction(entry.label))
}

fn usage_of(key: String, at: Millis, site: &SiteId) -> UsageOf {
    UsageOf {
        key,
        day: Day::at(at),
        site: site.clone(),
    }
}

fn import(
    entries: Vec<LedgerEntry>,
    novelty: Novelty,
    last_seq: &mut Seq,
    store: &Store,
    online: &Online,
    health: &Health,
) -> Result<usize, LabelError> {
    let not_stored = |error: StoreError| {
        complain(&error, health);
        LabelError::NotStored(error.to_string())
    };
    let known: HashSet<u64> = match novelty {
        Novelty::Unknown => store
            .ledger(0)
            .filter_map(|entry| entry.ok().map(|e| e.event))
            .collect(),
        Novelty::Certain => HashSet::new(),
    };
    let mut fresh: Vec<LedgerEntry> = entries
        .into_iter()
        .filter(|e| !known.contains(&e.event))
        .collect();
    for (entry, seq) in fresh.iter_mut().zip(*last_seq + 1..) {
        entry.seq = seq;
    }
    for part in fresh.chunks(LARGEST_BATCH) {
        store.append(part).map_err(not_stored)?;
        *last_seq = part.last().map_or(*last_seq, |e| e.seq);
        for entry in part {
            online.fold(entry, |seq| features_of(store, seq));
        }
    }
    Ok(fresh.len())
}

/// What the record writer is asked to do.
pub(super) enum RecordJob {
    /// Keep a check, and count it for the key with this secret.
    Keep(Box<Record>, String),
    /// Answer when everything asked before is written.
    Settle(oneshot::Sender<()>),
}

pub(super) fn spawn_records(
    jobs: Receiver<RecordJob>,
    store: Arc<Store>,
    health: Arc<Health>,
) -> JoinHandle<()> {
    std::thread::Builder::new()
        .name("records".into())
        .spawn(move || {
            // Counts that could not be written go with the next records, so that trouble which passes costs no count.
            let mut used: HashMap<UsageOf, Usage> = HashMap::new();
            while let Ok(first) = jobs.recv() {
                let (mut records, mut settled) = (Vec::new(), Vec::new());
                for job in std::iter::once(first).chain(jobs.try_iter().take(LARGEST_BATCH)) {
                    match job {
                        RecordJob::Keep(record, key) => {
                            *used
                                .entry(usage_of(key, record.at, &record.site))
                                .or_default() += Usage::of_verdict(record.assessment.verdict);
                            records.push(record);
                        }
                        RecordJob::Settle(reply) => settled.push(reply),
                    }
                }
                match store.put_records(records.iter().map(Box::as_ref), &used) {
                    Ok(()) => {
                        if let Err(error) = store.end_deactivations(&used) {
                            complain(&error, &health);
                        }
                        used.clear();
                    }
                    Err(error) => complain(&error, &health),
                }
                for reply in settled {
                    let _ = reply.send(());
                }
            }
        })
        .expect("the system lets us start a thread")
}

fn complain(error: &StoreError, health: &Health) {
    tracing::error!(%error, "the store has trouble");
    health.set(Some(error.to_string()));
}
