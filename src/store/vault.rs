//! Plain bytes and a day in, encrypted bytes out: personal text lies under a random key for each
//! day, and these keys lie in one small file. Never touches the store itself.
//!
//! sled keeps overwritten and removed rows in its log until it needs the room. Once the key of a
//! day is destroyed, nobody can read them there. The file of keys is small enough to be
//! overwritten.

use std::collections::BTreeSet;
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use chacha20poly1305::aead::{Aead, KeyInit};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use rand::Rng;
use serde::{Deserialize, Serialize};

use super::error::StoreError;
use super::layout::{seal, unseal};
use crate::clock::{DAY_MILLIS, Millis};

/// A UTC day, counted in days since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct DayNumber(i64);

impl DayNumber {
    pub(super) fn at(moment: Millis) -> Self {
        // As in `window_key`: times before 1970 count as 0.
        Self(moment.max(0).div_euclid(DAY_MILLIS))
    }

    /// Its first moment and the first moment of the next day, in milliseconds since 1970.
    pub(super) fn span(self) -> (Millis, Millis) {
        (self.0 * DAY_MILLIS, (self.0 + 1) * DAY_MILLIS)
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct DayKey {
    id: u64,
    day: DayNumber,
    secret: [u8; 32],
}

/// The keys in memory, and the file that holds them.
#[derive(Debug)]
pub(super) struct Vault {
    file: PathBuf,
    keys: RwLock<Keys>,
}

/// The keys of all days whose personal text is kept. A day has several only while a renewal is
/// unfinished.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(super) struct Keys(Vec<DayKey>);

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Keys of {} days", self.0.len())
    }
}

const ID: usize = 8;
const NONCE: usize = 24;

impl Keys {
    fn last_of(&self, day: DayNumber) -> Option<&DayKey> {
        self.0.iter().rev().find(|key| key.day == day)
    }

    /// Whether anything may have been encrypted for a day.
    pub(super) fn has(&self, day: DayNumber) -> bool {
        self.last_of(day).is_some()
    }

    /// Encrypts under the newest key of a day. [`Vault::ready`] must have made that key.
    pub(super) fn close(&self, day: DayNumber, plain: &[u8]) -> Vec<u8> {
        let key = self.last_of(day).expect("a key was made for the day");
        let nonce: [u8; NONCE] = rand::rng().random();
        let sealed = XChaCha20Poly1305::new(&key.secret.into())
            .encrypt(&XNonce::from(nonce), plain)
            .expect("a comment is shorter than what the cipher takes");
        let mut bytes = key.id.to_le_bytes().to_vec();
        bytes.extend_from_slice(&nonce);
        bytes.extend_from_slice(&sealed);
        bytes
    }

    /// Decrypts; `None` if the key no longer exists or the bytes are damaged.
    pub(super) fn open(&self, bytes: &[u8]) -> Option<Vec<u8>> {
        let (id, rest) = bytes.split_first_chunk::<ID>()?;
        let (nonce, sealed) = rest.split_first_chunk::<NONCE>()?;
        let id = u64::from_le_bytes(*id);
        let key = self.0.iter().find(|key| key.id == id)?;
        XChaCha20Poly1305::new(&key.secret.into())
            .decrypt(&XNonce::from(*nonce), sealed)
            .ok()
    }

    pub(super) fn add(&mut self, day: DayNumber) {
        let mut rng = rand::rng();
        self.0.push(DayKey {
            id: rng.random(),
            day,
            secret: rng.random(),
        });
    }

    /// Drops all keys of a day but the newest.
    pub(super) fn keep_newest(&mut self, day: DayNumber) {
        let newest = self.last_of(day).map(|key| key.id);
        self.0
            .retain(|key| key.day != day || Some(key.id) == newest);
    }

    /// Days with more than one key: their renewal is unfinished.
    pub(super) fn unfinished(&self) -> BTreeSet<DayNumber> {
        let newer = |at: usize| self.0[at + 1..].iter().map(|key| key.day);
        let days = self.0.iter().enumerate();
        days.filter(|(at, key)| newer(*at).any(|day| day == key.day))
            .map(|(_, key)| key.day)
            .collect()
    }
}

impl Vault {
    /// Opens the file of keys beside the store. A missing file means no keys.
    pub(super) fn open(folder: &Path) -> Result<Self, StoreError> {
        let file = folder.join("words.keys");
        let keys = match std::fs::read(&file) {
            Ok(bytes) => {
                let damaged = |_| StoreError::NoKeys { file: file.clone() };
                unseal(&bytes, String::new).map_err(damaged)?
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Keys::default(),
            Err(error) if error.kind() == std::io::ErrorKind::IsADirectory => {
                return Err(StoreError::NoKeys { file });
            }
            Err(error) => return Err(failed("read the keys of words", &error)),
        };
        Ok(Self {
            file,
            keys: RwLock::new(keys),
        })
    }

    /// Locks the keys for reading: to decrypt, or to encrypt.
    pub(super) fn keys(&self) -> RwLockReadGuard<'_, Keys> {
        self.keys.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Locks the keys for a change: nobody encrypts or decrypts meanwhile.
    pub(super) fn keys_alone(&self) -> RwLockWriteGuard<'_, Keys> {
        self.keys.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// The keys, with one for each of these days. A new key is on disk before anything is encrypted
    /// under it.
    pub(super) fn ready(
        &self,
        days: &BTreeSet<DayNumber>,
    ) -> Result<RwLockReadGuard<'_, Keys>, StoreError> {
        // Looked up again under the read lock: between the two locks a sweep may destroy keys.
        loop {
            let keys = self.keys();
            if days.iter().all(|day| keys.last_of(*day).is_some()) {
                return Ok(keys);
            }
            drop(keys);
            let mut keys = self.keys_alone();
            let mut more = keys.clone();
            for day in days {
                if more.last_of(*day).is_none() {
                    more.add(*day);
                }
            }
            self.write(&more)?;
            *keys = more;
        }
    }

    /// Destroys the keys of all days that ended by `moment` and for which `is_bare` says that no
    /// check has personal text left; returns how many days. The write lock is held meanwhile, so
    /// nothing is encrypted.
    pub(super) fn destroy_before(
        &self,
        moment: Millis,
        is_bare: impl Fn(DayNumber) -> Result<bool, StoreError>,
    ) -> Result<usize, StoreError> {
        let mut keys = self.keys_alone();
        let days: BTreeSet<DayNumber> = keys.0.iter().map(|key| key.day).collect();
        let mut gone = BTreeSet::new();
        for day in days.into_iter().filter(|day| day.span().1 <= moment) {
            if is_bare(day)? {
                gone.insert(day);
            }
        }
        if !gone.is_empty() {
            let mut fewer = keys.clone();
            fewer.0.retain(|key| !gone.contains(&key.day));
            self.write(&fewer)?;
            *keys = fewer;
        }
        Ok(gone.len())
    }

    /// Replaces the file of keys, whole or not at all, and overwrites the bytes of the old file.
    pub(super) fn write(&self, keys: &Keys) -> Result<(), StoreError> {
        self.replace(&seal(keys))
            .map_err(|error| failed("write the keys of words", &error))
    }

    fn replace(&self, bytes: &[u8]) -> std::io::Result<()> {
        let new = self.file.with_extension("keys.new");
        // A file that an earlier stop left half written may hold keys too.
        overwrite(&new)?;
        let mut file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&new)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        // Opened before it loses its name, so that its bytes can be overwritten after the rename.
        let old = OpenOptions::new().read(true).write(true).open(&self.file);
        std::fs::rename(&new, &self.file)?;
        if let Some(folder) = self.file.parent() {
            File::open(folder)?.sync_all()?;
        }
        match old {
            Ok(old) => blank(old),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
        }
    }
}

fn overwrite(path: &Path) -> std::io::Result<()> {
    match OpenOptions::new().read(true).write(true).open(path) {
        Ok(file) => blank(file),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

fn blank(mut file: File) -> std::io::Result<()> {
    use std::io::{Seek, SeekFrom};
    let mut held = Vec::new();
    file.read_to_end(&mut held)?;
    file.seek(SeekFrom::Start(0))?;
    file.write_all(&vec![0; held.len()])?;
    file.sync_all()
}

fn failed(action: &'static str, error: &std::io::Error) -> StoreError {
    StoreError::Failed {
        action,
        why: error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_after_a_restart_until_its_key_is_destroyed() {
        let folder = tempfile::tempdir().expect("a folder");
        let day = DayNumber::at(5 * DAY_MILLIS);
        let vault = Vault::open(folder.path()).expect("opens");
        let sealed = vault
            .ready(&BTreeSet::from([day]))
            .expect("makes a key")
            .close(day, b"hay");
        assert!(!sealed.windows(3).any(|three| three == b"hay"));
        let vault = Vault::open(folder.path()).expect("opens again");
        assert_eq!(vault.keys().open(&sealed).as_deref(), Some(&b"hay"[..]));
        let mut changed = sealed.clone();
        *changed.last_mut().expect("not empty") ^= 1;
        assert_eq!(vault.keys().open(&changed), None);
        let destroy = |moment, is_bare| {
            let gone = vault.destroy_before(moment, |_| Ok(is_bare));
            gone.expect("writes")
        };
        assert_eq!(destroy(6 * DAY_MILLIS - 1, true), 0);
        assert_eq!(destroy(6 * DAY_MILLIS, false), 0);
        let secret = vault.keys().0[0].secret;
        // A reader that still has the old file open must find zeros in it.
        let mut old = File::open(folder.path().join("words.keys")).expect("is there");
        assert_eq!(destroy(6 * DAY_MILLIS, true), 1);
        let mut left = Vec::new();
        old.read_to_end(&mut left).expect("reads");
        assert!(!left.windows(32).any(|bytes| bytes == secret));
        assert_eq!(vault.keys().open(&sealed), None);
        let vault = Vault::open(folder.path()).expect("opens again");
        assert_eq!(vault.keys().open(&sealed), None);
    }
}
