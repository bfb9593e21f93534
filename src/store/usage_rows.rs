//! Usage in and out: a row for each key, day and site, and the sum of its month. Day and month are
//! written together or not at all. Never read by a check.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::ops::RangeInclusive;

use serde::de::DeserializeOwned;
use sled::transaction::{
    ConflictableTransactionError, TransactionError, Transactional, TransactionalTree,
    UnabortableTransactionError,
};

use super::error::{StoreError, failed};
use super::layout::{day_key, day_prefix, key_prefix, month_key, month_prefix, seal, unseal};
use super::sled_store::Store;
use super::usage::{Usage, UsageOf};
use crate::clock::{Day, Month};
use crate::comment::SiteId;

/// The key of a month's sum: key, month and site.
type OfMonth = (String, Month, SiteId);

/// Adds to a day and to its month, within a transaction.
pub(super) fn add(
    days: &TransactionalTree,
    months: &TransactionalTree,
    of: &UsageOf,
    more: Usage,
) -> Result<(), UnabortableTransactionError> {
    let (place, month) = (day_key(of), of.day.month());
    let sum = plus::<UsageOf>(more, days.get(&place)?);
    days.insert(place, seal(&(of, sum)))?;
    let place = month_key(&of.key, month, &of.site);
    let sum = plus::<OfMonth>(more, months.get(&place)?);
    months.insert(place, seal(&((&of.key, month, &of.site), sum)))?;
    Ok(())
}

fn plus<Of: DeserializeOwned>(mut sum: Usage, counted: Option<sled::IVec>) -> Usage {
    match counted.map(|value| read::<Of>(&value)) {
        None => {}
        Some(Ok((_, usage))) => sum += usage,
        // A damaged count starts again from zero. To return an error would refuse every record of
        // this transaction.
        Some(Err(error)) => tracing::error!(%error, "counting begins anew"),
    }
    sum
}

/// Reads a row: its key and its count.
fn read<Of: DeserializeOwned>(value: &[u8]) -> Result<(Of, Usage), StoreError> {
    unseal(value, || "a count of usage".to_owned())
}

impl Store {
    /// The usage of a key in some months, by month and site, in order of time.
    ///
    /// # Errors
    ///
    /// A row is damaged on disk, or the disk refuses.
    pub fn usage_by_month(
        &self,
        key: &str,
        months: RangeInclusive<Month>,
    ) -> Result<Vec<(Month, SiteId, Usage)>, StoreError> {
        let from = month_prefix(key, *months.start());
        let to = beyond(month_prefix(key, *months.end()));
        let rows = self.months.range(from..to).map(|item| {
            let value = item.map_err(failed("read the usage"))?.1;
            read::<OfMonth>(&value)
        });
        // The id of one key may be the beginning of another's, so the key in the row decides.
        rows.filter(|row| !matches!(row, Ok(((of, _, _), _)) if of != key))
            .map(|row| row.map(|((_, month, site), usage)| (month, site, usage)))
            .collect()
    }

    /// The usage of a key on some days, by day and site, in order of time.
    ///
    /// # Errors
    ///
    /// A row is damaged on disk, or the disk refuses.
    pub fn usage_by_day(
        &self,
        key: &str,
        days: RangeInclusive<Day>,
    ) -> Result<Vec<(Day, SiteId, Usage)>, StoreError> {
        let from = day_prefix(key, *days.start());
        let to = beyond(day_prefix(key, *days.end()));
        let rows = self.days.range(from..to).map(|item| {
            let value = item.map_err(failed("read the usage"))?.1;
            read::<UsageOf>(&value)
        });
        rows.filter(|row| !matches!(row, Ok((of, _)) if of.key != key))
            .map(|row| row.map(|(of, usage)| (of.day, of.site, usage)))
            .collect()
    }

    /// All sites that a key was ever used for, each once.
    ///
    /// # Errors
    ///
    /// A row is damaged on disk, or the disk refuses.
    pub fn sites_of(&self, key: &str) -> Result<BTreeSet<SiteId>, StoreError> {
        let rows = self.months.scan_prefix(key_prefix(key)).map(|item| {
            let value = item.map_err(failed("read the usage"))?.1;
            read::<OfMonth>(&value)
        });
        rows.filter(|row| !matches!(row, Ok(((of, _, _), _)) if of != key))
            .map(|row| row.map(|((_, _, site), _)| site))
            .collect()
    }

    /// The usage of all keys on all days.
    pub fn all_usage(&self) -> impl Iterator<Item = Result<(UsageOf, Usage), StoreError>> + use<> {
        self.days
            .iter()
            .map(|item| read(&item.map_err(failed("read the usage"))?.1))
    }

    /// Writes usage from an import, unless that day has a count already; returns whether it wrote.
    ///
    /// # Errors
    ///
    /// The disk refuses.
    pub fn put_new_usage(&self, of: &UsageOf, usage: Usage) -> Result<bool, StoreError> {
        let written = (&self.days, &self.months).transaction(|(days, months)| {
            if days.get(day_key(of))?.is_some() {
                return Ok(false);
            }
            add(days, months, of, usage)?;
            Ok::<bool, ConflictableTransactionError<Infallible>>(true)
        });
        written.map_err(|error| match error {
            TransactionError::Storage(error) => failed("write the usage")(error),
            TransactionError::Abort(never) => match never {},
        })
    }
}

/// The first key after all keys with this prefix. The prefix ends in a day or a month, so its last
/// byte is never 255.
fn beyond(mut prefix: Vec<u8>) -> Vec<u8> {
    if let Some(last) = prefix.last_mut() {
        *last += 1;
    }
    prefix
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{DEFAULT_CACHE_BYTES, Sums};
    use std::collections::HashMap;

    const SPAM: Usage = Usage {
        ham: 0,
        unsure: 0,
        spam: 1,
        missed_spam: 0,
        false_positives: 0,
    };

    fn of(key: &str, day: &str, site: &str) -> UsageOf {
        UsageOf {
            key: key.into(),
            day: day.parse().expect("a day"),
            site: SiteId::parse(site).expect("a site"),
        }
    }

    fn open(dir: &std::path::Path) -> Store {
        Store::open(dir, DEFAULT_CACHE_BYTES).expect("opens")
    }

    fn add(store: &Store, of: UsageOf) {
        let used = HashMap::from([(of, SPAM)]);
        let sums = Sums {
            used,
            ..Sums::default()
        };
        store.put_records([], &[], &sums).expect("writes");
    }

    fn months(store: &Store, key: &str, from: &str, to: &str) -> Vec<(String, String, u64)> {
        let month = |text: &str| text.parse().expect("a month");
        let rows = store.usage_by_month(key, month(from)..=month(to));
        let rows = rows.expect("reads").into_iter();
        rows.map(|(month, site, usage)| (month.to_string(), site.to_string(), usage.spam))
            .collect()
    }

    fn days(store: &Store, key: &str, from: &str, to: &str) -> Vec<(String, String, u64)> {
        let day = |text: &str| text.parse().expect("a day");
        let rows = store.usage_by_day(key, day(from)..=day(to));
        let rows = rows.expect("reads").into_iter();
        rows.map(|(day, site, usage)| (day.to_string(), site.to_string(), usage.spam))
            .collect()
    }

    fn row(when: &str, site: &str, spam: u64) -> (String, String, u64) {
        (when.to_owned(), site.to_owned(), spam)
    }

    #[test]
    fn usage_adds_up_by_day_and_month_and_no_key_sees_anothers() {
        let dir = tempfile::tempdir().expect("a folder");
        {
            let store = open(dir.path());
            add(&store, of("a", "2026-11-01", "blog.example"));
            add(&store, of("a", "2026-11-30", "blog.example"));
            add(&store, of("a", "2026-12-01", "blog.example"));
            add(&store, of("ab", "2026-11-01", "blog.example"));
            add(&store, of("a", "2026-11-01", "other.example"));
            store.sync().expect("syncs");
        }
        let store = open(dir.path());
        add(&store, of("a", "2026-11-01", "blog.example"));
        assert_eq!(
            months(&store, "a", "2026-11", "2026-11"),
            [
                row("2026-11", "blog.example", 3),
                row("2026-11", "other.example", 1)
            ]
        );
        assert_eq!(months(&store, "a", "2026-01", "2027-12").len(), 3);
        assert_eq!(months(&store, "a", "2026-12", "2026-11"), []);
        assert_eq!(
            days(&store, "a", "2026-11-02", "2026-12-01"),
            [
                row("2026-11-30", "blog.example", 1),
                row("2026-12-01", "blog.example", 1)
            ]
        );
        assert_eq!(
            days(&store, "ab", "2026-11-01", "2026-11-01"),
            [row("2026-11-01", "blog.example", 1)]
        );
        assert_eq!(store.all_usage().count(), 5);
    }

    #[test]
    fn usage_counted_elsewhere_is_taken_in_once_and_added_to_its_month() {
        let dir = tempfile::tempdir().expect("a folder");
        let store = open(dir.path());
        add(&store, of("a", "2026-11-01", "blog.example"));
        let known = of("a", "2026-11-01", "blog.example");
        let fresh = of("a", "2026-11-02", "blog.example");
        assert!(!store.put_new_usage(&known, SPAM).expect("reads"));
        assert!(store.put_new_usage(&fresh, SPAM).expect("writes"));
        assert!(!store.put_new_usage(&fresh, SPAM).expect("reads"));
        assert_eq!(
            months(&store, "a", "2026-11", "2026-11"),
            [row("2026-11", "blog.example", 2)]
        );
    }
}
