//! Two clocks in, "may text be removed by the wall clock" out. A clock that jumped years ahead
//! would have all personal text removed at once, for good. So a clock that is too far ahead must
//! stay there for a day first. Never reads a clock itself.

use std::time::Duration;

use crate::clock::Millis;
use crate::clock::{DAY_MILLIS, Day};
use crate::moderation::privacy::state::Privacy;
use crate::store::StoreError;

/// How far the wall clock may be ahead of what is expected, in milliseconds. A stop for a weekend,
/// or a clock that is set right, is within it.
const SLACK: Millis = 2 * DAY_MILLIS;
/// How long a clock that is further ahead must stay there.
const PROBATION: Duration = Duration::from_secs(86_400);

/// What both clocks showed at one moment.
#[derive(Debug, Clone, Copy)]
struct Shown {
    /// The wall clock, which can be set, in milliseconds since 1970.
    wall: Millis,
    /// A clock that cannot be set. It stands still while the machine is off or asleep.
    monotonic: Duration,
}

impl Shown {
    /// What the wall clock should show when the other clock shows `monotonic`.
    fn expected_at(self, monotonic: Duration) -> Millis {
        let passed = monotonic.saturating_sub(self.monotonic).as_millis();
        let passed = Millis::try_from(passed).unwrap_or(Millis::MAX);
        self.wall.saturating_add(passed)
    }
}

/// Remembers when the wall clock was last believed.
#[derive(Debug, Default)]
pub struct ClockGuard {
    believed: Option<Shown>,
    /// When the wall clock was first seen where it is now, while it is not believed.
    on_probation: Option<Shown>,
}

impl ClockGuard {
    /// Begins with the last time that is known. Without one, the first time of the wall clock is
    /// believed.
    pub fn since(last: Option<Millis>, monotonic: Duration) -> Self {
        Self {
            believed: last.map(|wall| Shown { wall, monotonic }),
            on_probation: None,
        }
    }

    /// Whether the wall clock may be used for a sweep. A clock that went back is believed at once:
    /// less is too old by it.
    pub fn may_sweep(&mut self, wall: Millis, monotonic: Duration) -> bool {
        let shown = Shown { wall, monotonic };
        let expected = self.believed.map(|last| last.expected_at(monotonic));
        if expected.is_some_and(|expected| wall > expected.saturating_add(SLACK)) {
            let stays =
                |first: &Shown| wall.abs_diff(first.expected_at(monotonic)) <= SLACK.unsigned_abs();
            let first = *self.on_probation.get_or_insert(shown);
            // The clock has moved again, so the wait of a day begins again.
            if !stays(&first) {
                self.on_probation = Some(shown);
                return false;
            }
            if monotonic.saturating_sub(first.monotonic) < PROBATION {
                return false;
            }
        }
        self.believed = Some(shown);
        self.on_probation = None;
        true
    }
}

/// What the warning is about, for `Health::calm`.
const ABOUT: &str = "clock";

impl Privacy {
    /// A guard that begins with the last sweep, also one before the start. If there was none, it
    /// begins with the newest personal text on disk.
    ///
    /// # Errors
    ///
    /// The store cannot be read.
    pub fn clock_guard(&self, monotonic: Duration) -> Result<ClockGuard, StoreError> {
        let last = match self.context.store.swept_at()? {
            Some(at) => Some(at),
            None => self.context.store.newest_words((self.context.clock)())?,
        };
        Ok(ClockGuard::since(last, monotonic))
    }

    /// Whether a sweep may run now. If not, the operator is warned.
    ///
    /// # Errors
    ///
    /// The store cannot note the time.
    pub fn may_sweep(
        &self,
        guard: &mut ClockGuard,
        monotonic: Duration,
    ) -> Result<bool, StoreError> {
        let now = (self.context.clock)();
        if !guard.may_sweep(now, monotonic) {
            let sentence = format!(
                "the clock shows {}, days later than expected: nothing is removed for its age until the clock has shown that for 24 hours; if it is wrong, set it right before",
                Day::at(now)
            );
            self.context.health.warn(ABOUT.to_owned(), sentence);
            return Ok(false);
        }
        self.context.health.calm(|about| about == ABOUT);
        self.context.store.set_swept_at(now)?;
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: u64 = 3_600;
    const NOVEMBER: Millis = 1_794_000_000_000;

    /// The guard's answer for each hour, where `walls` are the hours that the wall clock shows.
    fn each_hour(guard: &mut ClockGuard, walls: impl IntoIterator<Item = i64>) -> Vec<bool> {
        let hours = walls.into_iter().enumerate();
        hours
            .map(|(hour, wall)| {
                let monotonic = Duration::from_secs(hour as u64 * HOUR);
                guard.may_sweep(NOVEMBER + wall * 3_600_000, monotonic)
            })
            .collect()
    }

    fn fresh() -> ClockGuard {
        ClockGuard::since(Some(NOVEMBER), Duration::ZERO)
    }

    #[test]
    fn a_clock_that_jumps_ahead_is_believed_after_a_day_and_one_that_comes_back_at_once() {
        let year = 8_766;
        assert_eq!(each_hour(&mut fresh(), 0..50), [true; 50]);
        // The clock is set by up to two days ahead, or by any time back.
        assert_eq!(each_hour(&mut fresh(), [48, 1, -year]), [true; 3]);
        let said = each_hour(&mut fresh(), year..year + 26);
        assert_eq!(said[..24], [false; 24]);
        assert_eq!(said[24..], [true; 2]);
        assert_eq!(
            each_hour(&mut fresh(), [0, year, 2]),
            [true, false, true],
            "set right"
        );
        // The clock jumps again: the wait of a day begins again.
        let mut walls: Vec<i64> = (year..year + 20).collect();
        walls.extend(3 * year..3 * year + 26);
        let said = each_hour(&mut fresh(), walls);
        assert_eq!(said[..44], [false; 44]);
        assert_eq!(said[44..], [true; 2]);
        // A clock that comes back and jumps again also begins the wait again.
        let mut walls: Vec<i64> = (year..year + 20).collect();
        walls.push(20);
        walls.extend(year..year + 24);
        let said = each_hour(&mut fresh(), walls);
        assert_eq!(said.iter().filter(|may| **may).count(), 1);
    }

    #[test]
    fn a_machine_that_was_off_for_long_waits_a_day_and_a_new_one_does_not() {
        let mut off = ClockGuard::since(Some(NOVEMBER - 31 * DAY_MILLIS), Duration::ZERO);
        let said = each_hour(&mut off, 0..26);
        assert_eq!(said[..24], [false; 24]);
        assert_eq!(said[24..], [true; 2]);
        let mut off = ClockGuard::since(Some(NOVEMBER - SLACK), Duration::ZERO);
        assert_eq!(each_hour(&mut off, [0]), [true]);
        assert_eq!(each_hour(&mut ClockGuard::default(), [0]), [true]);
    }
}
