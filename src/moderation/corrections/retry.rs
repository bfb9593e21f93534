//! When a correction is tried again: after a minute, then each time after four times as long, at
//! most six hours, for a day. Tries and time in, the next time out. Never reads a clock: time and
//! chance are passed in.

use crate::clock::Millis;

const MINUTE: Millis = 60_000;
const HOUR: Millis = 60 * MINUTE;
/// How long a correction is tried, in milliseconds. After a day a moderator has decided.
pub(crate) const PATIENCE: Millis = 24 * HOUR;

/// The time of the next try after `tries` tries, the last of them at `now`, for a change found at
/// `found` (milliseconds since 1970); `None` to give up. `chance` in 0..1 moves the wait by up to a
/// fifth, so that sites that failed together are not called together again.
pub(crate) fn next_try(found: Millis, tries: u32, now: Millis, chance: f64) -> Option<Millis> {
    let wait = MINUTE
        .saturating_mul(4_i64.saturating_pow(tries.saturating_sub(1)))
        .min(6 * HOUR);
    let spread = (wait as f64 * (0.8 + 0.4 * chance)) as Millis;
    Some(now + spread).filter(|next| *next <= found + PATIENCE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_waits_grow_to_six_hours_and_end_after_a_day() {
        let (mut now, mut tries, mut waits) = (0, 1, Vec::new());
        while let Some(next) = next_try(0, tries, now, 0.5) {
            waits.push((next - now) / MINUTE);
            (now, tries) = (next, tries + 1);
        }
        assert_eq!(waits, [1, 4, 16, 64, 256, 360, 360, 360]);
        assert!(now <= PATIENCE);
        assert_eq!(next_try(0, u32::MAX, PATIENCE, 0.0), None);
    }

    #[test]
    fn tries_that_failed_together_are_spread() {
        let wait = |chance| next_try(0, 1, 0, chance).expect("soon");
        assert_eq!((wait(0.0), wait(1.0)), (48_000, 72_000));
    }
}
