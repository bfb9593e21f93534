//! The ledger of labels: everything that is said goes through one queue to one writer. What is
//! answered is on disk.

pub(crate) mod error;
pub(crate) mod fold;
pub(crate) mod undo;
mod writer;

use std::sync::Arc;
use std::thread::JoinHandle;

use parking_lot::{Mutex, RwLock};
use tokio::sync::{mpsc, oneshot};

use crate::clock::Millis;
use crate::learn::online::{Effect, Online};
use crate::model::Model;
use crate::moderation::health::Health;
use crate::moderation::ledger::error::{LABEL_PATIENCE, LabelError, UndoError};
use crate::moderation::ledger::undo::Undone;
use crate::moderation::ledger::writer::{Job, LabelWriter};
use crate::store::{LedgerEntry, Ruling, Selection, Seq, Store, StoreError};

pub(crate) use crate::moderation::ledger::writer::Novelty;

/// Labels waiting to be written; beyond that senders wait.
const LABEL_QUEUE: usize = 4_096;

/// The way to the label writer.
#[derive(Debug)]
pub(crate) struct Ledger {
    /// Gone when the server stops.
    queue: RwLock<Option<mpsc::Sender<Job>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Ledger {
    /// Starts the writer after the last place of the ledger and the time of its last label.
    pub(crate) fn open(
        (last_seq, last_at): (Seq, Millis),
        store: &Arc<Store>,
        online: &Arc<Online>,
        health: &Arc<Health>,
    ) -> Self {
        let (queue, jobs) = mpsc::channel(LABEL_QUEUE);
        let (store, online) = (Arc::clone(store), Arc::clone(online));
        let writer = LabelWriter::new(last_seq, last_at, store, online, Arc::clone(health));
        Self {
            queue: RwLock::new(Some(queue)),
            thread: Mutex::new(Some(writer.spawn(jobs))),
        }
    }

    /// Writes one label that came with a key of this id: durable and known to the next check when
    /// this returns.
    pub(crate) async fn append(
        &self,
        entry: LedgerEntry,
        key_id: &str,
    ) -> Result<Effect, LabelError> {
        let (reply, answer) = oneshot::channel();
        self.send(Job::Label(entry, key_id.to_owned(), reply))
            .await?;
        let effect = tokio::time::timeout(LABEL_PATIENCE, answer).await;
        effect
            .map_err(|_| LabelError::Slow)?
            .map_err(|_| LabelError::ShuttingDown)?
    }

    /// Writes the labels and rulings of an export, in its order; answers how many of each were new.
    pub(crate) async fn import(
        &self,
        labels: Vec<LedgerEntry>,
        rulings: Vec<Ruling>,
        novelty: Novelty,
    ) -> Result<(usize, usize), LabelError> {
        self.ask(|reply| Job::Import(labels, rulings, novelty, reply))
            .await?
    }

    /// Undoes the labels chosen.
    pub(crate) async fn undo(&self, selection: Selection, at: Millis) -> Result<Undone, UndoError> {
        self.ask(|reply| Job::Undo(selection, at, reply)).await?
    }

    /// Writes a ruling, and folds the whole ledger anew under it.
    pub(crate) async fn rule(&self, ruling: Ruling) -> Result<Seq, UndoError> {
        Ok(self.ask(|reply| Job::Rule(ruling, reply)).await??)
    }

    /// Folds the ledger anew, for sites have other owners.
    pub(crate) async fn fold_anew(&self) -> Result<Result<(), StoreError>, LabelError> {
        self.ask(Job::FoldAnew).await
    }

    /// Puts another model in the place of the live one, with layers of its own from the same
    /// ledger.
    pub(crate) async fn swap(
        &self,
        model: Arc<Model>,
    ) -> Result<Result<(), StoreError>, LabelError> {
        self.ask(|reply| Job::Swap(model, reply)).await
    }

    /// Writes what waits; labels are refused afterwards.
    pub(crate) fn close(&self) {
        self.queue.write().take();
        if let Some(thread) = self.thread.lock().take()
            && thread.join().is_err()
        {
            tracing::error!(
                "the label writer had stopped early; its last labels were not acknowledged"
            );
        }
    }

    /// Hands a job over and waits for what comes of it, however long that takes.
    async fn ask<T>(&self, job: impl FnOnce(oneshot::Sender<T>) -> Job) -> Result<T, LabelError> {
        let (reply, answer) = oneshot::channel();
        self.send(job(reply)).await?;
        answer.await.map_err(|_| LabelError::ShuttingDown)
    }

    async fn send(&self, job: Job) -> Result<(), LabelError> {
        let queue = self.queue.read().clone();
        let queue = queue.ok_or(LabelError::ShuttingDown)?;
        let sent = tokio::time::timeout(LABEL_PATIENCE, queue.send(job)).await;
        let sent = sent.map_err(|_| LabelError::NotStored("the store does not answer".into()))?;
        sent.map_err(|_| LabelError::ShuttingDown)
    }
}
