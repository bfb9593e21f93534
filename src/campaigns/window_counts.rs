//! The members of a cluster and the time in, how many comments, sites, addresses and authors each
//! window has out. Pure. It never counts more than there are.

use super::sighting::{MOST_SIGHTINGS, Member};

/// The lengths of the windows in minutes, shortest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Windows([u32; Windows::COUNT]);

impl Default for Windows {
    fn default() -> Self {
        Self([10, 60, 24 * 60])
    }
}

/// Windows that make no sense.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "must be three numbers of minutes from 1 to 10080, each greater than the one before, such as [10, 60, 1440]"
)]
pub struct BadWindows;

impl TryFrom<&[u32]> for Windows {
    type Error = BadWindows;

    fn try_from(minutes: &[u32]) -> Result<Self, BadWindows> {
        let minutes: [u32; Self::COUNT] = minutes.try_into().map_err(|_| BadWindows)?;
        let rises = minutes.is_sorted_by(|a, b| a < b);
        let holds = minutes[0] >= 1 && minutes[Self::COUNT - 1] <= 7 * 24 * 60;
        (rises && holds).then_some(Self(minutes)).ok_or(BadWindows)
    }
}

impl Windows {
    /// Number of windows.
    pub const COUNT: usize = 3;

    /// Their lengths in minutes.
    pub fn minutes(&self) -> [u32; Self::COUNT] {
        self.0
    }

    /// Whether two moments (milliseconds since 1970) are within the longest window of each other.
    /// The distance counts, not the order: after a clock was set back, nothing may be kept for
    /// ever.
    pub(super) fn longest_holds(&self, now: i64, at: i64) -> bool {
        Self::holds(self.0[Self::COUNT - 1], now, at)
    }

    fn holds(minutes: u32, now: i64, at: i64) -> bool {
        now.abs_diff(at) <= u64::from(minutes) * 60_000
    }
}

/// The counts of one window, the comment that asks counted. They are never too high, and exact up
/// to [`MOST_SIGHTINGS`] sightings.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct WindowCounts {
    /// Comments; those of one author on one site count as one.
    pub comments: u32,
    /// Sites.
    pub sites: u32,
    /// Networks (/24 or /48); 0 if none is known.
    pub addresses: u32,
    /// Authors, by e-mail address or name; 0 if none is known.
    pub authors: u32,
}

/// Counts the members in each window, and the comment that asks.
pub(super) fn count(
    members: &[Member],
    me: &Member,
    windows: &Windows,
) -> [WindowCounts; Windows::COUNT] {
    windows.minutes().map(|minutes| {
        let near = || heard_by(members, me, minutes).chain(std::iter::once(me));
        WindowCounts {
            comments: distinct(near().map(Member::writer)),
            sites: distinct(near().map(|m| u64::from(m.site))),
            addresses: distinct(near().map(|m| u64::from(m.address))),
            authors: distinct(near().map(|m| u64::from(m.author))),
        }
    })
}

/// Keys that may have invented their sites count for others only where there are at least this many
/// of them, each by its newest comment. With fewer, copies sent by one or two such keys could move
/// a comment that is very near a cutoff (docs/DECISIONS.md, "A site counts for campaigns only if
/// its key is trusted").
const FEWEST_STRANGERS: usize = 3;

/// The members within this many minutes that count for the comment that asks. Of other keys that
/// may have invented their sites only the newest member counts, and only where there are several
/// such keys.
pub(super) fn heard_by<'a>(
    members: &'a [Member],
    me: &'a Member,
    minutes: u32,
) -> impl Iterator<Item = &'a Member> {
    let holds = move |m: &Member| Windows::holds(minutes, me.at, m.at);
    let is_foreign = move |m: &Member| m.stranger != 0 && m.stranger != me.stranger;
    let is_newest = move |at: usize, m: &Member| {
        let mut later = members[at + 1..].iter();
        later.all(|other| other.stranger != m.stranger || !holds(other))
    };
    let near = move || {
        let members = members.iter().enumerate();
        members.filter(move |(at, m)| holds(m) && (!is_foreign(m) || is_newest(*at, m)))
    };
    let strangers = near().filter(|(_, m)| is_foreign(m)).count();
    near()
        .filter(move |(_, m)| strangers >= FEWEST_STRANGERS || !is_foreign(m))
        .map(|(_, m)| m)
}

/// Number of different values without 0, of at most `MOST_SIGHTINGS + 1` values.
fn distinct(values: impl Iterator<Item = u64>) -> u32 {
    // A small hash table on the stack, about half full at most, so that the search for a free slot
    // ends.
    const SLOTS: usize = (2 * MOST_SIGHTINGS).next_power_of_two();
    let mut seen = [0_u64; SLOTS];
    let mut found = 0;
    for value in values.filter(|&value| value != 0) {
        let mut at = (value.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40) as usize % SLOTS;
        while seen[at] != 0 && seen[at] != value {
            at = (at + 1) % SLOTS;
        }
        found += u32::from(seen[at] == 0);
        seen[at] = value;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_must_rise() {
        let of = |minutes: &[u32]| Windows::try_from(minutes);
        assert_eq!(of(&[10, 60, 1440]), Ok(Windows::default()));
        for bad in [
            &[10, 60][..],
            &[60, 10, 1440],
            &[0, 1, 2],
            &[1, 2, 10_081],
            &[5, 5, 6],
        ] {
            assert_eq!(of(bad), Err(BadWindows), "{bad:?}");
        }
    }

    #[test]
    fn distinct_values_are_counted_and_nothing_is_not() {
        assert_eq!(distinct([0, 3, 3, 0, 9, u64::MAX].into_iter()), 3);
        assert_eq!(
            distinct(1..=MOST_SIGHTINGS as u64 + 1),
            MOST_SIGHTINGS as u32 + 1
        );
    }
}
