//! Keys and their sites, as their operator decides: make, revoke, limit, suspend, resume, take a site away and give it back. Durable when told so.

use std::collections::BTreeMap;
use std::sync::PoisonError;

use rand::Rng;
use sha2::{Digest, Sha256};

use super::standing::Account;
use super::{Admitted, Moderation};
use crate::comment::SiteId;
use crate::store::{Key, Millis, StoreError, Usage, UsageOf};

/// Why the operator's wish is not done.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// No key has this secret or name.
    #[error("there is no key {0:?}")]
    NoSuchKey(String),
    /// It could not be made durable.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A site of a key, with what it used this month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteLine {
    /// The site.
    pub site: SiteId,
    /// What was counted this month.
    pub usage: Usage,
    /// Since when the key does not serve it.
    pub revoked_at: Option<Millis>,
    /// When its plugin said that it was switched off.
    pub deactivated_at: Option<Millis>,
}

impl Moderation {
    /// Makes a key. The secret is random unless given.
    pub fn create_key(&self, name: &str, secret: Option<String>) -> Result<Key, StoreError> {
        self.store_key(Key {
            secret: secret.unwrap_or_else(new_secret),
            name: name.to_owned(),
            created_at: (self.clock)(),
            revoked_at: None,
            suspended_at: None,
            monthly_limit: None,
            token: new_token(),
        })
    }

    pub(super) fn store_key(&self, mut key: Key) -> Result<Key, StoreError> {
        if key.token.is_empty() {
            key.token = new_token();
        }
        self.store.put_key(&key)?;
        self.reread(key.clone())?;
        Ok(key)
    }

    /// Brings what is known of a key in memory up to the store; the store is read before anybody is made to wait.
    fn reread(&self, key: Key) -> Result<(), StoreError> {
        let secret = key.secret.clone();
        let read = Account::read(key, &self.store, self.this_month())?;
        let mut accounts = self
            .accounts
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        match accounts.get_mut(&secret) {
            Some(account) => account.take_on(read),
            None => {
                accounts.insert(secret, read);
            }
        }
        Ok(())
    }

    /// All keys, oldest first.
    pub fn keys(&self) -> Result<Vec<Key>, StoreError> {
        self.store.keys()
    }

    fn key(&self, secret_or_name: &str) -> Result<Key, KeyError> {
        let named = |key: &Key| key.secret == secret_or_name || key.name == secret_or_name;
        let found = self.keys()?.into_iter().find(named);
        found.ok_or_else(|| KeyError::NoSuchKey(secret_or_name.to_owned()))
    }

    fn change_key(
        &self,
        secret_or_name: &str,
        change: impl FnOnce(&mut Key),
    ) -> Result<Key, KeyError> {
        let mut key = self.key(secret_or_name)?;
        change(&mut key);
        Ok(self.store_key(key)?)
    }

    /// Revokes a key by its secret or its name; `None` if there is no such key.
    pub fn revoke_key(&self, secret_or_name: &str) -> Result<Option<Key>, StoreError> {
        let now = (self.clock)();
        match self.change_key(secret_or_name, |key| {
            key.revoked_at.get_or_insert(now);
        }) {
            Ok(key) => Ok(Some(key)),
            Err(KeyError::NoSuchKey(_)) => Ok(None),
            Err(KeyError::Store(error)) => Err(error),
        }
    }

    /// Sets how many checks a month a key may make, or lifts the limit.
    pub fn limit_key(&self, secret_or_name: &str, monthly: Option<u64>) -> Result<Key, KeyError> {
        self.change_key(secret_or_name, |key| key.monthly_limit = monthly)
    }

    /// Stops serving a key until it is resumed.
    pub fn suspend_key(&self, secret_or_name: &str) -> Result<Key, KeyError> {
        let now = (self.clock)();
        self.change_key(secret_or_name, |key| {
            key.suspended_at.get_or_insert(now);
        })
    }

    /// Serves a key again that was suspended.
    pub fn resume_key(&self, secret_or_name: &str) -> Result<Key, KeyError> {
        self.change_key(secret_or_name, |key| key.suspended_at = None)
    }

    /// Stops serving one site of a key.
    pub fn revoke_site(&self, secret_or_name: &str, site: &SiteId) -> Result<Key, KeyError> {
        self.set_revoked(secret_or_name, site, Some((self.clock)()))
    }

    /// Serves a site again that was revoked.
    pub fn restore_site(&self, secret_or_name: &str, site: &SiteId) -> Result<Key, KeyError> {
        self.set_revoked(secret_or_name, site, None)
    }

    fn set_revoked(
        &self,
        secret_or_name: &str,
        site: &SiteId,
        at: Option<Millis>,
    ) -> Result<Key, KeyError> {
        let key = self.key(secret_or_name)?;
        self.store.note_revoked(&key.secret, site, at)?;
        self.reread(key.clone())?;
        Ok(key)
    }

    /// Notes that the plugin of a site was switched off; the next check of the site ends it.
    pub async fn deactivate(&self, admitted: &Admitted, site: &SiteId) -> Result<(), StoreError> {
        // Checks before it must not end it: their counts are written first.
        self.settle().await;
        let now = (self.clock)();
        self.store
            .note_deactivated(&admitted.secret, site, Some(now))
    }

    /// The sites of a key that were used this month or of which something is noted.
    pub async fn sites(&self, secret_or_name: &str) -> Result<Vec<SiteLine>, KeyError> {
        let key = self.key(secret_or_name)?;
        self.settle().await;
        let month = self.this_month();
        let mut lines: BTreeMap<SiteId, SiteLine> = BTreeMap::new();
        let line = |site: SiteId| SiteLine {
            site,
            usage: Usage::default(),
            revoked_at: None,
            deactivated_at: None,
        };
        for (_, site, usage) in self.store.usage_by_month(&key.secret, month..=month)? {
            let line = lines.entry(site.clone()).or_insert_with(|| line(site));
            line.usage = usage;
        }
        for note in self.store.site_notes(&key.secret)? {
            let line = lines
                .entry(note.site.clone())
                .or_insert_with(|| line(note.site));
            line.revoked_at = note.revoked_at;
            line.deactivated_at = note.deactivated_at;
        }
        Ok(lines.into_values().collect())
    }

    /// What a key is called where its secret must not be seen: always the same, and no way back to the secret.
    pub fn token(&self, admitted: &Admitted) -> String {
        self.of_account(&admitted.secret, |account| account.key.token.clone())
            .unwrap_or_default()
    }

    /// 32 hex digits for something of a key, the same each time; they tell neither the key nor its token.
    pub fn fingerprint(&self, admitted: &Admitted, of: &str) -> String {
        let digest = Sha256::new()
            .chain_update(self.token(admitted))
            .chain_update([0])
            .chain_update(of)
            .finalize();
        digest[..16].iter().map(|b| format!("{b:02x}")).collect()
    }

    /// Takes usage in that was counted elsewhere, and counts it against the limit.
    pub(super) fn import_usage(&self, of: &UsageOf, counted: Usage) -> Result<bool, StoreError> {
        let is_new = self.store.put_new_usage(of, counted)?;
        // Of a month to come nothing can have been counted; it must not turn the tally.
        let month = of.day.month();
        if is_new && month <= self.this_month() {
            self.of_account(&of.key, |account| account.count(month, counted.checks()));
        }
        Ok(is_new)
    }

    /// Hears of sites and past months that were imported.
    pub(super) fn reread_all(&self) -> Result<(), StoreError> {
        for key in self.keys()? {
            self.reread(key)?;
        }
        Ok(())
    }
}

/// Twelve lower-case hex digits: the only length the WordPress plugin sends on, and a valid DNS label.
fn new_secret() -> String {
    format!("{:012x}", rand::rng().random::<u64>() & 0xffff_ffff_ffff)
}

/// Random, not made from the secret: of twelve hex digits every digest could be tried out.
fn new_token() -> String {
    format!("{:032x}", rand::rng().random::<u128>())
}
