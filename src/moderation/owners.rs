//! Whose site is whose: the key that checked or labelled there first owns a site, and other keys cannot say labels there.
//!
//! Keys of one name are one owner, so a new key of the old name takes over by itself; so does any key once all keys of the owner's name are revoked. A key
//! that the operator vouches for may label anywhere. Checks are never refused.

use std::sync::PoisonError;

use super::{Admitted, LabelError, Moderation, StoreError};
use crate::comment::SiteId;

impl Moderation {
    /// Name of the keys a site belongs to.
    pub fn owner_of(&self, site: &SiteId) -> Option<String> {
        let owners = self.owners.read().unwrap_or_else(PoisonError::into_inner);
        owners.get(site).cloned()
    }

    /// Gives a site to the keys of a name.
    pub fn give(&self, site: &SiteId, key_name: &str) -> Result<(), StoreError> {
        self.store.put_owner(site, key_name)?;
        self.store.sync()?;
        self.owners
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(site.clone(), key_name.to_owned());
        Ok(())
    }

    pub(super) fn may_label(&self, site: &SiteId, admitted: &Admitted) -> Result<(), LabelError> {
        match self.owner_of(site) {
            Some(owner)
                if owner != admitted.key_name
                    && self.admits_any(&owner)
                    && self.online.credit_of(&admitted.key_name).is_some() =>
            {
                Err(LabelError::NotYours(site.clone()))
            }
            _ => Ok(()),
        }
    }

    /// Makes a site the key's own if it is nobody's. On disk with the next sync: an owner forgotten in a crash is the next who comes.
    pub(super) fn claim(&self, site: &SiteId, admitted: &Admitted) {
        let owner = self.owner_of(site);
        if owner.is_some_and(|owner| self.admits_any(&owner)) {
            return;
        }
        if let Err(error) = self.store.put_owner(site, &admitted.key_name) {
            tracing::error!(%error, "the owner of a site is not written down");
        }
        self.owners
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(site.clone(), admitted.key_name.clone());
    }

    fn admits_any(&self, key_name: &str) -> bool {
        let accounts = self.accounts.read().unwrap_or_else(PoisonError::into_inner);
        let mut keys = accounts.values().map(|account| &account.key);
        keys.any(|key| key.name == key_name && key.revoked_at.is_none())
    }
}
