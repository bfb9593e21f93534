//! What people decided for their sites, in memory for the checks: lists, evidence lists and
//! settings. Read from the store at the start; never written to it here.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::{Mutex, MutexGuard, RwLock, RwLockReadGuard, RwLockWriteGuard};

use crate::comment::SiteId;
use crate::lists::Lists;
use crate::lists::evidence::Evidence;
use crate::policy::SiteSettings;
use crate::store::{Store, StoreError, whole};

/// Lists, evidence lists and settings, as on disk.
#[derive(Debug, Default)]
pub(crate) struct Rules {
    lists: RwLock<Lists>,
    pub(crate) settings: RwLock<HashMap<SiteId, SiteSettings>>,
    /// Shared as one value, so that a reader of many comments uses the same lists for all of them.
    evidence: RwLock<Arc<Evidence>>,
    /// Held by a change from the disk to the memory. Readers do not take it, so they never wait for
    /// the disk.
    changing: Mutex<()>,
}

impl Rules {
    pub(crate) fn load(store: &Store) -> Result<Self, StoreError> {
        let mut settings = HashMap::new();
        for site in store.sites().filter_map(whole) {
            let (site, of_site) = site?;
            settings.insert(site, of_site);
        }
        Ok(Self {
            lists: RwLock::new(load_lists(store)?),
            settings: RwLock::new(settings),
            evidence: RwLock::new(Arc::new(load_evidence(store)?)),
            changing: Mutex::default(),
        })
    }

    pub(crate) fn change(&self) -> MutexGuard<'_, ()> {
        self.changing.lock()
    }

    pub(crate) fn lists(&self) -> RwLockReadGuard<'_, Lists> {
        self.lists.read()
    }

    pub(crate) fn lists_to_change(&self) -> RwLockWriteGuard<'_, Lists> {
        self.lists.write()
    }

    pub(crate) fn evidence(&self) -> Arc<Evidence> {
        Arc::clone(&self.evidence.read())
    }

    pub(crate) fn set_evidence(&self, evidence: Evidence) {
        let mut place = self.evidence.write();
        let before = std::mem::replace(&mut *place, Arc::new(evidence));
        // The lock is released before the old lists are freed, so no check waits for that.
        drop(place);
        drop(before);
    }

    pub(crate) fn of(&self, site: &SiteId) -> SiteSettings {
        let settings = self.settings.read();
        settings.get(site).copied().unwrap_or_default()
    }
}

/// Reads the evidence lists from the store.
fn load_evidence(store: &Store) -> Result<Evidence, StoreError> {
    let mut evidence = Evidence::default();
    for list in store.evidence_lists().filter_map(whole) {
        evidence.insert(&list?);
    }
    Ok(evidence)
}

/// Reads the list entries from the store. Entries that have ended are among them.
fn load_lists(store: &Store) -> Result<Lists, StoreError> {
    let mut lists = Lists::default();
    for entry in store.list_entries().filter_map(whole) {
        lists.insert(entry?);
    }
    Ok(lists)
}
