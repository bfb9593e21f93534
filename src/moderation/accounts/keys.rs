//! The operator's changes of keys in: create, renew, revoke, limit, suspend, resume, revoke a site
//! and restore it. A change is on disk when a call returns. Never stores a secret.

use std::collections::BTreeMap;

use rand::Rng;
use sha2::{Digest, Sha256};

use crate::clock::Millis;
use crate::comment::SiteId;
use crate::learn::online::realm::IMPORTED;
use crate::moderation::accounts::admitted::Admitted;
use crate::moderation::accounts::key_table::Account;
use crate::moderation::accounts::owners::GiveError;
use crate::moderation::accounts::state::Accounts;
use crate::store::{Key, SecretHash, StoreError, Usage, UsageOf};

/// How many characters a name has at most.
const MOST_NAME_CHARS: usize = 100;

/// Why a change of a key is refused.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// No key has this secret or name.
    #[error("there is no key {0:?}; phin keys list prints them all")]
    NoSuchKey(String),
    /// Names tell whose labels and sites are whose, so no two keys share one.
    #[error(
        "there is a key named {0:?} already, and names are unique; choose another, or give that key a new secret: phin keys renew {0}"
    )]
    NameTaken(String),
    /// The name is reserved for labels of imported histories.
    #[error("no key can be named {IMPORTED:?}: that is what imported histories are called")]
    Reserved,
    /// The name is empty, too long, or has control characters.
    #[error("a key needs a name of 1 to 100 characters, none of them a control character")]
    BadName,
    /// Another key has this secret.
    #[error("there is such a key already; choose another secret")]
    SecretTaken,
    /// The key is made, but one of its sites could not be given to it.
    #[error("the key is made, but {0}")]
    Give(#[from] GiveError),
    /// It could not be written to disk.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A new key with its secret, which is shown only this once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewKey {
    /// The key.
    pub key: Key,
    /// Its secret.
    pub secret: String,
}

/// A site of a key, and its usage this month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteLine {
    /// The site.
    pub site: SiteId,
    /// The usage of this month.
    pub usage: Usage,
    /// Since when the key does not serve it, in milliseconds since 1970.
    pub revoked_at: Option<Millis>,
    /// When its plugin reported that it was switched off, in milliseconds since 1970.
    pub deactivated_at: Option<Millis>,
}

impl Accounts {
    /// Makes a key. The secret is random unless one is given.
    ///
    /// # Errors
    ///
    /// Another key has the name or the secret, the name is not valid, or the store cannot write.
    pub fn create_key(&self, name: &str, secret: Option<String>) -> Result<NewKey, KeyError> {
        let _alone = self.changing_keys.lock();
        if name == IMPORTED {
            return Err(KeyError::Reserved);
        }
        if !(1..=MOST_NAME_CHARS).contains(&name.chars().count())
            || name.chars().any(char::is_control)
        {
            return Err(KeyError::BadName);
        }
        let keys = self.keys()?;
        if keys.iter().any(|key| key.name == name) {
            return Err(KeyError::NameTaken(name.to_owned()));
        }
        let secret = secret.unwrap_or_else(new_secret);
        let hash = SecretHash::of(&secret);
        if keys.iter().any(|key| key.hash == hash) {
            return Err(KeyError::SecretTaken);
        }
        let mut key = Key {
            id: new_id(),
            hash,
            hint: String::new(),
            name: name.to_owned(),
            created_at: (self.context.clock)(),
            revoked_at: None,
            suspended_at: None,
            monthly_limit: None,
        };
        key.set_secret(&secret);
        self.store_key(&key)?;
        Ok(NewKey { key, secret })
    }

    /// Gives a key a new secret. The old one is no longer admitted. Labels, checks and sites of the
    /// key stay its own.
    ///
    /// # Errors
    ///
    /// There is no such key, another has the secret, or the store cannot write.
    pub fn renew_key(&self, named: &str, secret: Option<String>) -> Result<NewKey, KeyError> {
        let _alone = self.changing_keys.lock();
        let mut key = self.key(named)?;
        let secret = secret.unwrap_or_else(new_secret);
        let hash = SecretHash::of(&secret);
        if self.keys()?.iter().any(|other| other.hash == hash) {
            return Err(KeyError::SecretTaken);
        }
        key.set_secret(&secret);
        key.revoked_at = None;
        self.store_key(&key)?;
        Ok(NewKey { key, secret })
    }

    pub(crate) fn store_key(&self, key: &Key) -> Result<(), StoreError> {
        self.context.store.put_key(key)?;
        self.reread(key.clone())
    }

    /// Imports a key, unless one with its id or secret is here; then that key's id is returned. If
    /// another key has its name, it gets the next free name.
    pub(crate) fn import_key(&self, mut key: Key) -> Result<Option<String>, StoreError> {
        let _alone = self.changing_keys.lock();
        let keys = self.keys()?;
        let is_it = |known: &&Key| known.id == key.id || known.hash == key.hash;
        if let Some(known) = keys.iter().find(is_it) {
            return Ok(Some(known.id.clone()));
        }
        let is_free = |name: &str| keys.iter().all(|known| known.name != name);
        if !is_free(&key.name) {
            let name = free_name(&key.name, is_free);
            tracing::warn!(imported = ?key.name, named = ?name, "a key of that name is here already: the imported one has another name");
            key.name = name;
        }
        self.store_key(&key)?;
        Ok(None)
    }

    /// The id of the key with this secret, revoked or not.
    pub(crate) fn id_of_secret(&self, secret: &str) -> Option<String> {
        self.keys.read().id_of(&SecretHash::of(secret))
    }

    /// Whether a key has this secret.
    pub fn knows_secret(&self, secret: &str) -> bool {
        self.id_of_secret(secret).is_some()
    }

    /// A name that no key has: this one, or this one with the first free number.
    ///
    /// # Errors
    ///
    /// The store cannot be read.
    pub fn free_key_name(&self, name: &str) -> Result<String, StoreError> {
        let keys = self.keys()?;
        Ok(free_name(name, |name| {
            keys.iter().all(|key| key.name != name)
        }))
    }

    /// Updates what memory knows of a key. The store is read before the lock is taken, so that no
    /// check waits for the disk.
    fn reread(&self, key: Key) -> Result<(), StoreError> {
        let read = Account::read(key, &self.context.store, self.this_month())?;
        self.keys.write().put(read);
        Ok(())
    }

    /// All keys, oldest first.
    ///
    /// # Errors
    ///
    /// The store cannot be read.
    pub fn keys(&self) -> Result<Vec<Key>, StoreError> {
        self.context.store.keys()
    }

    fn key(&self, secret_or_name: &str) -> Result<Key, KeyError> {
        let hash = SecretHash::of(secret_or_name);
        let named = |key: &Key| key.name == secret_or_name || key.hash == hash;
        let found = self.keys()?.into_iter().find(named);
        found.ok_or_else(|| KeyError::NoSuchKey(secret_or_name.to_owned()))
    }

    fn change_key(
        &self,
        secret_or_name: &str,
        change: impl FnOnce(&mut Key),
    ) -> Result<Key, KeyError> {
        let _alone = self.changing_keys.lock();
        let mut key = self.key(secret_or_name)?;
        change(&mut key);
        self.store_key(&key)?;
        Ok(key)
    }

    /// Revokes a key by its secret or name; `None` if there is no such key.
    ///
    /// # Errors
    ///
    /// The store cannot write.
    pub fn revoke_key(&self, secret_or_name: &str) -> Result<Option<Key>, StoreError> {
        let now = (self.context.clock)();
        match self.change_key(secret_or_name, |key| {
            key.revoked_at.get_or_insert(now);
        }) {
            Ok(key) => Ok(Some(key)),
            Err(KeyError::Store(error)) => Err(error),
            Err(_) => Ok(None),
        }
    }

    /// Sets how many checks a month a key may make; `None` removes the limit.
    ///
    /// # Errors
    ///
    /// There is no such key, or the store cannot write.
    pub fn limit_key(&self, secret_or_name: &str, monthly: Option<u64>) -> Result<Key, KeyError> {
        self.change_key(secret_or_name, |key| key.monthly_limit = monthly)
    }

    /// Stops serving a key until it is resumed.
    ///
    /// # Errors
    ///
    /// There is no such key, or the store cannot write.
    pub fn suspend_key(&self, secret_or_name: &str) -> Result<Key, KeyError> {
        let now = (self.context.clock)();
        self.change_key(secret_or_name, |key| {
            key.suspended_at.get_or_insert(now);
        })
    }

    /// Serves a key again that was suspended.
    ///
    /// # Errors
    ///
    /// There is no such key, or the store cannot write.
    pub fn resume_key(&self, secret_or_name: &str) -> Result<Key, KeyError> {
        self.change_key(secret_or_name, |key| key.suspended_at = None)
    }

    /// Stops serving one site of a key.
    ///
    /// # Errors
    ///
    /// There is no such key, or the store cannot write.
    pub fn revoke_site(&self, secret_or_name: &str, site: &SiteId) -> Result<Key, KeyError> {
        self.set_revoked(secret_or_name, site, Some((self.context.clock)()))
    }

    /// Serves a site again that was revoked.
    ///
    /// # Errors
    ///
    /// There is no such key, or the store cannot write.
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
        self.context.store.note_revoked(&key.id, site, at)?;
        self.reread(key.clone())?;
        Ok(key)
    }

    /// Notes that the plugin of a site was switched off; the next check of the site ends it.
    ///
    /// # Errors
    ///
    /// The store cannot write.
    pub async fn deactivate(&self, admitted: &Admitted, site: &SiteId) -> Result<(), StoreError> {
        // Earlier checks must not remove the note, so their counts are written first.
        self.context.checks.settle().await;
        let now = (self.context.clock)();
        self.context
            .store
            .note_deactivated(&admitted.key_id, site, Some(now))
    }

    /// The sites of a key that were used this month, or that have a note.
    ///
    /// # Errors
    ///
    /// There is no such key, or the store cannot be read.
    pub async fn sites(&self, secret_or_name: &str) -> Result<Vec<SiteLine>, KeyError> {
        let key = self.key(secret_or_name)?;
        self.context.checks.settle().await;
        let month = self.this_month();
        let mut lines: BTreeMap<SiteId, SiteLine> = BTreeMap::new();
        let line = |site: SiteId| SiteLine {
            site,
            usage: Usage::default(),
            revoked_at: None,
            deactivated_at: None,
        };
        for (_, site, usage) in self.context.store.usage_by_month(&key.id, month..=month)? {
            let line = lines.entry(site.clone()).or_insert_with(|| line(site));
            line.usage = usage;
        }
        for note in self.context.store.site_notes(&key.id)? {
            let line = lines
                .entry(note.site.clone())
                .or_insert_with(|| line(note.site));
            line.revoked_at = note.revoked_at;
            line.deactivated_at = note.deactivated_at;
        }
        Ok(lines.into_values().collect())
    }

    /// A name for the key where its secret must not appear. It is always the same, and the secret
    /// cannot be computed from it.
    pub fn token(&self, admitted: &Admitted) -> String {
        admitted.key_id.clone()
    }

    /// 32 hex digits for something of a key. They are always the same, and neither the key nor its
    /// token can be computed from them.
    pub fn fingerprint(&self, admitted: &Admitted, of: &str) -> String {
        let digest = Sha256::new()
            .chain_update(self.token(admitted))
            .chain_update([0])
            .chain_update(of)
            .finalize();
        digest[..16].iter().map(|b| format!("{b:02x}")).collect()
    }

    /// Imports a count of usage, and counts it against the limit.
    pub(crate) fn import_usage(&self, of: &UsageOf, counted: Usage) -> Result<bool, StoreError> {
        let is_new = self.context.store.put_new_usage(of, counted)?;
        // Nothing can be counted in a future month, and it must not move the tally on.
        let month = of.day.month();
        if is_new && month <= self.this_month() {
            self.of_account(&of.key, |account| account.count(month, counted.checks()));
        }
        Ok(is_new)
    }

    /// Updates memory after an import of sites and earlier months.
    pub(crate) fn reread_all(&self) -> Result<(), StoreError> {
        for key in self.keys()? {
            self.reread(key)?;
        }
        Ok(())
    }
}

/// Twelve lower-case hex digits: the only length that the WordPress plugin accepts, and valid in a
/// DNS name.
fn new_secret() -> String {
    format!("{:012x}", rand::rng().random::<u64>() & 0xffff_ffff_ffff)
}

/// This name, or this name with the first number that makes it free.
fn free_name(name: &str, is_free: impl Fn(&str) -> bool) -> String {
    let numbered = (2..).map(|n: u32| format!("{name}-{n}"));
    let mut names = std::iter::once(name.to_owned()).chain(numbered);
    names.find(|name| is_free(name)).unwrap_or_default()
}

/// Random, and not a digest of the secret: all digests of twelve hex digits could be tried out.
pub(crate) fn new_id() -> String {
    format!("{:032x}", rand::rng().random::<u128>())
}
