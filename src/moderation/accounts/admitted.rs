//! A key that was found good, or why it was not. Nouns alone.

/// A key that was found good.
#[derive(Debug, Clone)]
pub struct Admitted {
    /// What the operator calls the key.
    pub key_name: String,
    /// What the key is called wherever it is counted or written down; tells nothing of its secret.
    pub key_id: String,
}

/// Why a key does not admit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// None came with the request.
    #[error("no API key came with the request")]
    NoKey,
    /// Nobody here has it.
    #[error("this API key is not known here")]
    Unknown,
    /// Its operator took it back.
    #[error("this API key was revoked")]
    Revoked,
    /// Its operator stopped serving it for a while.
    #[error("this API key is suspended")]
    Suspended,
    /// The owner of the key took it from this site.
    #[error("this API key does not serve this site any more")]
    SiteRevoked,
}
