//! Writes in, "does a write hang" out. After some failures of sled a write never returns, or all
//! later writes fail until the store is opened again. Only a new process repairs that, so this
//! process must notice it and end. Never writes anything itself.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use crate::store::said_by;

/// Since when a write has been in progress; `None` if none is.
#[derive(Debug, Default)]
pub(crate) struct Pulse(Mutex<Option<Instant>>);

impl Pulse {
    /// Does a write and notes when it began.
    pub(crate) fn during<T>(&self, write: impl FnOnce() -> T) -> T {
        self.set(Some(Instant::now()));
        let done = write();
        self.set(None);
        done
    }

    fn set(&self, since: Option<Instant>) {
        *self.0.lock() = since;
    }

    fn busy_for(&self) -> Duration {
        let since = *self.0.lock();
        since.map_or(Duration::ZERO, |since| since.elapsed())
    }
}

/// The pulses of all writers.
#[derive(Debug, Default)]
pub(crate) struct Pulses {
    pub(crate) labels: Pulse,
    pub(crate) records: Pulse,
    pub(crate) probe: Pulse,
    /// The text of a writer's panic.
    stopped: Mutex<Option<String>>,
}

impl Pulses {
    /// Runs a writer to its end. A panic is kept for the thread that watches.
    pub(crate) fn watched(&self, writer: impl FnOnce()) {
        if let Err(panic) = catch_unwind(AssertUnwindSafe(writer)) {
            let mut stopped = self.stopped.lock();
            stopped.get_or_insert(said_by(panic.as_ref()));
        }
    }

    fn stopped(&self) -> Option<String> {
        let stopped = self.stopped.lock();
        stopped.clone()
    }

    /// Why labels can no longer be written, if that is so. `longest` is how long a write may take.
    pub(crate) fn is_dead(&self, longest: Duration) -> Option<String> {
        if let Some(why) = self.stopped() {
            return Some(format!("a writer of the store stopped: {why}"));
        }
        let busy = [&self.labels, &self.records, &self.probe];
        let longest_now = busy.map(Pulse::busy_for).into_iter().max();
        let hangs = longest_now.filter(|busy| *busy > longest)?;
        Some(format!(
            "a write to the store has not come back for {} s",
            hangs.as_secs()
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_writer_that_hangs_or_panics_is_told_of() {
        let pulses = Pulses::default();
        assert_eq!(pulses.is_dead(Duration::ZERO), None);
        pulses.labels.set(Some(Instant::now()));
        assert_eq!(pulses.is_dead(Duration::from_secs(9)), None);
        std::thread::sleep(Duration::from_millis(2));
        let dead = pulses.is_dead(Duration::from_millis(1));
        assert!(dead.is_some_and(|why| why.contains("not come back")));
        pulses.labels.set(None);
        assert_eq!(pulses.is_dead(Duration::ZERO), None);
        pulses.watched(|| panic!("page 7 is gone"));
        let dead = pulses.is_dead(Duration::from_secs(9));
        assert!(dead.is_some_and(|why| why.contains("page 7 is gone")));
    }
}
