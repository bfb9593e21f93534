//! Owners of sites: a site and a key in, what the key may do there out. Only the operator decides
//! who owns a site (`phin sites give`, `phin keys create --site`), because any caller can name any
//! site. Never refuses a check.
//!
//! - On a site that belongs to a key, that key and keys with a vouch may give labels. Reports of
//!   other keys are refused, and the log says so.
//! - On a site that belongs to nobody, every key may give labels; they count for what that key
//!   sends (`learn/online/realm.rs`). Its lists, settings and figures are only for the operator and
//!   for keys with a vouch.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::blocking::run_blocking;
use crate::comment::SiteId;
use crate::learn::online::realm::Realm;
use crate::moderation::accounts::admitted::Admitted;
use crate::moderation::accounts::state::Accounts;
use crate::moderation::ledger::error::LabelError;
use crate::store::{Record, StoreError};

/// Why a site is not given to a key.
#[derive(Debug, thiserror::Error)]
pub enum GiveError {
    /// There is no key of that name.
    #[error("there is no key named {0:?}; phin keys list prints them all")]
    NoSuchKey(String),
    /// It could not be written to disk.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The server is stopping.
    #[error(transparent)]
    Label(#[from] LabelError),
}

impl Accounts {
    /// Name of the key that owns a site.
    pub fn owner_of(&self, site: &SiteId) -> Option<String> {
        let owners = self.owners.read();
        owners.get(site).cloned()
    }

    /// Gives a site to a key, by the key's name. The labels of the site are counted again. When
    /// this returns, it is on disk and the next check uses it.
    ///
    /// # Errors
    ///
    /// There is no such key, or the store cannot write.
    pub async fn give(&self, site: &SiteId, key_name: &str) -> Result<(), GiveError> {
        if self.keys()?.iter().all(|key| key.name != key_name) {
            return Err(GiveError::NoSuchKey(key_name.to_owned()));
        }
        self.note_owner(site, key_name)?;
        self.heed_owners().await
    }

    /// Stores the owner of a site. [`Accounts::heed_owners`] makes it count.
    pub(crate) fn note_owner(&self, site: &SiteId, key_name: &str) -> Result<(), StoreError> {
        self.context.store.put_owner(site, key_name)?;
        self.owners
            .write()
            .insert(site.clone(), key_name.to_owned());
        Ok(())
    }

    /// Syncs new owners to disk and has labels counted under them.
    pub(crate) async fn heed_owners(&self) -> Result<(), GiveError> {
        self.context.store.sync()?;
        self.context.ledger.fold_anew().await??;
        self.owners_noted.fetch_add(1, Ordering::Release);
        Ok(())
    }

    pub(crate) fn may_label(&self, site: &SiteId, admitted: &Admitted) -> Result<(), LabelError> {
        match self.owner_of(site) {
            Some(owner) if owner != admitted.key_name && !self.is_vouched(admitted) => {
                Err(LabelError::NotYours(site.clone()))
            }
            _ => Ok(()),
        }
    }

    /// Whether a key may decide for a site: it owns it, or it has the operator's vouch.
    pub(crate) fn may_decide(&self, site: &SiteId, admitted: &Admitted) -> bool {
        match self.owner_of(site) {
            Some(owner) => owner == admitted.key_name || self.is_vouched(admitted),
            None => self.is_vouched(admitted),
        }
    }

    /// The sites that a key owns.
    pub(crate) fn given_sites(&self, admitted: &Admitted) -> Vec<SiteId> {
        let owners = self.owners.read();
        let given = owners.iter().filter(|(_, of)| **of == admitted.key_name);
        given.map(|(site, _)| site.clone()).collect()
    }

    /// Whether the operator vouches for a key.
    pub(crate) fn is_vouched(&self, admitted: &Admitted) -> bool {
        self.context.online.credit_of(&admitted.key_name).is_none()
    }

    /// The key that sent a check; `None` if it is not known here.
    pub(crate) fn sender_of(&self, record: &Record) -> Option<Admitted> {
        let key_id = record.key.clone();
        let key_name = self.name_of(&key_id)?;
        Some(Admitted { key_name, key_id })
    }

    /// The realm of a check: that of the key that sent it, on its site. An imported check belongs
    /// to the site's own realm.
    pub(crate) fn realm_of_check(&self, record: &Record) -> Realm {
        self.realm_of_sender(&record.site, &record.key)
    }

    /// The same by the id of the key.
    pub(crate) fn realm_of_sender(&self, site: &SiteId, key_id: &str) -> Realm {
        match self.name_of(key_id) {
            Some(name) => self.context.online.realm(site, &name),
            None => Realm::of_site(site),
        }
    }

    /// The sites that a key may decide for: those that it owns, and with the operator's vouch all
    /// sites that it was ever used for and still serves.
    ///
    /// # Errors
    ///
    /// The store cannot be read.
    pub async fn own_sites(&self, admitted: &Admitted) -> Result<BTreeSet<SiteId>, StoreError> {
        let mut own = self.used_sites(admitted).await?;
        own.retain(|site| self.may_decide(site, admitted));
        Ok(own)
    }

    /// The sites on which a key may see what it sent: those that it owns, and those that it was
    /// ever used for, still serves, and may give labels on.
    ///
    /// # Errors
    ///
    /// The store cannot be read.
    pub async fn used_sites(&self, admitted: &Admitted) -> Result<BTreeSet<SiteId>, StoreError> {
        self.context.checks.settle().await;
        let (store, key) = (Arc::clone(&self.context.store), admitted.key_id.clone());
        // A key may have thousands of sites, so they are read on another thread.
        let used = move || store.sites_of(&key);
        let mut sites = run_blocking("read the sites of a key", used).await?;
        sites.extend(self.given_sites(admitted));
        sites.retain(|site| {
            self.may_label(site, admitted).is_ok() && self.admit_site(admitted, site).is_ok()
        });
        Ok(sites)
    }
}
