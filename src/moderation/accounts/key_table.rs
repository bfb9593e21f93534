//! All keys in memory: the hash of a secret in, its key and usage out. Read from the store at the
//! start. Never reads the disk during a check.

use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;
use std::sync::atomic::AtomicBool;

use parking_lot::{Mutex, MutexGuard};

use crate::clock::Month;
use crate::comment::SiteId;
use crate::store::{Key, SecretHash, Store, StoreError};

/// A key, and what is known of it in memory.
#[derive(Debug)]
pub(crate) struct Account {
    pub(crate) key: Key,
    pub(crate) revoked_sites: HashSet<SiteId>,
    /// The secret, if a request has sent it since the start. Corrections are sent with it, and it
    /// is stored nowhere.
    pub(crate) secret: OnceLock<Box<str>>,
    /// Hashes of the sites that it ever named.
    sites: Mutex<HashSet<u64>>,
    /// Whether the warning about too many sites was given.
    pub(crate) said_full: AtomicBool,
    tally: Mutex<Tally>,
}

/// How many sites a key may name, unless a setting says otherwise.
pub const MOST_SITES: u32 = 10_000;

/// Whether a key is served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Service {
    /// The key is served.
    Served,
    /// The key is not served until its operator resumes it.
    Suspended,
}

/// The status of a key this month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccountStatus {
    /// Whether it is served.
    pub service: Service,
    /// How many checks all its sites made this month.
    pub checks: u64,
    /// How many checks a month its operator allows; `None` for no limit.
    pub monthly_limit: Option<u64>,
    /// How many months in a row it was over the limit, this one included; 0 if it is not over it
    /// now.
    pub months_over: u32,
}

/// What the owner of a site should know about the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alert {
    /// The key is suspended.
    Suspended,
    /// The key no longer serves this site.
    SiteRevoked,
    /// The key is over its limit.
    OverLimit {
        /// How many months in a row, at least 1.
        months: u32,
        /// How many checks it made this month.
        checks: u64,
        /// How many checks a month are allowed.
        limit: u64,
    },
}

/// The checks of one month, and whether the months before it were over the limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Tally {
    month: Month,
    checks: u64,
    /// How many months in a row before this one were over the limit; at most `MOST_MONTHS_BEFORE`.
    months_over_before: u32,
}

/// How many earlier months are counted: the protocol does not distinguish more than four in a row.
const MOST_MONTHS_BEFORE: u32 = 3;

impl Tally {
    fn is_over(checks: u64, limit: Option<u64>) -> bool {
        limit.is_some_and(|limit| checks > limit)
    }

    /// The tally of a month from stored usage. Earlier months are compared with today's limit.
    fn of(month: Month, rows: &[(Month, SiteId, crate::store::Usage)], limit: Option<u64>) -> Self {
        let checks = |month: Month| -> u64 {
            let rows = rows.iter().filter(|(of, _, _)| *of == month);
            rows.map(|(_, _, usage)| usage.checks()).sum()
        };
        let over = (1..=MOST_MONTHS_BEFORE)
            .take_while(|back| Self::is_over(checks(month.back(*back)), limit));
        Self {
            month,
            checks: checks(month),
            months_over_before: over.count() as u32,
        }
    }

    /// Goes on to a later month. After a clock went back, the tally stays in its month.
    fn turn_to(&mut self, month: Month, limit: Option<u64>) {
        if month <= self.month {
            return;
        }
        let follows = month.back(1) == self.month;
        self.months_over_before = if follows && Self::is_over(self.checks, limit) {
            (self.months_over_before + 1).min(MOST_MONTHS_BEFORE)
        } else {
            0
        };
        self.month = month;
        self.checks = 0;
    }

    fn months_over(&self, limit: Option<u64>) -> u32 {
        if Self::is_over(self.checks, limit) {
            self.months_over_before + 1
        } else {
            0
        }
    }
}

/// All keys, by the hash of their secret and by id.
#[derive(Debug, Default)]
pub(crate) struct KeyTable {
    pub(crate) by_id: HashMap<String, Account>,
    ids: HashMap<SecretHash, String>,
}

impl KeyTable {
    /// Reads all keys from the store.
    pub(crate) fn read(store: &Store, month: Month) -> Result<Self, StoreError> {
        let mut table = Self::default();
        for key in store.keys()? {
            table.put(Account::read(key, store, month)?);
        }
        Ok(table)
    }

    /// Adds a key, or updates it with what was read.
    pub(crate) fn put(&mut self, read: Account) {
        let Key { id, hash, .. } = read.key.clone();
        match self.by_id.get_mut(&id) {
            Some(account) => {
                if account.key.hash != hash {
                    // The old secret must not find the key any more.
                    self.ids.remove(&account.key.hash);
                }
                account.take_on(read);
            }
            None => drop(self.by_id.insert(id.clone(), read)),
        }
        self.ids.insert(hash, id);
    }

    pub(crate) fn id_of(&self, hash: &SecretHash) -> Option<String> {
        self.ids.get(hash).cloned()
    }

    pub(crate) fn of_hash(&self, hash: &SecretHash) -> Option<&Account> {
        self.by_id.get(self.ids.get(hash)?)
    }
}

impl Account {
    pub(crate) fn read(key: Key, store: &Store, month: Month) -> Result<Self, StoreError> {
        let rows = store.usage_by_month(&key.id, month.back(MOST_MONTHS_BEFORE)..=month)?;
        let notes = store.site_notes(&key.id)?.into_iter();
        Ok(Self {
            revoked_sites: notes
                .filter(|note| note.revoked_at.is_some())
                .map(|note| note.site)
                .collect(),
            secret: OnceLock::new(),
            said_full: AtomicBool::default(),
            sites: Mutex::new(store.sites_of(&key.id)?.iter().map(hash_of).collect()),
            tally: Mutex::new(Tally::of(month, &rows, key.monthly_limit)),
            key,
        })
    }

    /// Takes over what was read. Counts made in memory stay, because a check may be counted right
    /// now.
    pub(crate) fn take_on(&mut self, read: Self) {
        let fresh = read.tally.into_inner();
        let mut tally = self.tally.lock();
        tally.turn_to(fresh.month, self.key.monthly_limit);
        if tally.month == fresh.month {
            tally.months_over_before = fresh.months_over_before;
        }
        drop(tally);
        let sites = read.sites.into_inner();
        self.sites().extend(sites);
        if self.key.hash != read.key.hash {
            self.secret = OnceLock::new();
        }
        self.key = read.key;
        self.revoked_sites = read.revoked_sites;
    }

    fn sites(&self) -> MutexGuard<'_, HashSet<u64>> {
        self.sites.lock()
    }

    /// Whether the key may name this site: it did so before, or there is room for one more. Notes
    /// the site.
    pub(crate) fn name(&self, site: &SiteId, most: usize) -> bool {
        let (mut sites, hash) = (self.sites(), hash_of(site));
        sites.contains(&hash) || (sites.len() < most && sites.insert(hash))
    }

    /// Counts checks of a month. A month before the current one is not counted.
    pub(crate) fn count(&self, month: Month, checks: u64) {
        let mut tally = self.tally.lock();
        tally.turn_to(month, self.key.monthly_limit);
        if month == tally.month {
            tally.checks += checks;
        }
    }

    pub(crate) fn status(&self, month: Month) -> AccountStatus {
        let mut tally = self.tally.lock();
        tally.turn_to(month, self.key.monthly_limit);
        AccountStatus {
            service: match self.key.suspended_at {
                None => Service::Served,
                Some(_) => Service::Suspended,
            },
            checks: tally.checks,
            monthly_limit: self.key.monthly_limit,
            months_over: tally.months_over(self.key.monthly_limit),
        }
    }
}

impl AccountStatus {
    /// What the owner should know, if anything.
    pub(crate) fn alert(&self) -> Option<Alert> {
        if self.service == Service::Suspended {
            return Some(Alert::Suspended);
        }
        let limit = self.monthly_limit.filter(|_| self.months_over > 0)?;
        Some(Alert::OverLimit {
            months: self.months_over,
            checks: self.checks,
            limit,
        })
    }
}

fn hash_of(site: &SiteId) -> u64 {
    rapidhash::v3::rapidhash_v3(site.as_str().as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Usage;

    fn month(text: &str) -> Month {
        text.parse().expect("a month")
    }

    fn rows(counts: &[(&str, u64)]) -> Vec<(Month, SiteId, Usage)> {
        let site = SiteId::parse("blog.example").expect("a site");
        let usage = |spam| Usage {
            spam,
            ..Usage::default()
        };
        let row = |(of, checks): &(&str, u64)| (month(of), site.clone(), usage(*checks));
        counts.iter().map(row).collect()
    }

    #[track_caller]
    fn over(counts: &[(&str, u64)], limit: Option<u64>, expected: u32) {
        let tally = Tally::of(month("2026-03"), &rows(counts), limit);
        assert_eq!(tally.months_over(limit), expected);
    }

    #[test]
    fn months_over_the_limit_are_counted_without_a_gap() {
        let counts = [
            ("2025-12", 11),
            ("2026-01", 6),
            ("2026-01", 5),
            ("2026-02", 11),
            ("2026-03", 11),
        ];
        over(&counts, Some(10), 4);
        over(&counts, Some(11), 0);
        over(&counts, None, 0);
        over(&counts[..4], Some(10), 0);
        over(&counts[3..], Some(10), 2);
        over(&[counts[0], counts[1], counts[3], counts[4]], Some(10), 2);
    }

    #[test]
    fn a_new_month_begins_at_nothing_and_remembers_whether_the_last_was_over() {
        let limit = Some(10);
        let mut tally = Tally::of(month("2026-03"), &rows(&[("2026-03", 11)]), limit);
        tally.turn_to(month("2026-04"), limit);
        assert_eq!((tally.checks, tally.months_over_before), (0, 1));
        tally.checks = 11;
        tally.turn_to(month("2026-03"), limit);
        assert_eq!(
            (tally.checks, tally.months_over(limit)),
            (11, 2),
            "no way back"
        );
        tally.turn_to(month("2026-06"), limit);
        assert_eq!((tally.checks, tally.months_over_before), (0, 0));
        for further in ["2026-07", "2026-08", "2026-09", "2026-10", "2026-11"] {
            tally.checks = 11;
            tally.turn_to(month(further), limit);
        }
        assert_eq!(tally.months_over_before, MOST_MONTHS_BEFORE);
    }
}
