//! Owners of sites: site and name of the owner's key in, the same out. Never decides what owning
//! means.

use super::error::{StoreError, failed};
use super::journal::{Row, Tree};
use super::layout::{seal, unseal};
use super::sled_store::Store;
use crate::comment::SiteId;

impl Store {
    /// Writes which key owns a site. The journal is on disk when it returns, the store with the
    /// next sync.
    ///
    /// # Errors
    ///
    /// The disk refuses the journal or the store.
    pub fn put_owner(&self, site: &SiteId, key_name: &str) -> Result<(), StoreError> {
        let value = seal(&(site, key_name));
        self.write_down(&[Row::put(Tree::Owners, site.as_str(), value.clone())])?;
        self.owners
            .insert(site.as_str(), value)
            .map(|_| ())
            .map_err(failed("write whose site it is"))
    }

    /// All owners: site and name of the key.
    pub fn owners(&self) -> impl Iterator<Item = Result<(SiteId, String), StoreError>> + use<> {
        self.owners.iter().map(|item| {
            let (_, value) = item.map_err(failed("read whose sites are whose"))?;
            unseal(&value, || "the owner of a site".to_owned())
        })
    }
}
