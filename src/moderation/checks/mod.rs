//! The checks that the server has answered. In: a record and its counts. Out: the record again,
//! from memory or from disk. A check never waits for a record to be written.

pub(crate) mod hashed;
mod recent;
pub(crate) mod room;
mod writer;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;

use parking_lot::{Mutex, RwLock};
use tokio::sync::oneshot;

use crate::blocking::run_blocking;
use crate::comment::{Likeness, SiteId};
use crate::moderation::checks::recent::{MOST_ALIKE, Recent};
use crate::moderation::checks::room::{Room, bytes_of};
use crate::moderation::checks::writer::{Kept, RecordJob, spawn_records};
use crate::moderation::health::Health;
use crate::store::{Record, Store, StoreError};

pub(crate) use crate::moderation::checks::writer::Counts;

/// How many records may wait to be written. Beyond that they are dropped and counted, because a
/// check must not wait for the disk.
const RECORD_QUEUE: usize = 16_384;
/// Memory for records that wait, in bytes.
const RECORD_BYTES: u32 = 64 << 20;

/// Checks in memory and on disk.
#[derive(Debug)]
pub(crate) struct Checks {
    store: Arc<Store>,
    health: Arc<Health>,
    recent: Mutex<Recent>,
    /// Memory for records that wait to be written.
    room: Room,
    /// `None` after the server stopped.
    writer: RwLock<Option<SyncSender<RecordJob>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// Digits of a guid that name a check; of a million checks, one in sixteen has a twin that begins
/// with the same six.
pub(crate) const SHORTEST_BEGINNING: usize = 6;

impl Checks {
    /// Starts the record writer.
    pub(crate) fn open(store: &Arc<Store>, health: &Arc<Health>) -> Self {
        let (writer, jobs) = sync_channel(RECORD_QUEUE);
        let thread = spawn_records(jobs, Arc::clone(store), Arc::clone(health));
        Self {
            store: Arc::clone(store),
            health: Arc::clone(health),
            recent: Mutex::default(),
            room: Room::of(RECORD_BYTES),
            writer: RwLock::new(Some(writer)),
            thread: Mutex::new(Some(thread)),
        }
    }

    /// Keeps a check in memory, and queues it for the disk in the form that `for_disk` gives it. If
    /// the queue is full because the disk is slow, it is not written, and this is counted.
    pub(crate) fn keep(
        &self,
        record: Record,
        counts: Counts,
        for_disk: impl FnOnce(&Arc<Record>) -> Arc<Record>,
    ) {
        let record = Arc::new(record);
        if let Some(writer) = self.writer() {
            let share = self.room.take(bytes_of(&record));
            let is_kept = share.is_some_and(|share| {
                let kept = Kept {
                    record: for_disk(&record),
                    counts,
                    _share: share,
                };
                // `try_send`, because `send` would make the check wait when the queue is full.
                let sent = writer.try_send(RecordJob::Keep(Box::new(kept)));
                !matches!(
                    sent,
                    Err(TrySendError::Full(_) | TrySendError::Disconnected(_))
                )
            });
            if !is_kept {
                self.health.records_dropped.fetch_add(1, Ordering::Relaxed);
            }
        }
        // Before the lock, which every check takes: it reads the whole text.
        let likeness = Likeness::of(&record.site, &record.comment);
        self.recent.lock().push(likeness, record);
    }

    /// The record of a check, whether it is written yet or not.
    pub(crate) fn by_guid(&self, guid: &str) -> Result<Option<Record>, StoreError> {
        // Not in the `match`: the lock would be held while the disk is read, and every check takes it.
        let recent = self.recent.lock().by_guid(guid);
        match recent {
            Some(record) => Ok(Some(record)),
            None => self.store.record(guid),
        }
    }

    /// At most two guids that begin so, in memory or on disk.
    pub(crate) fn guids_beginning(&self, begin: &str) -> Result<BTreeSet<String>, StoreError> {
        let recent = self.recent(2, |record| record.guid.starts_with(begin));
        let mut guids: BTreeSet<String> = recent.into_iter().map(|r| r.guid).collect();
        guids.extend(self.store.guids_beginning(begin, 2)?);
        Ok(guids)
    }

    /// Checks of a site with this likeness: those in memory first, each part newest first.
    pub(crate) fn like(
        &self,
        site: &SiteId,
        likeness: Likeness,
    ) -> Result<impl Iterator<Item = Record> + use<>, StoreError> {
        let recent = self.recent.lock().like(site, likeness);
        let written = self.store.records_like(site, likeness, MOST_ALIKE)?;
        Ok(recent.into_iter().chain(written))
    }

    /// The last checks in memory that are wanted, newest first; `most` limits how many.
    pub(crate) fn recent(
        &self,
        most: usize,
        mut is_wanted: impl FnMut(&Record) -> bool,
    ) -> Vec<Record> {
        let recent = self.recent.lock();
        let wanted = recent.last_first().filter(|record| is_wanted(record));
        wanted.take(most).map(Record::clone).collect()
    }

    /// The same by guid, without a limit.
    pub(crate) fn recent_by_guid(
        &self,
        is_wanted: impl FnMut(&Record) -> bool,
    ) -> HashMap<String, Record> {
        let wanted = self.recent(usize::MAX, is_wanted).into_iter();
        wanted.map(|record| (record.guid.clone(), record)).collect()
    }

    /// Removes checks from memory; those on disk stay.
    pub(crate) fn drop_recent(&self, is_of: impl Fn(&Record) -> bool) {
        self.recent.lock().forget(is_of);
    }

    /// Waits until the checks answered so far are counted. If the queue is full, it does not wait,
    /// and figures are a little old.
    pub(crate) async fn settle(&self) {
        let (reply, settled) = oneshot::channel();
        if let Some(writer) = self.writer()
            && writer.try_send(RecordJob::Settle(reply)).is_ok()
        {
            // An error means that the writer ended with the server. Then there is nothing to wait
            // for.
            let _ = settled.await;
        }
    }

    /// The same, however full the queue is: waits until the writer is done with all checks answered
    /// so far.
    pub(crate) async fn settle_wholly(&self) {
        let (reply, settled) = oneshot::channel();
        if let Some(writer) = self.writer() {
            // On another thread, because `send` waits while the queue is full. If the writer has
            // ended, `settled` below fails at once.
            let ask = move || {
                let _ = writer.send(RecordJob::Settle(reply));
                Ok::<(), StoreError>(())
            };
            let _ = run_blocking("wait for the record writer", ask).await;
            let _ = settled.await;
        }
    }

    /// Writes what waits. Checks answered afterwards are not written.
    pub(crate) fn close(&self) {
        self.writer.write().take();
        if let Some(thread) = self.thread.lock().take()
            && thread.join().is_err()
        {
            tracing::error!("the record writer had stopped early; its last checks are not kept");
        }
    }

    /// The way to the record writer; `None` after the server stopped.
    fn writer(&self) -> Option<SyncSender<RecordJob>> {
        self.writer.read().clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::DEFAULT_CACHE_BYTES;

    #[tokio::test]
    async fn who_settles_wholly_waits_for_room_in_the_queue() {
        let dir = tempfile::tempdir().expect("a folder");
        let store = Store::open(dir.path(), DEFAULT_CACHE_BYTES).expect("opens");
        let checks = Arc::new(Checks::open(&Arc::new(store), &Arc::default()));
        // A writer that does not come after.
        let (full, jobs) = std::sync::mpsc::sync_channel(1);
        let (reply, _) = oneshot::channel();
        let filled = full.send(RecordJob::Settle(reply));
        assert!(filled.is_ok());
        *checks.writer.write() = Some(full);
        let settling = Arc::clone(&checks);
        let mut settled = tokio::spawn(async move { settling.settle_wholly().await });
        let soon = tokio::time::timeout(std::time::Duration::from_millis(200), &mut settled);
        assert!(soon.await.is_err(), "it did not wait");
        for _ in 0..2 {
            let Ok(RecordJob::Settle(reply)) = jobs.recv() else {
                panic!("nothing else was asked");
            };
            let _ = reply.send(());
        }
        settled.await.expect("ends");
    }
}
