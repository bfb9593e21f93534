//! How a key stands: served or suspended, which sites were taken from it, how much of its limit this month has used. Counted in memory, so that a
//! check need not ask the disk; read off the store at the start.

use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::{Mutex, MutexGuard};

use crate::clock::Millis;
use crate::comment::SiteId;
use crate::moderation::accounts::admitted::{Admitted, Refusal};
use crate::moderation::accounts::state::Accounts;
use crate::store::{Key, Month, SecretHash, Store, StoreError};

/// A key with what is known of it in memory.
#[derive(Debug)]
pub(crate) struct Account {
    pub(crate) key: Key,
    pub(crate) revoked_sites: HashSet<SiteId>,
    /// The secret, once it was shown since the start: sites are told corrections with it, and it is kept nowhere else.
    secret: OnceLock<Box<str>>,
    /// Hashes of the sites it ever named.
    sites: Mutex<HashSet<u64>>,
    /// Whether it was said that there is no room for more.
    said_full: AtomicBool,
    tally: Mutex<Tally>,
}

/// Sites that a key may name unless the operator says otherwise.
pub const MOST_SITES: u32 = 10_000;

/// Whether a key is served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Service {
    /// It is.
    Served,
    /// Not until its operator resumes it.
    Suspended,
}

/// How a key stands this month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Whether it is served.
    pub service: Service,
    /// Checks of all its sites this month.
    pub checks: u64,
    /// Checks a month that its operator allows.
    pub monthly_limit: Option<u64>,
    /// Months in a row over the limit, this one among them; 0 while this one is not.
    pub months_over: u32,
}

/// What the owner of a site should be told about the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alert {
    /// The key is suspended.
    Suspended,
    /// The key does not serve this site any more.
    SiteRevoked,
    /// The key is over its limit.
    OverLimit {
        /// Months in a row, at least 1.
        months: u32,
        /// Checks this month.
        checks: u64,
        /// Checks allowed in a month.
        limit: u64,
    },
}

/// Checks of one month, and what the months before it were like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Tally {
    month: Month,
    checks: u64,
    /// Months in a row over the limit, up to the one before this; no more than are told apart.
    months_over_before: u32,
}

/// Beyond the fourth month in a row over the limit the protocol tells no more apart.
const MOST_MONTHS_BEFORE: u32 = 3;

impl Tally {
    fn is_over(checks: u64, limit: Option<u64>) -> bool {
        limit.is_some_and(|limit| checks > limit)
    }

    /// The months that `rows` tell of; past ones are held against today's limit.
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

    /// Goes on to a later month; a clock that was set back stays in the month it was.
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

/// All keys, found by what their secret hashes to and by id.
#[derive(Debug, Default)]
pub(crate) struct KeyTable {
    by_id: HashMap<String, Account>,
    ids: HashMap<SecretHash, String>,
}

impl KeyTable {
    /// As the store knows them.
    pub(crate) fn read(store: &Store, month: Month) -> Result<Self, StoreError> {
        let mut table = Self::default();
        for key in store.keys()? {
            table.put(Account::read(key, store, month)?);
        }
        Ok(table)
    }

    /// Takes on what was read of one.
    pub(crate) fn put(&mut self, read: Account) {
        let Key { id, hash, .. } = read.key.clone();
        match self.by_id.get_mut(&id) {
            Some(account) => {
                if account.key.hash != hash {
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

    fn of_hash(&self, hash: &SecretHash) -> Option<&Account> {
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

    /// Takes on what was read anew; what was counted stays, for a check may be counted right now.
    pub(crate) fn take_on(&mut self, read: Self) {
        let fresh = read.tally.into_inner();
        let mut tally = self.tally.lock();
        tally.turn_to(fresh.month, self.key.monthly_limit);
        if tally.month == fresh.month {
            tally.months_over_before = fresh.months_over_before;
        }
        drop(tally);
        let sites = read.sites.into_inner();
        let sites = sites;
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

    /// Whether there is room for this site among those that the key names; takes its place.
    fn name(&self, site: &SiteId, most: usize) -> bool {
        let (mut sites, hash) = (self.sites(), hash_of(site));
        sites.contains(&hash) || (sites.len() < most && sites.insert(hash))
    }

    /// Counts checks of a month; of an earlier one than it is, they are past.
    pub(crate) fn count(&self, month: Month, checks: u64) {
        let mut tally = self.tally.lock();
        tally.turn_to(month, self.key.monthly_limit);
        if month == tally.month {
            tally.checks += checks;
        }
    }

    fn standing(&self, month: Month) -> Standing {
        let mut tally = self.tally.lock();
        tally.turn_to(month, self.key.monthly_limit);
        Standing {
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

impl Standing {
    /// What its owner should be told.
    fn alert(&self) -> Option<Alert> {
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

impl Accounts {
    /// Whether there is such a key and it was not revoked. It may be suspended: for calls that tell it so. Found by what the secret hashes to, so that how long
    /// it takes tells nothing of how much of it is right.
    ///
    /// # Errors
    ///
    /// Why it is not good.
    pub fn recognise(&self, secret: Option<&str>) -> Result<Admitted, Refusal> {
        let secret = secret
            .map(str::trim)
            .filter(|s| !s.is_empty())
            .ok_or(Refusal::NoKey)?;
        let hash = SecretHash::of(secret);
        recognised(self.keys.read().of_hash(&hash))
    }

    /// Whether this secret was good before, since the start.
    pub fn is_familiar(&self, secret: &str) -> bool {
        let hash = SecretHash::of(secret.trim());
        let keys = self.keys.read();
        let account = keys.of_hash(&hash);
        account.is_some_and(|account| account.secret.get().is_some())
    }

    /// Notes that a secret was shown and found good.
    pub fn note_shown(&self, admitted: &Admitted, secret: &str) {
        self.of_account(&admitted.key_id, |account| {
            let _ = account.secret.set(secret.trim().into());
        });
    }

    /// The secret of a key, if it was shown since the start.
    pub(crate) fn shown_secret(&self, key_id: &str) -> Option<String> {
        let shown = self.of_account(key_id, |account| account.secret.get().cloned());
        shown.flatten().map(String::from)
    }

    /// Whether a key admits.
    ///
    /// # Errors
    ///
    /// Why it does not.
    pub fn admit(&self, secret: Option<&str>) -> Result<Admitted, Refusal> {
        self.served(self.recognise(secret)?)
    }

    /// Whether the key with this id admits: for what it sent earlier.
    pub(crate) fn admit_id(&self, key_id: &str) -> Result<Admitted, Refusal> {
        let found = recognised(self.keys.read().by_id.get(key_id));
        self.served(found?)
    }

    fn served(&self, admitted: Admitted) -> Result<Admitted, Refusal> {
        match self.standing(&admitted).service {
            Service::Served => Ok(admitted),
            Service::Suspended => Err(Refusal::Suspended),
        }
    }

    /// Whether a key that admits serves this site.
    pub fn admit_site(&self, admitted: &Admitted, site: &SiteId) -> Result<(), Refusal> {
        if self.is_revoked(admitted, site) {
            Err(Refusal::SiteRevoked)
        } else {
            Ok(())
        }
    }

    /// Name of the key with this id, revoked or not.
    pub(crate) fn name_of(&self, key_id: &str) -> Option<String> {
        self.of_account(key_id, |account| account.key.name.clone())
    }

    /// Names of all keys, by id.
    pub(crate) fn key_names(&self) -> HashMap<String, String> {
        let keys = self.keys.read();
        let keys = keys.by_id.values().map(|account| &account.key);
        keys.map(|key| (key.id.clone(), key.name.clone())).collect()
    }

    fn is_revoked(&self, admitted: &Admitted, site: &SiteId) -> bool {
        self.of_account(&admitted.key_id, |account| {
            account.revoked_sites.contains(site)
        })
        .unwrap_or(false)
    }

    /// How a key stands this month.
    pub fn standing(&self, admitted: &Admitted) -> Standing {
        let month = self.this_month();
        self.of_account(&admitted.key_id, |account| account.standing(month))
            .unwrap_or(Standing {
                service: Service::Suspended,
                checks: 0,
                monthly_limit: None,
                months_over: 0,
            })
    }

    /// What the owner of a site should be told about the key; without a site, about the key alone.
    pub fn alert(&self, admitted: &Admitted, site: Option<&SiteId>) -> Option<Alert> {
        let standing = self.standing(admitted);
        let revoked = site.is_some_and(|site| self.is_revoked(admitted, site));
        if standing.service == Service::Served && revoked {
            return Some(Alert::SiteRevoked);
        }
        standing.alert()
    }

    /// Counts a check against the limit of its key.
    pub(crate) fn count(&self, key_id: &str, at: Millis) {
        let month = Month::at(at);
        self.of_account(key_id, |account| account.count(month, 1));
    }

    /// Whether a key may name this site: one that was given to it, or one of so many.
    pub(crate) fn may_name(&self, site: &SiteId, admitted: &Admitted) -> bool {
        let most = self.most_sites as usize;
        let has_room = self.of_account(&admitted.key_id, |account| account.name(site, most));
        let may = has_room.unwrap_or(false)
            || self
                .owner_of(site)
                .is_some_and(|owner| owner == admitted.key_name);
        let is_news = || {
            let said = self.of_account(&admitted.key_id, |account| {
                account.said_full.swap(true, Ordering::Relaxed)
            });
            said == Some(false)
        };
        if !may && is_news() {
            self.health.warn(
                format!("sites {}", admitted.key_name),
                format!("the key {:?} names more than {most} sites; those beyond are judged and leave no record (max_sites_per_key)", admitted.key_name),
            );
        }
        may
    }

    pub(crate) fn of_account<T>(&self, key_id: &str, ask: impl FnOnce(&Account) -> T) -> Option<T> {
        self.keys.read().by_id.get(key_id).map(ask)
    }
}

fn hash_of(site: &SiteId) -> u64 {
    rapidhash::v3::rapidhash_v3(site.as_str().as_bytes())
}

fn recognised(account: Option<&Account>) -> Result<Admitted, Refusal> {
    match account.map(|account| &account.key) {
        None => Err(Refusal::Unknown),
        Some(key) if key.revoked_at.is_some() => Err(Refusal::Revoked),
        Some(key) => Ok(Admitted {
            key_name: key.name.clone(),
            key_id: key.id.clone(),
        }),
    }
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
