//! A secret in, a key as it is stored out: the secret's hash, never the secret itself.

use std::fmt::Write;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::clock::Millis;

/// The hash of a secret: 64 hex digits.
///
/// A plain SHA-256, because every check computes one. It hides a long random key for good. A key of
/// twelve hex digits, which is all that WordPress accepts, or a short word chosen by hand, can be
/// found by trying all of them. So whoever steals the data folder has the keys.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SecretHash(String);

impl SecretHash {
    /// Hashes a secret.
    pub fn of(secret: &str) -> Self {
        let digest = Sha256::new()
            .chain_update("phin key\0")
            .chain_update(secret)
            .finalize();
        // One text for all digits: every check computes this hash twice.
        let mut digits = String::with_capacity(64);
        for byte in digest {
            let _ = write!(digits, "{byte:02x}");
        }
        Self(digits)
    }
}

/// A key that admits a site's requests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Key {
    /// How the key is named wherever it is stored or counted: 32 random hex digits, never changed.
    pub id: String,
    /// The hash of its secret.
    pub hash: SecretHash,
    /// The first four characters of the secret, so that people can tell keys apart.
    pub hint: String,
    /// The operator's name for it; no two keys have the same name.
    pub name: String,
    /// When it was made, in milliseconds since 1970.
    pub created_at: Millis,
    /// When it was revoked, in milliseconds since 1970.
    pub revoked_at: Option<Millis>,
    /// Since when it is suspended (known, but not served), in milliseconds since 1970.
    #[serde(default)]
    pub suspended_at: Option<Millis>,
    /// Checks allowed in a month, for all its sites together; no limit by default.
    #[serde(default)]
    pub monthly_limit: Option<u64>,
}

impl Key {
    /// Sets the secret: the first one, or a new one.
    pub fn set_secret(&mut self, secret: &str) {
        self.hash = SecretHash::of(secret);
        self.hint = secret.chars().take(4).collect();
    }
}

/// A key in an export from before keys were hashed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyInTheClear {
    /// The secret itself; other lines of the export name the key by it.
    pub secret: String,
    name: String,
    created_at: Millis,
    revoked_at: Option<Millis>,
    #[serde(default)]
    suspended_at: Option<Millis>,
    #[serde(default)]
    monthly_limit: Option<u64>,
}

impl KeyInTheClear {
    /// The key as it is stored now, under this id.
    pub fn hashed(self, id: String) -> Key {
        let mut key = Key {
            id,
            hash: SecretHash::of(""),
            hint: String::new(),
            name: self.name,
            created_at: self.created_at,
            revoked_at: self.revoked_at,
            suspended_at: self.suspended_at,
            monthly_limit: self.monthly_limit,
        };
        key.set_secret(&self.secret);
        key
    }
}
