//! Whose site is whose: the operator's word (`phin sites give`, `phin keys create --site`), and nobody's else. A site is a name that any caller may say.
//!
//! - Checks are never refused.
//! - On a site that was given to a key, that key and those the operator vouches for say labels; reports of others are refused, and the log says so.
//! - On a site that was given to nobody every key may say labels; they count for what that key sends (`learn/online/realm.rs`). Its lists, settings and figures are
//!   nobody's but the operator's.

use std::collections::HashMap;
use std::sync::PoisonError;
use std::sync::atomic::Ordering;

use tokio::sync::oneshot;

use crate::comment::SiteId;
use crate::learn::online::operator_events::Rulings;
use crate::learn::online::realm::Realm;
use crate::moderation::labels::writer;
use crate::moderation::{Admitted, LabelError, Moderation, Record, StoreError};
use crate::store::{Ruling, Store};

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

/// What holds of these rulings and of whose sites are whose, as the store knows it.
pub(crate) fn rulings_under_owners(
    store: &Store,
    rulings: &[Ruling],
) -> Result<Rulings, StoreError> {
    let owners = store.owners().collect::<Result<HashMap<_, _>, _>>()?;
    Ok(Rulings::of(rulings).with_owners(owners))
}

impl Moderation {
    /// Name of the key a site was given to.
    pub fn owner_of(&self, site: &SiteId) -> Option<String> {
        let owners = self.owners.read().unwrap_or_else(PoisonError::into_inner);
        owners.get(site).cloned()
    }

    /// Gives a site to a key, by name. What was said there counts anew: durable and known to the next check when this returns.
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

    /// Writes down whose a site is; [`Moderation::heed_owners`] has it count.
    pub(crate) fn note_owner(&self, site: &SiteId, key_name: &str) -> Result<(), StoreError> {
        self.store.put_owner(site, key_name)?;
        self.owners
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(site.clone(), key_name.to_owned());
        Ok(())
    }

    /// Brings new owners to disk and has labels count as they own.
    pub(crate) async fn heed_owners(&self) -> Result<(), GiveError> {
        self.store.sync()?;
        let (reply, answer) = oneshot::channel();
        self.send(writer::Job::FoldAnew(reply)).await?;
        answer.await.map_err(|_| LabelError::ShuttingDown)??;
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

    /// Whether a key may decide for a site: it was given to it, or to nobody and the operator answers for the key.
    pub(crate) fn may_decide(&self, site: &SiteId, admitted: &Admitted) -> bool {
        match self.owner_of(site) {
            Some(owner) => owner == admitted.key_name || self.is_vouched(admitted),
            None => self.is_vouched(admitted),
        }
    }

    /// The sites given to a key.
    pub(crate) fn given_sites(&self, admitted: &Admitted) -> Vec<SiteId> {
        let owners = self.owners.read().unwrap_or_else(PoisonError::into_inner);
        let given = owners.iter().filter(|(_, of)| **of == admitted.key_name);
        given.map(|(site, _)| site.clone()).collect()
    }

    /// Whether the operator answers for a key.
    pub(crate) fn is_vouched(&self, admitted: &Admitted) -> bool {
        self.online.credit_of(&admitted.key_name).is_none()
    }

    /// The realm of a check: of the key that sent it, on its site. What came in with a history is the site's own.
    pub(crate) fn realm_of_check(&self, record: &Record) -> Realm {
        self.realm_of_sender(&record.site, &record.key)
    }

    /// The same by id of the key.
    pub(crate) fn realm_of_sender(&self, site: &SiteId, key_id: &str) -> Realm {
        match self.name_of(key_id) {
            Some(name) => self.online.realm(site, &name),
            None => Realm::of_site(site),
        }
    }
}
