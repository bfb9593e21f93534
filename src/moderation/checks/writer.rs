//! The record writer. Checks that were answered in, rows on disk out, written behind in batches. A
//! thread, because the disk blocks; no check waits for it.

use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::thread::JoinHandle;

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

/// Records written together at most.
const LARGEST_BATCH: usize = 512;

/// What the record writer is asked to do.
pub(crate) enum RecordJob {
    /// Keep a check, and count it.
    Keep(Box<Kept>),
    /// Answer when everything asked before is written.
    Settle(oneshot::Sender<()>),
}

/// A check to be kept, and where it counts.
pub(crate) struct Kept {
    pub(crate) record: Record,
    pub(crate) counts: Counts,
    /// Of the memory for what waits.
    pub(crate) _share: Share,
}

/// Where a check counts.
pub(crate) struct Counts {
    /// Id of the key that it counts for.
    pub(crate) key: String,
    /// Its place in the queue, if a person shall look.
    pub(crate) waiting: Option<Waiting>,
    /// What the model by itself thought.
    pub(crate) seen: BaseScore,
    /// What labels changed; `None` if the comment was counted at an earlier check.
    pub(crate) changed: Option<Changed>,
    /// Whether the site's figures count it: not what another key sends under its name.
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
    // Counts that could not be written go with the next records, so that trouble which passes costs
    // no count.
    let mut sums = Sums::default();
    while let Ok(first) = jobs.recv() {
        let mut batch = Batch::default();
        for job in std::iter::once(first).chain(jobs.try_iter().take(LARGEST_BATCH)) {
            batch.take(job, &mut sums);
        }
        let pulse = &health.pulses.records;
        match pulse.during(|| store.put_records(&batch.records, &batch.waiting, &sums)) {
            Ok(()) => {
                if let Err(error) = store.end_deactivations(&sums.used) {
                    health.complain(&error);
                }
                sums = Sums::default();
            }
            Err(error) => health.complain(&error),
        }
        for reply in batch.settled {
            let _ = reply.send(());
        }
    }
}

/// What is written together.
#[derive(Default)]
struct Batch {
    records: Vec<Record>,
    /// As with records, and unlike counts: one that could not be written is gone with its check.
    waiting: Vec<Waiting>,
    /// Given back when the batch is written.
    shares: Vec<Share>,
    settled: Vec<oneshot::Sender<()>>,
}

impl Batch {
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

/// Where a check counts.
fn figure_of(record: &Record) -> FigureOf {
    FigureOf {
        day: Day::at(record.at),
        site: record.site.clone(),
        lang: record.assessment.lang.clone(),
    }
}

/// Where a check counts.
fn portrait_of(record: &Record) -> ScoreProfileOf {
    ScoreProfileOf {
        day: Day::at(record.at),
        // Languages that nobody taught are looked at together: each by itself has too few.
        lang: Language::group_of_code(&record.assessment.lang).to_owned(),
        model: record.assessment.model.clone(),
    }
}
