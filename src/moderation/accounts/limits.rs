//! A secret in, "is it admitted" out, and the status of a key: served or suspended, revoked sites,
//! usage of this month's limit. Answered from memory. Never reads the disk during a check.

use std::collections::HashMap;
use std::sync::atomic::Ordering;

use crate::clock::Millis;
use crate::clock::Month;
use crate::comment::SiteId;
use crate::moderation::accounts::admitted::{Admitted, Refusal};
use crate::moderation::accounts::key_table::{Account, AccountStatus, Alert, Service};
use crate::moderation::accounts::state::Accounts;
use crate::store::SecretHash;

impl Accounts {
    /// Whether there is such a key and it is not revoked. It may be suspended, for calls that
    /// report that. The key is found by its hash, so that the time this takes does not show how
    /// much of a wrong secret is right.
    ///
    /// # Errors
    ///
    /// Why it is not admitted.
    pub fn recognise(&self, secret: Option<&str>) -> Result<Admitted, Refusal> {
        let secret = secret
            .map(str::trim)
            .filter(|s| !s.is_empty())
            .ok_or(Refusal::NoKey)?;
        let hash = SecretHash::of(secret);
        recognised(self.keys.read().of_hash(&hash))
    }

    /// Whether this secret was admitted before, since the start.
    pub fn is_familiar(&self, secret: &str) -> bool {
        let hash = SecretHash::of(secret.trim());
        let keys = self.keys.read();
        let account = keys.of_hash(&hash);
        account.is_some_and(|account| account.secret.get().is_some())
    }

    /// Notes that a request sent this secret and was admitted.
    pub fn note_shown(&self, admitted: &Admitted, secret: &str) {
        self.of_account(&admitted.key_id, |account| {
            let _ = account.secret.set(secret.trim().into());
        });
    }

    /// The secret of a key, if a request has sent it since the start.
    pub(crate) fn shown_secret(&self, key_id: &str) -> Option<String> {
        let shown = self.of_account(key_id, |account| account.secret.get().cloned());
        shown.flatten().map(String::from)
    }

    /// Whether a key is admitted: it exists, and is neither revoked nor suspended.
    ///
    /// # Errors
    ///
    /// Why it is not admitted.
    pub fn admit(&self, secret: Option<&str>) -> Result<Admitted, Refusal> {
        self.served(self.recognise(secret)?)
    }

    /// The same by the key's id, for what it sent earlier.
    pub(crate) fn admit_id(&self, key_id: &str) -> Result<Admitted, Refusal> {
        let found = recognised(self.keys.read().by_id.get(key_id));
        self.served(found?)
    }

    fn served(&self, admitted: Admitted) -> Result<Admitted, Refusal> {
        match self.status(&admitted).service {
            Service::Served => Ok(admitted),
            Service::Suspended => Err(Refusal::Suspended),
        }
    }

    /// Whether an admitted key serves this site.
    ///
    /// # Errors
    ///
    /// [`Refusal::SiteRevoked`] if the site was revoked.
    pub fn admit_site(&self, admitted: &Admitted, site: &SiteId) -> Result<(), Refusal> {
        if self.is_revoked(admitted, site) {
            Err(Refusal::SiteRevoked)
        } else {
            Ok(())
        }
    }

    /// Name of the key with this id, revoked or not.
    pub(crate) fn name_of(&self, key_id: &str) -> Option<String> {
        self.of_account(key_id, |account| account.key.name.clone())
    }

    /// Names of all keys, by their ids.
    pub(crate) fn key_names(&self) -> HashMap<String, String> {
        let keys = self.keys.read();
        let keys = keys.by_id.values().map(|account| &account.key);
        keys.map(|key| (key.id.clone(), key.name.clone())).collect()
    }

    fn is_revoked(&self, admitted: &Admitted, site: &SiteId) -> bool {
        self.of_account(&admitted.key_id, |account| {
            account.revoked_sites.contains(site)
        })
        .unwrap_or(false)
    }

    /// The status of a key this month.
    pub fn status(&self, admitted: &Admitted) -> AccountStatus {
        let month = self.this_month();
        self.of_account(&admitted.key_id, |account| account.status(month))
            .unwrap_or(AccountStatus {
                service: Service::Suspended,
                checks: 0,
                monthly_limit: None,
                months_over: 0,
            })
    }

    /// What the owner of a site should know about the key; without a site, about the key alone.
    pub fn alert(&self, admitted: &Admitted, site: Option<&SiteId>) -> Option<Alert> {
        let status = self.status(admitted);
        let revoked = site.is_some_and(|site| self.is_revoked(admitted, site));
        if status.service == Service::Served && revoked {
            return Some(Alert::SiteRevoked);
        }
        status.alert()
    }

    /// Counts a check against the limit of its key.
    pub(crate) fn count(&self, key_id: &str, at: Millis) {
        let month = Month::at(at);
        self.of_account(key_id, |account| account.count(month, 1));
    }

    /// Whether a key may name this site: it owns the site, or it has named fewer than
    /// `max_sites_per_key` sites.
    pub(crate) fn may_name(&self, site: &SiteId, admitted: &Admitted) -> bool {
        let most = self.most_sites as usize;
        let has_room = self.of_account(&admitted.key_id, |account| account.name(site, most));
        let may = has_room.unwrap_or(false)
            || self
                .owner_of(site)
                .is_some_and(|owner| owner == admitted.key_name);
        let is_news = || {
            let said = self.of_account(&admitted.key_id, |account| {
                account.said_full.swap(true, Ordering::Relaxed)
            });
            said == Some(false)
        };
        if !may && is_news() {
            self.context.health.warn(
                format!("sites {}", admitted.key_name),
                format!("the key {:?} names more than {most} sites; those beyond are judged and leave no record (max_sites_per_key)", admitted.key_name),
            );
        }
        may
    }

    pub(crate) fn of_account<T>(&self, key_id: &str, ask: impl FnOnce(&Account) -> T) -> Option<T> {
        self.keys.read().by_id.get(key_id).map(ask)
    }
}

fn recognised(account: Option<&Account>) -> Result<Admitted, Refusal> {
    match account.map(|account| &account.key) {
        None => Err(Refusal::Unknown),
        Some(key) if key.revoked_at.is_some() => Err(Refusal::Revoked),
        Some(key) => Ok(Admitted {
            key_name: key.name.clone(),
            key_id: key.id.clone(),
        }),
    }
}
