//! Names in, hashes out, and the number of buckets. Stable: every model and ledger in use holds
//! these numbers, so they must never change. The range of buckets of a feature is decided in
//! `view`.

/// Features are hashed into `2^FEATURE_BITS` buckets.
pub const FEATURE_BITS: u32 = 22;

/// The hash behind the buckets. Its crate promises that it never changes. The name is written into
/// every model.
pub const HASH_NAME: &str = "rapidhash_v3";

/// The bucket of a feature, below `2^FEATURE_BITS`.
pub type FeatureId = u32;

/// The stable hash of a name.
pub(super) fn hash(bytes: &[u8]) -> u64 {
    rapidhash::v3::rapidhash_v3(bytes)
}

/// The same for an n-gram whose length in bytes is known at compile time: then the compiler removes
/// the hash's branches on the length.
#[inline(always)]
pub(super) fn hash_ngram<const N: usize>(bytes: &[u8; N]) -> u64 {
    rapidhash::v3::rapidhash_v3_inline::<true, false, false>(
        bytes,
        &rapidhash::v3::DEFAULT_RAPID_SECRETS,
    )
}

/// Joins two hashes; the order matters.
pub(super) fn join(left: u64, right: u64) -> u64 {
    (left.rotate_left(23) ^ right).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// The upper 32 bits of a hash, scaled to `0..room` without a division.
pub(super) const fn scaled(hash: u64, room: u32) -> u32 {
    (((hash >> 32) * room as u64) >> 32) as u32
}
