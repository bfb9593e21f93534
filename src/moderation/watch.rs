//! Looks at the writers from a thread that waits for nothing: only a new process mends a store that
//! hangs or stopped.

use std::sync::Arc;
use std::time::Duration;

use crate::moderation::health::Health;
use crate::store::Store;

/// One look at the writers after another.
#[derive(Debug)]
pub struct Watch {
    store: Arc<Store>,
    health: Arc<Health>,
    longest: Duration,
}

impl Watch {
    /// For a thread of its own, which must not wait for anything that waits for the disk.
    pub(crate) fn of(store: &Arc<Store>, health: &Arc<Health>, longest: Duration) -> Self {
        Self {
            store: Arc::clone(store),
            health: Arc::clone(health),
            longest,
        }
    }

    /// Why the process must end, if only a new one can write again. Where the last write failed, it
    /// tries one: if the disk takes a file and the store takes no row, the store is beyond help.
    /// May take as long as a write; looks of other threads see it hang.
    pub fn look(&self) -> Option<String> {
        let pulses = &self.health.pulses;
        if let Some(why) = pulses.is_dead(self.longest) {
            return Some(why);
        }
        self.health.trouble()?;
        let mut found = None;
        pulses.watched(|| found = pulses.probe.during(|| self.probe()));
        found.or_else(|| pulses.is_dead(self.longest))
    }

    /// Why it must end though nothing could be tried, for a thread that only looks at the clock.
    pub fn glance(&self) -> Option<String> {
        self.health.pulses.is_dead(self.longest)
    }

    fn probe(&self) -> Option<String> {
        let error = match (self.store.probe_disk(), self.store.probe()) {
            // The disk is in trouble still: a new process would fare no better, and this one still
            // checks.
            (Err(_), _) => return None,
            (Ok(()), Ok(())) => {
                self.health.set(None);
                tracing::info!("the store can be written again");
                return None;
            }
            (Ok(()), Err(error)) => error,
        };
        Some(format!(
            "the disk takes files again, but the store stays in error until it is opened anew: {error}"
        ))
    }
}
