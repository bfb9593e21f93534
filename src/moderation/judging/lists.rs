//! List entries of a site, or of all sites, in; the lists that force verdicts out. A change goes to
//! disk, then to memory, and the next check uses it. Never judges a comment.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::clock::{self, Millis, Way};
use crate::comment::SiteId;
use crate::lists::{BadEntry, Entry, Kind, List, RawEntry, Slot, canonical};
use crate::moderation::judging::state::Judging;
use crate::store::StoreError;

/// A list entry as it is requested.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEntry {
    /// The site; `None` for all sites.
    pub site: Option<SiteId>,
    /// Which list.
    pub list: List,
    /// Which part of a comment it is compared with.
    pub kind: Kind,
    /// The value to look for.
    pub value: String,
    /// Why the entry is made.
    pub reason: String,
    /// Who makes it.
    pub by: String,
    /// When it ends: a time from now (`30d`, `12h`) or a day (`2027-01-31`); never if missing.
    pub expires: Option<String>,
}

/// Whether an entry was new.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listing {
    /// There was no entry for this value.
    Added,
    /// It replaced an earlier entry.
    Replaced,
}

/// Why an entry is refused.
#[derive(Debug, thiserror::Error)]
pub enum ListError {
    /// The value is not valid.
    #[error(transparent)]
    Bad(#[from] BadEntry),
    /// Its end is not valid.
    #[error(
        "{0:?} is no end of an entry; expected a time from now such as 30d or 12h, or a day to come such as 2027-01-31 (until its first moment, UTC)"
    )]
    Expiry(String),
    /// The site has as many entries as it may have.
    #[error(
        "{0} has {MOST_ENTRIES} entries, which is all a site may have; remove some, or give them an end"
    )]
    Full(SiteId),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// How many entries a site may have. Entries are kept in memory, and a key may add any number.
pub const MOST_ENTRIES: usize = 20_000;

impl Judging {
    /// The wanted entries that have not ended: those for all sites first, then site by site.
    pub fn listed(&self, wanted: impl Fn(&Entry) -> bool) -> Vec<Arc<Entry>> {
        let now = (self.context.clock)();
        let lists = self.rules.lists();
        let entries = lists.entries().filter(|e| e.is_live(now) && wanted(e));
        entries.cloned().collect()
    }

    /// Adds list entries, all or none. When this returns, they are on disk and the next check uses
    /// them.
    ///
    /// # Errors
    ///
    /// An entry is not valid, a site has enough, or the store cannot write. Then none was added.
    pub fn list(&self, new: Vec<NewEntry>) -> Result<Vec<(Arc<Entry>, Listing)>, ListError> {
        let now = (self.context.clock)();
        let entries = new.into_iter().map(|new| new.entry(now));
        self.put_entries(entries.collect::<Result<_, _>>()?)
    }

    pub(crate) fn put_entries(
        &self,
        entries: Vec<Entry>,
    ) -> Result<Vec<(Arc<Entry>, Listing)>, ListError> {
        let _alone = self.rules.change();
        {
            let lists = self.rules.lists();
            let sites: BTreeSet<&SiteId> = entries
                .iter()
                .filter_map(|e| e.raw().site.as_ref())
                .collect();
            for site in sites {
                let fresh = entries.iter().filter(|e| {
                    e.raw().site.as_ref() == Some(site) && lists.entry(&e.slot()).is_none()
                });
                if lists.len_of(site) + fresh.count() > MOST_ENTRIES {
                    return Err(ListError::Full(site.clone()));
                }
            }
        }
        self.context.store.change_lists(&entries, &[])?;
        let mut lists = self.rules.lists_to_change();
        let now = (self.context.clock)();
        let put = entries.into_iter().map(|entry| {
            let slot = entry.slot();
            let before = lists.insert(entry).filter(|before| before.is_live(now));
            let listing = if before.is_some() {
                Listing::Replaced
            } else {
                Listing::Added
            };
            (
                Arc::clone(lists.entry(&slot).expect("just put there")),
                listing,
            )
        });
        Ok(put.collect())
    }

    /// Adds entries from an import where there is none yet; returns how many.
    pub(crate) fn put_new_entries(&self, mut entries: Vec<Entry>) -> Result<usize, ListError> {
        entries.retain(|entry| self.rules.lists().entry(&entry.slot()).is_none());
        entries.sort_by_key(Entry::slot);
        entries.dedup_by_key(|entry| entry.slot());
        Ok(self.put_entries(entries)?.len())
    }

    /// Removes an entry; `None` if there is none.
    ///
    /// # Errors
    ///
    /// The value is not valid, or the store cannot write.
    pub fn unlist(
        &self,
        site: Option<SiteId>,
        kind: Kind,
        value: &str,
    ) -> Result<Option<Arc<Entry>>, ListError> {
        let value = canonical(kind, value)?;
        let _alone = self.rules.change();
        let slot = Slot { site, kind, value };
        let now = (self.context.clock)();
        if self.rules.lists().entry(&slot).is_none() {
            return Ok(None);
        }
        self.context
            .store
            .change_lists(&[], std::slice::from_ref(&slot))?;
        let removed = self.rules.lists_to_change().remove(&slot);
        Ok(removed.filter(|entry| entry.is_live(now)))
    }

    /// Removes the entries that have ended; they had no effect since then. Returns how many.
    ///
    /// # Errors
    ///
    /// The store cannot write.
    pub fn sweep_lists(&self) -> Result<usize, StoreError> {
        let _alone = self.rules.change();
        let now = (self.context.clock)();
        let ended: Vec<Slot> = {
            let lists = self.rules.lists();
            lists
                .entries()
                .filter(|e| !e.is_live(now))
                .map(|e| e.slot())
                .collect()
        };
        if ended.is_empty() {
            return Ok(0);
        }
        self.context.store.change_lists(&[], &ended)?;
        let mut lists = self.rules.lists_to_change();
        for slot in &ended {
            lists.remove(slot);
        }
        Ok(ended.len())
    }
}

impl NewEntry {
    fn entry(self, now: Millis) -> Result<Entry, ListError> {
        let expires_at = self
            .expires
            .as_deref()
            .map(|text| end(text, now).ok_or_else(|| ListError::Expiry(text.to_owned())));
        let raw = RawEntry {
            site: self.site,
            list: self.list,
            kind: self.kind,
            value: self.value,
            reason: self.reason,
            by: self.by,
            at: now,
            expires_at: expires_at.transpose()?,
        };
        Ok(raw.try_into()?)
    }
}

/// The moment that a text names, if it lies in the future.
fn end(text: &str, now: Millis) -> Option<Millis> {
    // A number alone is refused: it could mean seconds or days.
    let is_number = text.trim().parse::<f64>().is_ok();
    let moment = || clock::parse(text).filter(|_| !is_number);
    let end = clock::after(text, now, Way::Ahead).or_else(moment)?;
    // A year of five digits cannot be shown.
    (now < end && end < LAST_MOMENT).then_some(end)
}

/// The beginning of the year 10000, in milliseconds since 1970.
const LAST_MOMENT: Millis = 253_402_300_800_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_is_a_time_from_now_or_a_day_to_come() {
        const NOW: Millis = 1_795_435_200_000; // 2026-11-23T12:00:00Z
        const HOUR: Millis = 3_600_000;
        for (text, expected) in [
            ("30d", Some(NOW + 720 * HOUR)),
            ("1h 30m", Some(NOW + HOUR * 3 / 2)),
            ("2026-11-24", Some(NOW + 12 * HOUR)),
            ("2026-11-23 13:00:00", Some(NOW + HOUR)),
            ("2026-11-23T13:00:00Z", Some(NOW + HOUR)),
            ("2026-11-23", None),
            ("0s", None),
            ("30", None),
            ("soon", None),
            ("99999999999y", None),
            ("9000y", None),
        ] {
            assert_eq!(end(text, NOW), expected, "{text}");
        }
    }
}
