//! For how long personal text is kept: a setting, and the moments that follow from it. Pure but for
//! what the store remembers of it.

use crate::clock::DAY_MILLIS;
use crate::clock::Millis;
use crate::store::{Store, StoreError};

/// For how many days the words of comments, their authors' names and addresses are kept; 0: they
/// never come to disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Days of UTC, the first one counted from its beginning.
    pub days: u32,
}

impl Default for Retention {
    fn default() -> Self {
        Self { days: 90 }
    }
}

/// Where nothing comes to disk, the last checks may be seen in memory for so long.
pub(crate) const IN_MEMORY_ALONE: Millis = DAY_MILLIS;

impl Retention {
    /// What the last server on a store kept to.
    fn of(store: &Store) -> Result<Self, StoreError> {
        let days = store.retention_days()?;
        Ok(days.map_or_else(Self::default, |days| Self { days }))
    }

    /// As asked, which the store notes; else as the last server on the store kept it.
    pub(crate) fn from_now_on(store: &Store, asked: Option<Self>) -> Result<Self, StoreError> {
        match asked {
            Some(retention) => {
                store.set_retention_days(retention.days)?;
                Ok(retention)
            }
            None => Self::of(store),
        }
    }

    /// Words from before this moment are not kept: the beginning of a day; the end of time if none
    /// are, for a clock that went back may have left some ahead.
    pub(crate) fn begins(self, now: Millis) -> Millis {
        if self.days == 0 {
            return Millis::MAX;
        }
        (now.div_euclid(DAY_MILLIS) - Millis::from(self.days) + 1) * DAY_MILLIS
    }

    /// Words from before this moment are nowhere, in memory neither.
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
