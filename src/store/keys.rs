//! Keys in, keys out: on disk when a write returns. Only the hash of a secret is ever written.

use super::error::{StoreError, failed};
use super::journal::{Row, Tree};
use super::key::Key;
use super::layout::{seal, unseal};
use super::sled_store::Store;

impl Store {
    /// Writes or overwrites a key; on disk when it returns.
    ///
    /// # Errors
    ///
    /// The disk refuses the journal or the store.
    pub fn put_key(&self, key: &Key) -> Result<(), StoreError> {
        let value = seal(key);
        self.write_down(&[Row::put(Tree::Keys, key.id.as_bytes(), value.clone())])?;
        self.keys
            .insert(key.id.as_bytes(), value)
            .map_err(failed("write a key"))?;
        self.sync()
    }

    /// All keys, revoked ones among them, oldest first.
    ///
    /// # Errors
    ///
    /// A key is damaged on disk, or the disk refuses.
    pub fn keys(&self) -> Result<Vec<Key>, StoreError> {
        let mut keys = self
            .keys
            .iter()
            .map(|item| {
                let (_, value) = item.map_err(failed("read keys"))?;
                unseal(&value, || "a key".to_owned())
            })
            .collect::<Result<Vec<Key>, StoreError>>()?;
        keys.sort_by(|a, b| (a.created_at, &a.id).cmp(&(b.created_at, &b.id)));
        Ok(keys)
    }
}
