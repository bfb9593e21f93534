//! Whose site is whose: the operator's word (`phin sites give`, `phin keys create --site`), and
//! nobody's else. A site is a name that any caller may say.
//!
//! - Checks are never refused.
//! - On a site that was given to a key, that key and those the operator vouches for say labels;
//!   reports of others are refused, and the log says so.
//! - On a site that was given to nobody every key may say labels; they count for what that key
//!   sends (`learn/online/realm.rs`). Its lists, settings and figures are nobody's but the
//!   operator's.

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

/// Why a site is not given.
#[derive(Debug, thiserror::Error)]
pub enum GiveError {
    /// Nobody has such a key.
    #[error("there is no key named {0:?}; phin keys list prints them all")]
    NoSuchKey(String),
    /// It could not be made durable.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The server is going down.
    #[error(transparent)]
    Label(#[from] LabelError),
}

impl Accounts {
    /// Name of the key a site was given to.
    pub fn owner_of(&self, site: &SiteId) -> Option<String> {
        let owners = self.owners.read();
        owners.get(site).cloned()
    }

    /// Gives a site to a key, by name. What was said there counts anew: durable and known to the
    /// next check when this returns.
    ///
    /// # Errors
    ///
    /// If there is no such key, or the store cannot write it down.
    pub async fn give(&self, site: &SiteId, key_name: &str) -> Result<(), GiveError> {
        if self.keys()?.iter().all(|key| key.name != key_name) {
            return Err(GiveError::NoSuchKey(key_name.to_owned()));
        }
        self.note_owner(site, key_name)?;
        self.heed_owners().await
    }

    /// Writes down whose a site is; [`Accounts::heed_owners`] has it count.
    pub(crate) fn note_owner(&self, site: &SiteId, key_name: &str) -> Result<(), StoreError> {
        self.context.store.put_owner(site, key_name)?;
        self.owners
            .write()
            .insert(site.clone(), key_name.to_owned());
        Ok(())
    }

    /// Brings new owners to disk and has labels count as they own.
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

    /// Whether a key may decide for a site: it was given to it, or to nobody and the operator
    /// answers for the key.
    pub(crate) fn may_decide(&self, site: &SiteId, admitted: &Admitted) -> bool {
        match self.owner_of(site) {
            Some(owner) => owner == admitted.key_name || self.is_vouched(admitted),
            None => self.is_vouched(admitted),
        }
    }

    /// The sites given to a key.
    pub(crate) fn given_sites(&self, admitted: &Admitted) -> Vec<SiteId> {
        let owners = self.owners.read();
        let given = owners.iter().filter(|(_, of)| **of == admitted.key_name);
        given.map(|(site, _)| site.clone()).collect()
    }

    /// Whether the operator answers for a key.
    pub(crate) fn is_vouched(&self, admitted: &Admitted) -> bool {
        self.context.online.credit_of(&admitted.key_name).is_none()
    }

    /// The realm of a check: of the key that sent it, on its site. What came in with a history is
    /// the site's own.
    pub(crate) fn realm_of_check(&self, record: &Record) -> Realm {
        self.realm_of_sender(&record.site, &record.key)
    }

    /// The same by id of the key.
    pub(crate) fn realm_of_sender(&self, site: &SiteId, key_id: &str) -> Realm {
        match self.name_of(key_id) {
            Some(name) => self.context.online.realm(site, &name),
            None => Realm::of_site(site),
        }
    }

    /// The sites a key may decide for: those given to it, and where the operator answers for it
    /// those it was ever used for that are nobody's.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub async fn own_sites(&self, admitted: &Admitted) -> Result<BTreeSet<SiteId>, StoreError> {
        let mut own = self.used_sites(admitted).await?;
        own.retain(|site| self.may_decide(site, admitted));
        Ok(own)
    }

    /// The sites a key may see what it sent to itself: those it was ever used for and serves, and
    /// which are nobody else's; and those given to it.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub async fn used_sites(&self, admitted: &Admitted) -> Result<BTreeSet<SiteId>, StoreError> {
        self.context.checks.settle().await;
        let (store, key) = (Arc::clone(&self.context.store), admitted.key_id.clone());
        // Thousands of sites are read where no check waits for it.
        let used = move || store.sites_of(&key);
        let mut sites = run_blocking("read the sites of a key", used).await?;
        sites.extend(self.given_sites(admitted));
        sites.retain(|site| {
            self.may_label(site, admitted).is_ok() && self.admit_site(admitted, site).is_ok()
        });
        Ok(sites)
    }
}
