//! A number of days in, the times that follow from it out. Never reads a clock; only stores and
//! reads the setting.

use crate::clock::DAY_MILLIS;
use crate::clock::Millis;
use crate::store::{Store, StoreError};

/// How many days the text of comments and the names and addresses of authors are kept. With 0 they
/// never come to disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// UTC days; the first one counts from its beginning.
    pub days: u32,
}

impl Default for Retention {
    fn default() -> Self {
        Self { days: 90 }
    }
}

/// How long checks stay in memory, in milliseconds, if no text comes to disk.
pub(crate) const IN_MEMORY_ALONE: Millis = DAY_MILLIS;

impl Retention {
    /// The setting of the last server on this store.
    fn of(store: &Store) -> Result<Self, StoreError> {
        let days = store.retention_days()?;
        Ok(days.map_or_else(Self::default, |days| Self { days }))
    }

    /// The setting `asked`, which is stored; or the setting of the last server on this store.
    pub(crate) fn from_now_on(store: &Store, asked: Option<Self>) -> Result<Self, StoreError> {
        match asked {
            Some(retention) => {
                store.set_retention_days(retention.days)?;
                Ok(retention)
            }
            None => Self::of(store),
        }
    }

    /// Personal text from before this time is not kept. It is the beginning of a day. With 0 days
    /// it is the end of time, because after a clock went back some text may be dated in the future.
    pub(crate) fn begins(self, now: Millis) -> Millis {
        if self.days == 0 {
            return Millis::MAX;
        }
        (now.div_euclid(DAY_MILLIS) - Millis::from(self.days) + 1) * DAY_MILLIS
    }

    /// Personal text from before this time is nowhere, not even in memory.
    pub(crate) fn since(self, now: Millis) -> Millis {
        match self.days {
            0 => now - IN_MEMORY_ALONE,
            _ => self.begins(now),
        }
    }

    pub(crate) fn keeps(self, at: Millis, now: Millis) -> bool {
        self.days > 0 && at >= self.begins(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_kept_for_so_many_days_with_the_one_that_runs() {
        let begins = |days, now| Retention { days }.begins(now);
        let noon = 1_000 * DAY_MILLIS + DAY_MILLIS / 2;
        assert_eq!(begins(1, noon), 1_000 * DAY_MILLIS);
        assert_eq!(begins(90, noon), 911 * DAY_MILLIS);
        assert_eq!(begins(0, noon), Millis::MAX);
    }
}
