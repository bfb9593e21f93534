//! Labels and operator events in, their effect out. All go through one queue to one writer. Never
//! answers before they are on disk.

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

/// How many jobs may wait for the writer. Beyond that senders wait: unlike a record, a label must
/// not be dropped.
const LABEL_QUEUE: usize = 4_096;

/// The queue to the label writer, and its thread.
#[derive(Debug)]
pub(crate) struct Ledger {
    /// `None` after the server stopped.
    queue: RwLock<Option<mpsc::Sender<Job>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Ledger {
    /// Starts the writer. `last_seq` and `last_at` are the place and time of the last label.
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

    /// Writes one label that came with the key of this id. When this returns, it is on disk and the
    /// next check knows it.
    pub(crate) async fn append(
        &self,
        entry: LedgerEntry,
        key_id: &str,
    ) -> Result<Effect, LabelError> {
        let (reply, answer) = oneshot::channel();
        self.send(Job::Label(entry, key_id.to_owned(), reply))
            .await?;
        // A timeout does not take the label back: it may still be written. Sent again, it counts
        // once.
        let effect = tokio::time::timeout(LABEL_PATIENCE, answer).await;
        effect
            .map_err(|_| LabelError::Slow)?
            .map_err(|_| LabelError::ShuttingDown)?
    }

    /// Writes the labels and operator events of an export, in its order; returns how many of each
    /// were new.
    pub(crate) async fn import(
        &self,
        labels: Vec<LedgerEntry>,
        rulings: Vec<Ruling>,
        novelty: Novelty,
    ) -> Result<(usize, usize), LabelError> {
        self.ask(|reply| Job::Import(labels, rulings, novelty, reply))
            .await?
    }

    /// Undoes the chosen labels.
    pub(crate) async fn undo(&self, selection: Selection, at: Millis) -> Result<Undone, UndoError> {
        self.ask(|reply| Job::Undo(selection, at, reply)).await?
    }

    /// Writes an operator event, and computes the layers again from the whole ledger.
    pub(crate) async fn rule(&self, ruling: Ruling) -> Result<Seq, UndoError> {
        Ok(self.ask(|reply| Job::Rule(ruling, reply)).await??)
    }

    /// Computes the layers again from the whole ledger, because the owners of sites changed.
    pub(crate) async fn fold_anew(&self) -> Result<Result<(), StoreError>, LabelError> {
        self.ask(Job::FoldAnew).await
    }

    /// Replaces the live model, with layers computed for the new one from the same ledger.
    pub(crate) async fn swap(
        &self,
        model: Arc<Model>,
    ) -> Result<Result<(), StoreError>, LabelError> {
        self.ask(|reply| Job::Swap(model, reply)).await
    }

    /// Writes what waits. Labels are refused afterwards.
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

    /// Sends a job and waits for its result, however long that takes.
    async fn ask<T>(&self, job: impl FnOnce(oneshot::Sender<T>) -> Job) -> Result<T, LabelError> {
        let (reply, answer) = oneshot::channel();
        self.send(job(reply)).await?;
        answer.await.map_err(|_| LabelError::ShuttingDown)
    }

    async fn send(&self, job: Job) -> Result<(), LabelError> {
        // A copy of the sender, so that no lock is held during the wait below.
        let queue = self.queue.read().clone();
        let queue = queue.ok_or(LabelError::ShuttingDown)?;
        let sent = tokio::time::timeout(LABEL_PATIENCE, queue.send(job)).await;
        let sent = sent.map_err(|_| LabelError::NotStored("the store does not answer".into()))?;
        sent.map_err(|_| LabelError::ShuttingDown)
    }
}
