//! The record writer: answered checks in, rows on disk out, in batches. It has a thread of its own,
//! because the disk blocks. No check ever waits for it.

use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::oneshot;

use crate::clock::Day;
use crate::moderation::checks::room::Share;
use crate::moderation::health::Health;
use crate::store::{
    Changed, ChangedOf, FigureOf, Record, ScoreProfileOf, Store, Sums, Usage, UsageOf, Verdicts,
    Waiting,
};
use crate::text::Language;
use crate::verdict::BaseScore;

/// How many records are written together at most.
const LARGEST_BATCH: usize = 4_096;
/// How long the writer gathers after the first job: checks that are written together share a row of
/// the store, and counts of the same site one change. With a fifth of a second and the half of one
/// until sled's next sync, a record is on disk within a second.
const GATHERING: Duration = Duration::from_millis(200);
/// How often it looks meanwhile whether anybody waits for it.
const LOOKS: u32 = 10;

/// A job of the record writer.
pub(crate) enum RecordJob {
    /// Write a check, and count it.
    Keep(Box<Kept>),
    /// Answer when all jobs before are done.
    Settle(oneshot::Sender<()>),
}

/// A check to be written, and its counts.
pub(crate) struct Kept {
    pub(crate) record: Arc<Record>,
    pub(crate) counts: Counts,
    /// Its share of the memory for records that wait.
    pub(crate) _share: Share,
}

/// What a check adds to the counts.
pub(crate) struct Counts {
    /// Id of the key that sent it.
    pub(crate) key: String,
    /// Its row in the queue, if a person should look at it.
    pub(crate) waiting: Option<Waiting>,
    /// The base score.
    pub(crate) seen: BaseScore,
    /// What labels changed; `None` if an earlier check has counted the comment.
    pub(crate) changed: Option<Changed>,
    /// Whether the check counts in the site's figures. A check that another key sent under the
    /// site's name does not.
    pub(crate) is_of_site: bool,
}

pub(crate) fn spawn_records(
    jobs: Receiver<RecordJob>,
    store: Arc<Store>,
    health: Arc<Health>,
) -> JoinHandle<()> {
    std::thread::Builder::new()
        .name("records".into())
        .spawn(move || {
            health
                .pulses
                .watched(|| write_records(&jobs, &store, &health))
        })
        .expect("the system lets us start a thread")
}

fn write_records(jobs: &Receiver<RecordJob>, store: &Store, health: &Health) {
    // Counts that could not be written stay here and go with the next records, so a short failure
    // of the disk loses no count. The records themselves are lost.
    let mut sums = Sums::default();
    while let Ok(first) = jobs.recv() {
        let mut batch = Batch::default();
        batch.take(first, &mut sums);
        for _ in 0..LOOKS {
            // Nobody waits for a record; whoever waits for the writer is answered soon.
            if !batch.settled.is_empty() || batch.records.len() >= LARGEST_BATCH {
                break;
            }
            std::thread::sleep(GATHERING / LOOKS);
            batch.take_all(jobs, &mut sums);
        }
        batch.take_all(jobs, &mut sums);
        let pulse = &health.pulses.records;
        let records = batch.records.iter().map(Arc::as_ref);
        match pulse.during(|| store.put_records(records, &batch.waiting, &sums)) {
            Ok(()) => {
                if let Err(error) = store.end_deactivations(&sums.used) {
                    health.complain(&error);
                }
                sums = Sums::default();
            }
            Err(error) => health.complain(&error),
        }
        // Answered after a failed write too: callers only wait until the jobs before theirs are
        // done.
        for reply in batch.settled {
            let _ = reply.send(());
        }
    }
}

/// Jobs that are written together.
#[derive(Default)]
struct Batch {
    records: Vec<Arc<Record>>,
    /// Queue rows. Like records and unlike counts, they are lost if the write fails.
    waiting: Vec<Waiting>,
    /// Given back when the batch is dropped.
    shares: Vec<Share>,
    settled: Vec<oneshot::Sender<()>>,
}

impl Batch {
    /// Takes what is queued, as far as there is room.
    fn take_all(&mut self, jobs: &Receiver<RecordJob>, sums: &mut Sums) {
        let room = LARGEST_BATCH.saturating_sub(self.records.len());
        jobs.try_iter()
            .take(room)
            .for_each(|job| self.take(job, sums));
    }

    fn take(&mut self, job: RecordJob, sums: &mut Sums) {
        match job {
            RecordJob::Keep(kept) => {
                let Kept {
                    record,
                    counts,
                    _share: share,
                } = *kept;
                self.shares.push(share);
                counts.add_to(sums, &record);
                self.waiting.extend(counts.waiting);
                self.records.push(record);
            }
            RecordJob::Settle(reply) => self.settled.push(reply),
        }
    }
}

impl Counts {
    fn add_to(&self, sums: &mut Sums, record: &Record) {
        let verdict = record.assessment.verdict;
        let used = UsageOf {
            key: self.key.clone(),
            day: Day::at(record.at),
            site: record.site.clone(),
        };
        *sums.used.entry(used).or_default() += Usage::of_verdict(verdict);
        if self.is_of_site {
            *sums.figures.entry(figure_of(record)).or_default() += Verdicts::of(verdict);
        }
        let looked = sums.portraits.entry(portrait_of(record)).or_default();
        looked.add(&self.seen);
        if let Some(changed) = self.changed.filter(|_| self.is_of_site) {
            let of = ChangedOf {
                day: Day::at(record.at),
                site: record.site.clone(),
            };
            *sums.changed.entry(of).or_default() += changed;
        }
    }
}

/// The key of its sum among the figures.
fn figure_of(record: &Record) -> FigureOf {
    FigureOf {
        day: Day::at(record.at),
        site: record.site.clone(),
        lang: record.assessment.lang.clone(),
    }
}

/// The key of its sum among the score profiles.
fn portrait_of(record: &Record) -> ScoreProfileOf {
    ScoreProfileOf {
        day: Day::at(record.at),
        // Languages that the model was not taught share one profile: each alone has too few checks.
        lang: Language::group_of_code(&record.assessment.lang).to_owned(),
        model: record.assessment.model.clone(),
    }
}
