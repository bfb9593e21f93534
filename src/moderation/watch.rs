//! The writers' pulses in, a reason to end the process out. Only a new process repairs a store that
//! hangs or stopped. Never ends the process itself.

use std::sync::Arc;
use std::time::Duration;

use crate::moderation::health::Health;
use crate::store::Store;

/// Watches the writers.
#[derive(Debug)]
pub struct Watch {
    store: Arc<Store>,
    health: Arc<Health>,
    longest: Duration,
}

impl Watch {
    /// For a thread of its own, which never waits for the disk.
    pub(crate) fn of(store: &Arc<Store>, health: &Arc<Health>, longest: Duration) -> Self {
        Self {
            store: Arc::clone(store),
            health: Arc::clone(health),
            longest,
        }
    }

    /// Why the process must end, if only a new one can write again. If the last write failed, it
    /// tries one: if the disk accepts a file and the store refuses a row, the store stays broken.
    /// May take as long as a write; other threads that look meanwhile see that write hang.
    pub fn look(&self) -> Option<String> {
        let pulses = &self.health.pulses;
        if let Some(why) = pulses.is_dead(self.longest) {
            return Some(why);
        }
        // Without trouble there is no reason for a write to try.
        self.health.trouble()?;
        let mut found = None;
        pulses.watched(|| found = pulses.probe.during(|| self.probe()));
        found.or_else(|| pulses.is_dead(self.longest))
    }

    /// The same without a try: for a thread that only looks at the time.
    pub fn glance(&self) -> Option<String> {
        self.health.pulses.is_dead(self.longest)
    }

    fn probe(&self) -> Option<String> {
        let error = match (self.store.probe_disk(), self.store.probe()) {
            // The disk itself still fails. A new process would do no better, and this one still
            // answers checks.
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
