//! A new connection in, a place for it out: how many connections there may be, and which one makes
//! room for another. It reads and writes nothing.
//!
//! While all places are taken no connection is accepted, and an open one is asked to leave: first
//! one that never sent a request, then the one that has been idle longest. So file descriptors are
//! left for the store, and a new client gets in, however many clients keep their connections open.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use crate::http::server::pulse::Pulse;

/// How soon another one is asked to leave, if the one asked did not.
const ASK_AGAIN: Duration = Duration::from_millis(50);
/// How long a client that has just connected may take to say what it wants.
const A_MOMENT: Duration = Duration::from_secs(1);
/// How often the log is told that all places are taken.
const LOG_AGAIN: Duration = Duration::from_secs(60);

/// The connections that are open.
#[derive(Debug)]
pub(super) struct Connections {
    most: usize,
    permits: Arc<Semaphore>,
    pulses: Mutex<HashMap<u64, Arc<Pulse>>>,
    next_number: AtomicU64,
    /// When the log was last told that all places are taken.
    logged_full: Mutex<Option<Instant>>,
}

impl Connections {
    /// Of which at most so many are open at the same time.
    pub(super) fn new(most: usize) -> Self {
        Self {
            most,
            permits: Arc::new(Semaphore::new(most)),
            pulses: Mutex::default(),
            next_number: AtomicU64::default(),
            logged_full: Mutex::default(),
        }
    }

    fn pulses(&self) -> MutexGuard<'_, HashMap<u64, Arc<Pulse>>> {
        self.pulses.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The right to one more; while there is none, the others are asked to leave, one by one.
    pub(super) async fn permit(&self) -> OwnedSemaphorePermit {
        loop {
            if let Ok(permit) = Arc::clone(&self.permits).try_acquire_owned() {
                return permit;
            }
            self.log_full();
            self.make_room();
            // The one that was asked may be stuck: then the next one is asked.
            let freed = timeout(ASK_AGAIN, Arc::clone(&self.permits).acquire_owned());
            if let Ok(Ok(permit)) = freed.await {
                return permit;
            }
        }
    }

    /// Resolves when none is open any more.
    pub(super) async fn all_gone(&self) {
        let all = u32::try_from(self.most).unwrap_or(u32::MAX);
        let _ = self.permits.acquire_many(all).await;
    }

    /// Asks the one to leave that can be spared most.
    fn make_room(&self) {
        let now = Instant::now();
        let pulses = self.pulses();
        // A new client sends its request within a moment. Where most connections are new, a burst
        // of silent ones would push out the others: then the first of the new ones goes.
        let new = pulses.values().filter(|pulse| pulse.is_new()).count();
        let a_moment = match 2 * new > pulses.len() {
            true => Duration::ZERO,
            false => A_MOMENT,
        };
        let spared = pulses.values().filter_map(|pulse| {
            let rank = pulse.can_be_spared(now, a_moment)?;
            Some((rank, pulse))
        });
        if let Some((_, pulse)) = spared.max_by_key(|(rank, _)| *rank) {
            pulse.ask_to_leave();
        }
    }

    fn log_full(&self) {
        let logged = self.logged_full.lock();
        let mut logged = logged.unwrap_or_else(PoisonError::into_inner);
        if logged.is_none_or(|at| at.elapsed() >= LOG_AGAIN) {
            *logged = Some(Instant::now());
            tracing::warn!(
                connections = self.pulses().len(),
                "max_connections are open: idle connections are closed to let new ones in"
            );
        }
    }
}

/// The place of one connection; free again when dropped.
pub(super) struct Place {
    connections: Arc<Connections>,
    number: u64,
    pulse: Arc<Pulse>,
    _permit: OwnedSemaphorePermit,
}

impl Place {
    /// Takes it, for a connection that begins now.
    pub(super) fn taken(connections: &Arc<Connections>, permit: OwnedSemaphorePermit) -> Self {
        let number = connections.next_number.fetch_add(1, Ordering::Relaxed);
        let pulse = Arc::new(Pulse::new(Instant::now()));
        connections.pulses().insert(number, Arc::clone(&pulse));
        Self {
            connections: Arc::clone(connections),
            number,
            pulse,
            _permit: permit,
        }
    }

    /// What its connection is doing.
    pub(super) fn pulse(&self) -> &Arc<Pulse> {
        &self.pulse
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.connections.pulses().remove(&self.number);
    }
}
