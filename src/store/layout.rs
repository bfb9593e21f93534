//! Values to bytes and back. A checksum stands before every value, because sled's own checksums do
//! not catch everything after a hard stop. Never touches a tree.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::error::StoreError;
use super::usage::UsageOf;
use crate::clock::{Day, Millis, Month};
use crate::comment::{Likeness, SiteId};
use crate::lists::Slot;

const CHECKSUM: usize = 8;

pub(super) fn seal<T: Serialize>(value: &T) -> Vec<u8> {
    let mut bytes = vec![0; CHECKSUM];
    bytes = postcard::to_extend(value, bytes).expect("plain data can be written down");
    let sum = rapidhash::v3::rapidhash_v3(&bytes[CHECKSUM..]);
    bytes[..CHECKSUM].copy_from_slice(&sum.to_le_bytes());
    bytes
}

pub(super) fn unseal<T: DeserializeOwned>(
    bytes: &[u8],
    what: impl Fn() -> String,
) -> Result<T, StoreError> {
    let damaged = || StoreError::Damaged { what: what() };
    if !is_whole(bytes) {
        return Err(damaged());
    }
    postcard::from_bytes(&bytes[CHECKSUM..]).map_err(|_| damaged())
}

/// Whether the checksum matches the bytes.
pub(super) fn is_whole(bytes: &[u8]) -> bool {
    bytes
        .split_at_checked(CHECKSUM)
        .is_some_and(|(sum, body)| rapidhash::v3::rapidhash_v3(body).to_le_bytes() == *sum)
}

/// Big-endian, so that the order of sled's keys is the order of the ledger.
pub(super) fn seq_key(seq: Seq) -> [u8; 8] {
    seq.to_be_bytes()
}

/// Site and likeness of a check.
pub(super) fn alike_prefix(site: &SiteId, likeness: Likeness) -> Vec<u8> {
    let mut key = site.as_str().as_bytes().to_vec();
    key.push(0);
    key.extend_from_slice(&likeness.0.to_be_bytes());
    key
}

/// Big-endian time (milliseconds since 1970), so that the order of sled's keys is the order of
/// time. Times before 1970 count as 0.
pub(super) fn window_key(at: Millis, guid: &str) -> Vec<u8> {
    let mut key = at.max(0).to_be_bytes().to_vec();
    key.extend_from_slice(guid.as_bytes());
    key
}

/// Big-endian, so that the order of sled's keys is the order in which batches were written.
pub(super) fn batch_key(number: BatchNumber) -> [u8; 8] {
    number.to_be_bytes()
}

/// The number of a batch in its key.
pub(super) fn batch_number(key: &[u8]) -> BatchNumber {
    key.try_into().map_or(0, BatchNumber::from_be_bytes)
}

/// All rows of a key have this prefix.
pub(super) fn key_prefix(key: &str) -> Vec<u8> {
    let mut prefix = key.as_bytes().to_vec();
    prefix.push(0);
    prefix
}

/// All sites of a key in a month have this prefix; months lie in their order.
pub(super) fn month_prefix(key: &str, month: Month) -> Vec<u8> {
    let mut prefix = key_prefix(key);
    prefix.extend_from_slice(&month.to_bytes());
    prefix
}

pub(super) fn month_key(key: &str, month: Month, site: &SiteId) -> Vec<u8> {
    let mut place = month_prefix(key, month);
    place.extend_from_slice(site.as_str().as_bytes());
    place
}

/// All sites of a key on a day have this prefix; days lie in their order.
pub(super) fn day_prefix(key: &str, day: Day) -> Vec<u8> {
    let mut prefix = key_prefix(key);
    prefix.extend_from_slice(&day.to_bytes());
    prefix
}

pub(super) fn day_key(of: &UsageOf) -> Vec<u8> {
    let mut place = day_prefix(&of.key, of.day);
    place.extend_from_slice(of.site.as_str().as_bytes());
    place
}

pub(super) fn site_key(key: &str, site: &SiteId) -> Vec<u8> {
    let mut place = key_prefix(key);
    place.extend_from_slice(site.as_str().as_bytes());
    place
}

/// All entries of a site lie side by side. Entries for all sites come first, because no site has an
/// empty name.
pub(super) fn slot_key(slot: &Slot) -> Vec<u8> {
    let site = slot.site.as_ref().map_or("", SiteId::as_str);
    let parts = [site, slot.kind.as_str(), &slot.value];
    parts.join("\0").into_bytes()
}

/// Place of a label or operator event in the ledger, counted from 1.
pub type Seq = u64;

/// Number of a batch of checks; batches are numbered in the order in which they were written.
pub(super) type BatchNumber = u64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_comes_back_and_a_changed_byte_is_noticed() {
        let mut bytes = seal(&("hay", 7_u32));
        assert_eq!(
            unseal::<(String, u32)>(&bytes, || "it".into()).expect("whole"),
            ("hay".to_owned(), 7)
        );
        let last = bytes.len() - 1;
        bytes[last] ^= 1;
        assert!(matches!(
            unseal::<(String, u32)>(&bytes, || "it".into()),
            Err(StoreError::Damaged { .. })
        ));
        assert!(unseal::<u8>(&[1, 2], || "it".into()).is_err());
    }
}
