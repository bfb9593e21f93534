//! A candidate in the shadow: answered checks in, a report of the differences to the live model
//! out. It judges the same checks, and its verdicts are only counted. Never changes an answer.
//!
//! A check that was answered leaves a copy in a bounded queue, or is counted as dropped; one thread
//! asks the candidate. The candidate has layers of its own, computed from the same ledger, so that
//! it knows what it would know if it were live. Campaigns, lists and settings of sites are those of
//! the server. A shadow ends with the server.

mod figures;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use parking_lot::RwLock;
use tokio::sync::oneshot;

use crate::blocking::{WorkFailed, run_blocking};
use crate::campaigns::Counting;
use crate::clock::Clock;
use crate::comment::Comment;
use crate::learn::online::Online;
use crate::learn::online::realm::Realm;
use crate::model::Model;
use crate::model::file::ModelFileError;
use crate::model::registry::ModelRegistry;
use crate::moderation::accounts::Accounts;
use crate::moderation::checks::room::{Room, Share, bytes_of};
use crate::moderation::context::Context;
use crate::moderation::judging::Judging;
use crate::moderation::ledger::error::LabelError;
use crate::moderation::ledger::fold::{fold_ledger, rulings_under_owners};
use crate::moderation::models::shadow::figures::{Answered, Figures};
use crate::store::{Record, Seq, Store, StoreError, whole};

pub use crate::moderation::models::shadow::figures::{Difference, Part, ShadowReport, VerdictPair};

/// How many checks may wait for the candidate. Beyond that they are dropped and counted, because a
/// check must not wait. They take some megabytes, and at most `QUEUE_BYTES`.
const QUEUE: usize = 1_024;
/// Memory for checks that wait, in bytes.
const QUEUE_BYTES: u32 = 32 << 20;

/// Memory for the candidate's layers of single sites, in bytes.
const LAYERS_BYTES: usize = 64 << 20;

/// The candidate in the shadow, if there is one.
#[derive(Debug)]
pub struct Shadow {
    store: Arc<Store>,
    online: Arc<Online>,
    clock: Clock,
    accounts: Arc<Accounts>,
    judging: Arc<Judging>,
    /// The registry of models, if there is one.
    shelf: Option<ModelRegistry>,
    /// Whether there is a candidate. Each check looks at this flag first, so that without a
    /// candidate it costs nothing more.
    listens: Arc<AtomicBool>,
    running: RwLock<Option<Running>>,
    /// Held while a shadow begins or ends.
    changing: tokio::sync::Mutex<()>,
}

#[derive(Debug)]
struct Running {
    candidate: String,
    queue: SyncSender<Job>,
    room: Room,
    counts: Arc<ShadowCounts>,
    thread: JoinHandle<ShadowReport>,
}

#[derive(Debug)]
enum Job {
    Compare(Box<(Answered, Realm, Comment)>, Share),
    /// Send the report of all checks before.
    Tell(oneshot::Sender<ShadowReport>),
}

/// Counts of checks since the candidate began.
#[derive(Debug, Default)]
pub struct ShadowCounts {
    /// Both models gave the same verdict.
    pub same: AtomicU64,
    /// The models gave two verdicts.
    pub differ: AtomicU64,
    /// Checks that were not compared.
    pub dropped: AtomicU64,
}

/// Why there is no candidate in the shadow, or no report.
#[derive(Debug, thiserror::Error)]
pub enum ShadowError {
    /// The model cannot be loaded.
    #[error(transparent)]
    ModelRegistry(#[from] ModelFileError),
    /// The ledger for its layers cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The server is stopping.
    #[error(transparent)]
    Label(#[from] LabelError),
    /// It is the live model.
    #[error("{0} is the live model: beside itself it would never differ")]
    Live(String),
    /// Another candidate is in the shadow.
    #[error(
        "{0} is beside the live model already; phin models shadow off ends that and prints its report"
    )]
    Taken(String),
    /// There is no candidate in the shadow.
    #[error("no model is beside the live one; phin models shadow MODEL begins")]
    Off,
    /// Its thread has failed.
    #[error("the comparison broke off; the log of the server says why")]
    Broken,
    /// This server has no registry.
    #[error("this server keeps no models")]
    NoShelf,
}

impl From<WorkFailed> for ShadowError {
    fn from(failed: WorkFailed) -> Self {
        StoreError::from(failed).into()
    }
}

impl Shadow {
    /// Begins without a candidate.
    pub(crate) fn open(
        context: &Context,
        accounts: &Arc<Accounts>,
        judging: &Arc<Judging>,
        shelf: Option<ModelRegistry>,
    ) -> Self {
        Self {
            store: Arc::clone(&context.store),
            online: Arc::clone(&context.online),
            clock: context.clock,
            accounts: Arc::clone(accounts),
            judging: Arc::clone(judging),
            shelf,
            listens: Arc::default(),
            running: RwLock::default(),
            changing: tokio::sync::Mutex::default(),
        }
    }

    /// Gives a check that was just answered to the candidate. Never waits.
    pub(crate) fn offer(&self, record: &Record, realm: &Realm) {
        if !self.listens.load(Ordering::Relaxed) {
            return;
        }
        let running = self.running.read();
        let Some(running) = &*running else { return };
        let answered = Answered {
            guid: record.guid.clone(),
            at: record.at,
            site: record.site.clone(),
            verdict: record.assessment.verdict,
            probability: record.assessment.probability,
            model: record.assessment.model.clone(),
        };
        let share = running.room.take(bytes_of(record));
        let job = |share| {
            Job::Compare(
                Box::new((answered, realm.clone(), record.comment.clone())),
                share,
            )
        };
        // `try_send` and a share of memory: if either is used up, the check is dropped and counted.
        if share.is_none_or(|share| running.queue.try_send(job(share)).is_err()) {
            running.counts.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn with<T>(&self, use_it: impl FnOnce(&Running) -> T) -> Option<T> {
        let running = self.running.read();
        running.as_ref().map(use_it)
    }

    fn put(&self, running: Option<Running>) -> Option<Running> {
        self.listens.store(running.is_some(), Ordering::Relaxed);
        let mut place = self.running.write();
        std::mem::replace(&mut place, running)
    }

    /// Ends the shadow. The checks that wait are compared first, and this call waits for that.
    pub(crate) fn stop(&self) -> Option<Result<ShadowReport, ShadowError>> {
        let Running { queue, thread, .. } = self.put(None)?;
        // The thread ends when the last sender is dropped and the queue is empty.
        drop(queue);
        Some(thread.join().map_err(|_| ShadowError::Broken))
    }
}

/// The candidate, and how far it has read the ledger.
struct Candidate {
    model: Arc<Model>,
    online: Online,
    last_label: Seq,
    last_ruling: Seq,
    owners_noted: u64,
}

impl Candidate {
    /// Reads the whole ledger into layers of its own. The live layers are not used, so no check and
    /// no label waits.
    fn open(model: Arc<Model>, store: &Arc<Store>, owners_noted: u64) -> Result<Self, StoreError> {
        let rulings = store.rulings()?;
        let online = Online::new(
            Arc::<Store>::clone(store),
            Arc::clone(&model),
            rulings_under_owners(store, &rulings)?,
            LAYERS_BYTES,
        );
        let last_label = fold_ledger(store, &online, |_| {})?;
        Ok(Self {
            model,
            online,
            last_label,
            last_ruling: rulings.last().map_or(0, |ruling| ruling.seq),
            owners_noted,
        })
    }

    /// Reads the labels that are new in the ledger. An operator event or a new owner changes older
    /// labels too, so after one of these the whole ledger is read again.
    fn catch_up(&mut self, store: &Arc<Store>, owners_noted: u64) -> Result<(), StoreError> {
        if store.last_ruling()? != self.last_ruling || owners_noted != self.owners_noted {
            *self = Self::open(Arc::clone(&self.model), store, owners_noted)?;
        }
        for entry in store.ledger(self.last_label).filter_map(whole) {
            let entry = entry?;
            self.online.fold(&entry);
            self.last_label = entry.seq;
        }
        Ok(())
    }
}

/// What the comparing thread owns.
struct Comparison {
    store: Arc<Store>,
    accounts: Arc<Accounts>,
    judging: Arc<Judging>,
    listens: Arc<AtomicBool>,
    candidate: Candidate,
    figures: Figures,
    counts: Arc<ShadowCounts>,
    went_live: bool,
    in_trouble: bool,
}

impl Comparison {
    fn run(mut self, jobs: &Receiver<Job>) -> ShadowReport {
        while let Ok(job) = jobs.recv() {
            match job {
                Job::Compare(check, _share) => self.compare(*check),
                Job::Tell(reply) => drop(reply.send(self.report())),
            }
        }
        self.report()
    }

    fn report(&self) -> ShadowReport {
        let dropped = self.counts.dropped.load(Ordering::Relaxed);
        let id = &self.candidate.model.card.id;
        self.figures.report(id, dropped, self.went_live)
    }

    fn compare(&mut self, (answered, realm, comment): (Answered, Realm, Comment)) {
        // The candidate has become the live model: there is nothing left to compare.
        if answered.model == self.candidate.model.card.id {
            self.went_live = true;
            self.listens.store(false, Ordering::Relaxed);
            return;
        }
        if answered.model != self.figures.live() {
            self.figures = Figures::new(answered.model.clone(), answered.at);
        }
        if let Err(error) = self.candidate.catch_up(
            &self.store,
            self.accounts.owners_noted.load(Ordering::Acquire),
        ) {
            if !self.in_trouble {
                tracing::error!(%error, "the model in the shadow cannot learn; checks are not compared");
            }
            self.in_trouble = true;
            self.counts.dropped.fetch_add(1, Ordering::Relaxed);
            return;
        }
        self.in_trouble = false;
        // `Asked` and not `Noted`: campaigns must not remember a comment because of the candidate.
        let judged = self.judging.judge_under(
            &self.candidate.online,
            &realm,
            &comment,
            &answered.guid,
            Counting::Asked,
        );
        let counter = match self.figures.count(answered, &judged.judgement.assessment) {
            true => &self.counts.differ,
            false => &self.counts.same,
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }
}

impl Shadow {
    /// Puts a model of the registry into the shadow: it judges every check from now on. Returns
    /// when it has read all labels.
    ///
    /// # Errors
    ///
    /// There is no such model, it is live, another candidate is in the shadow, or the ledger cannot
    /// be read.
    pub async fn begin(&self, id: &str) -> Result<ShadowReport, ShadowError> {
        let shelf = self.shelf.clone().ok_or(ShadowError::NoShelf)?;
        let _alone = self.changing.lock().await;
        if let Some(candidate) = self.with(|running| running.candidate.clone()) {
            return Err(ShadowError::Taken(candidate));
        }
        let (id, store) = (id.to_owned(), Arc::clone(&self.store));
        let owners_noted = self.accounts.owners_noted.load(Ordering::Acquire);
        let open = move || -> Result<Candidate, ShadowError> {
            Ok(Candidate::open(
                Arc::new(shelf.load(&id)?),
                &store,
                owners_noted,
            )?)
        };
        let candidate = run_blocking("fold the ledger for the candidate", open).await?;
        let name = candidate.model.card.id.clone();
        if name == self.online.model().card.id {
            return Err(ShadowError::Live(name));
        }
        let (queue, jobs) = sync_channel(QUEUE);
        let counts = Arc::new(ShadowCounts::default());
        let comparison = Comparison {
            store: Arc::clone(&self.store),
            accounts: Arc::clone(&self.accounts),
            judging: Arc::clone(&self.judging),
            listens: Arc::clone(&self.listens),
            candidate,
            figures: Figures::new(self.online.model().card.id.clone(), (self.clock)()),
            counts: Arc::clone(&counts),
            went_live: false,
            in_trouble: false,
        };
        let report = comparison.report();
        let thread = std::thread::Builder::new()
            .name("shadow".into())
            .spawn(move || comparison.run(&jobs))
            .expect("the system lets us start a thread");
        tracing::info!(id = name, "a model judges in the shadow");
        self.put(Some(Running {
            candidate: name,
            queue,
            room: Room::of(QUEUE_BYTES),
            counts,
            thread,
        }));
        Ok(report)
    }

    /// The report so far. Checks answered before this call are in it.
    ///
    /// # Errors
    ///
    /// There is no candidate in the shadow, or its thread has failed.
    pub async fn report(&self) -> Result<ShadowReport, ShadowError> {
        let queue = self.with(|running| running.queue.clone());
        let queue = queue.ok_or(ShadowError::Off)?;
        let (reply, answer) = oneshot::channel();
        // `send` waits while the queue is full, so it runs where no request waits for it.
        run_blocking("ask the candidate", move || {
            queue
                .send(Job::Tell(reply))
                .map_err(|_| ShadowError::Broken)
        })
        .await?;
        answer.await.map_err(|_| ShadowError::Broken)
    }

    /// Ends the shadow and returns its last report.
    ///
    /// # Errors
    ///
    /// There is no candidate in the shadow, or its thread has failed.
    pub async fn end(self: &Arc<Self>) -> Result<ShadowReport, ShadowError> {
        let _alone = self.changing.lock().await;
        let shadow = Arc::clone(self);
        run_blocking("end the shadow", move || {
            shadow.stop().unwrap_or(Err(ShadowError::Off))
        })
        .await
    }

    /// Id of the candidate and its counts; `None` without a candidate.
    pub fn counts(&self) -> Option<(String, Arc<ShadowCounts>)> {
        self.with(|running| (running.candidate.clone(), Arc::clone(&running.counts)))
    }
}
