//! Lists of what a site, or every site, always takes or never takes: changed on disk, then in
//! memory, and known to the next check.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::clock::{self, Millis, Way};
use crate::comment::SiteId;
use crate::lists::{BadEntry, Entry, Kind, List, RawEntry, Slot, canonical};
use crate::moderation::judging::state::Judging;
use crate::store::StoreError;

/// An entry as somebody asks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEntry {
    /// The site; all sites if missing.
    pub site: Option<SiteId>,
    /// Which list.
    pub list: List,
    /// What it looks at.
    pub kind: Kind,
    /// What it looks for.
    pub value: String,
    /// Why.
    pub reason: String,
    /// Who asks.
    pub by: String,
    /// When it ends: a time from now (`30d`, `12h`) or a day (`2027-01-31`); never if missing.
    pub expires: Option<String>,
}

/// What became of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listing {
    /// Nothing had been said of that.
    Added,
    /// It took the place of an earlier one.
    Replaced,
}

/// Why an entry was not taken.
#[derive(Debug, thiserror::Error)]
pub enum ListError {
    /// It makes no sense.
    #[error(transparent)]
    Bad(#[from] BadEntry),
    /// Its end makes no sense.
    #[error(
        "{0:?} is no end of an entry; expected a time from now such as 30d or 12h, or a day to come such as 2027-01-31 (until its first moment, UTC)"
    )]
    Expiry(String),
    /// A site has enough.
    #[error(
        "{0} has {MOST_ENTRIES} entries, which is all a site may have; remove some, or give them an end"
    )]
    Full(SiteId),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Entries a site may have: they are kept in memory, and a key may add them at will.
pub const MOST_ENTRIES: usize = 20_000;

impl Judging {
    /// The entries wanted that still speak: those for all sites first, then site by site.
    pub fn listed(&self, wanted: impl Fn(&Entry) -> bool) -> Vec<Arc<Entry>> {
        let now = (self.context.clock)();
        let lists = self.rules.lists();
        let entries = lists.entries().filter(|e| e.is_live(now) && wanted(e));
        entries.cloned().collect()
    }

    /// Puts entries on the lists, all or none; on disk and known to the next check when it returns.
    ///
    /// # Errors
    ///
    /// If an entry makes no sense, a site has enough, or the store cannot write; then none was put
    /// there.
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

    /// Takes in entries made elsewhere where nothing was said yet; says how many.
    pub(crate) fn put_new_entries(&self, mut entries: Vec<Entry>) -> Result<usize, ListError> {
        entries.retain(|entry| self.rules.lists().entry(&entry.slot()).is_none());
        entries.sort_by_key(Entry::slot);
        entries.dedup_by_key(|entry| entry.slot());
        Ok(self.put_entries(entries)?.len())
    }

    /// Takes an entry off its list; `None` if there is none.
    ///
    /// # Errors
    ///
    /// If the value makes no sense, or the store cannot write it down.
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

    /// Forgets the entries that have ended, which have not spoken since; says how many.
    ///
    /// # Errors
    ///
    /// If the store cannot write it down.
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

/// The moment a text names, if it lies ahead.
fn end(text: &str, now: Millis) -> Option<Millis> {
    // A number alone is no end: it could be seconds or days.
    let is_number = text.trim().parse::<f64>().is_ok();
    let moment = || clock::parse(text).filter(|_| !is_number);
    let end = clock::after(text, now, Way::Ahead).or_else(moment)?;
    // Years of five digits cannot be shown.
    (now < end && end < LAST_MOMENT).then_some(end)
}

/// The beginning of the year 10000.
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
