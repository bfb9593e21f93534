//! A key that was admitted, or why it was not. Types only; decides nothing.

/// A key that was admitted.
#[derive(Debug, Clone)]
pub struct Admitted {
    /// The operator's name for the key.
    pub key_name: String,
    /// How the key is named wherever it is stored or counted; says nothing of its secret.
    pub key_id: String,
}

/// Why a key is not admitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The request has no key.
    #[error("no API key came with the request")]
    NoKey,
    /// There is no such key.
    #[error("this API key is not known here")]
    Unknown,
    /// The operator revoked the key.
    #[error("this API key was revoked")]
    Revoked,
    /// The operator suspended the key.
    #[error("this API key is suspended")]
    Suspended,
    /// This site of the key was revoked.
    #[error("this API key does not serve this site any more")]
    SiteRevoked,
}
