//! What people decided for a site, in and out: entries of its lists and its settings, entries for
//! all sites, and evidence lists. On disk when a call returns. Never matches an entry.

use crate::comment::SiteId;
use crate::lists::evidence::EvidenceList;
use crate::lists::{Entry, Slot};
use crate::policy::SiteSettings;

use super::error::{StoreError, failed};
use super::journal::{Row, Tree};
use super::layout::{seal, slot_key, unseal};
use super::sled_store::Store;

impl Store {
    /// Writes and removes list entries, all or none.
    ///
    /// # Errors
    ///
    /// The disk refuses.
    pub fn change_lists(&self, put: &[Entry], remove: &[Slot]) -> Result<(), StoreError> {
        let mut batch = sled::Batch::default();
        for slot in remove {
            batch.remove(slot_key(slot));
        }
        for entry in put {
            batch.insert(slot_key(&entry.slot()), seal(entry));
        }
        self.lists
            .apply_batch(batch)
            .map_err(failed("write the lists"))?;
        self.sync()
    }

    /// All entries of all lists; expired entries are among them.
    pub fn list_entries(&self) -> impl Iterator<Item = Result<Entry, StoreError>> + Send + use<> {
        self.lists.iter().map(|item| {
            let (slot, value) = item.map_err(failed("read the lists"))?;
            unseal(&value, || {
                format!("the list entry {:?}", String::from_utf8_lossy(&slot))
            })
        })
    }

    /// Writes an evidence list; replaces one of the same name.
    ///
    /// # Errors
    ///
    /// The disk refused.
    pub fn put_evidence(&self, list: &EvidenceList) -> Result<(), StoreError> {
        let raw = list.raw();
        self.evidence
            .insert(raw.name.as_bytes(), seal(raw))
            .map_err(failed("write an evidence list"))?;
        self.sync()
    }

    /// Removes an evidence list.
    ///
    /// # Errors
    ///
    /// The disk refused.
    pub fn remove_evidence(&self, name: &str) -> Result<(), StoreError> {
        self.evidence
            .remove(name.as_bytes())
            .map_err(failed("remove an evidence list"))?;
        self.sync()
    }

    /// All evidence lists, in order of their names.
    pub fn evidence_lists(
        &self,
    ) -> impl Iterator<Item = Result<EvidenceList, StoreError>> + Send + use<> {
        self.evidence.iter().map(|item| {
            let (name, value) = item.map_err(failed("read the evidence lists"))?;
            let raw = unseal(&value, || {
                format!("the evidence list {:?}", String::from_utf8_lossy(&name))
            })?;
            Ok(EvidenceList::kept(raw))
        })
    }

    /// Writes the settings of a site. Default settings are not stored: the row is removed.
    ///
    /// # Errors
    ///
    /// The disk refuses the journal or the store.
    pub fn put_site(&self, site: &SiteId, settings: &SiteSettings) -> Result<(), StoreError> {
        let place = site.as_str().as_bytes();
        let value = (*settings != SiteSettings::default()).then(|| seal(&(site, settings)));
        self.write_down(&[Row {
            tree: Tree::Sites,
            key: place.to_vec(),
            value: value.clone(),
        }])?;
        let written = match value {
            Some(value) => self.sites.insert(place, value),
            None => self.sites.remove(place),
        };
        written.map_err(failed("write the settings of a site"))?;
        self.sync()
    }

    /// All sites that have settings of their own.
    pub fn sites(
        &self,
    ) -> impl Iterator<Item = Result<(SiteId, SiteSettings), StoreError>> + Send + use<> {
        self.sites.iter().map(|item| {
            let (site, value) = item.map_err(failed("read the settings of sites"))?;
            unseal(&value, || {
                format!("the settings of {:?}", String::from_utf8_lossy(&site))
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::DEFAULT_CACHE_BYTES;
    use super::*;
    use crate::lists::{Kind, List, RawEntry};
    use crate::policy::Unsure;

    #[test]
    fn what_was_decided_is_there_after_a_restart_and_what_was_taken_back_is_not() {
        let dir = tempfile::tempdir().expect("a folder");
        let site = SiteId::parse("blog.example").expect("a site");
        let entry = |site: Option<SiteId>, value: &str| {
            let raw = RawEntry {
                site,
                list: List::Deny,
                kind: Kind::Domain,
                value: value.into(),
                reason: "cờ bạc".into(),
                by: "an".into(),
                at: 7,
                expires_at: Some(9),
            };
            Entry::try_from(raw).expect("good")
        };
        let (own, shared) = (
            entry(Some(site.clone()), "casino.example"),
            entry(None, "casino.example"),
        );
        let settings = SiteSettings {
            unsure: Some(Unsure::Ham),
            ..SiteSettings::default()
        };
        {
            let store = Store::open(dir.path(), DEFAULT_CACHE_BYTES).expect("opens");
            let both = [own.clone(), shared.clone()];
            store.change_lists(&both, &[]).expect("writes");
            store.put_site(&site, &settings).expect("writes");
        }
        let store = Store::open(dir.path(), DEFAULT_CACHE_BYTES).expect("opens again");
        let entries = || -> Vec<Entry> {
            let entries = store.list_entries();
            entries.map(|entry| entry.expect("whole")).collect()
        };
        assert_eq!(entries(), [shared.clone(), own.clone()]);
        store.change_lists(&[], &[own.slot()]).expect("removes");
        assert_eq!(entries(), [shared]);
        let sites: Result<Vec<_>, _> = store.sites().collect();
        assert_eq!(sites.expect("whole"), [(site.clone(), settings)]);
        let default = SiteSettings::default();
        store.put_site(&site, &default).expect("writes");
        assert_eq!(store.sites().count(), 0);
    }
}
