//! A key as it is kept: what its secret hashes to, never the secret.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::clock::Millis;

/// What a secret hashes to: 64 hex digits.
///
/// A plain SHA-256, for it is asked at every check. It hides a long random key for good. One of
/// twelve hex digits, which is all that WordPress takes, or a shorter word chosen by hand, can be
/// found by whoever holds the folder and tries them all: a folder that was stolen is stolen keys.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SecretHash(String);

impl SecretHash {
    /// Hashes a secret.
    pub fn of(secret: &str) -> Self {
        let digest = Sha256::new()
            .chain_update("phin key\0")
            .chain_update(secret)
            .finalize();
        Self(digest.iter().map(|byte| format!("{byte:02x}")).collect())
    }
}

/// A key that admits a site's requests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Key {
    /// What it is called wherever it is written down or counted: 32 random hex digits, never
    /// changed.
    pub id: String,
    /// What its secret hashes to.
    pub hash: SecretHash,
    /// The first characters of the secret, for people to tell keys apart.
    pub hint: String,
    /// What the operator calls it; no two keys have one name.
    pub name: String,
    /// When it was made.
    pub created_at: Millis,
    /// When it stopped admitting.
    pub revoked_at: Option<Millis>,
    /// Since when it is known but not served.
    #[serde(default)]
    pub suspended_at: Option<Millis>,
    /// Checks a month, for all its sites together; none by default.
    #[serde(default)]
    pub monthly_limit: Option<u64>,
}

impl Key {
    /// Gives it a secret, its first or another.
    pub fn set_secret(&mut self, secret: &str) {
        self.hash = SecretHash::of(secret);
        self.hint = secret.chars().take(4).collect();
    }
}

/// A key in an export of before keys were hashed.
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
    /// The key as it is kept now, called so.
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
