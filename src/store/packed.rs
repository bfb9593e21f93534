//! A long list of numbers to bytes and back, for serde. In binary formats the bytes are as in
//! memory, because a ledger of many labels is read at every start; in formats for people it is a
//! list. Never compresses.

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub(crate) fn serialize<S: Serializer>(list: &[u32], to: S) -> Result<S::Ok, S::Error> {
    if to.is_human_readable() {
        return list.serialize(to);
    }
    let bytes: Vec<u8> = list.iter().flat_map(|n| n.to_le_bytes()).collect();
    to.serialize_bytes(&bytes)
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u32>, D::Error> {
    if from.is_human_readable() {
        return Vec::deserialize(from);
    }
    from.deserialize_bytes(Packed)
}

struct Packed;

impl Visitor<'_> for Packed {
    type Value = Vec<u32>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("numbers of four bytes each")
    }

    fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Vec<u32>, E> {
        let (numbers, rest) = bytes.as_chunks::<4>();
        if !rest.is_empty() {
            return Err(E::custom("the last number is cut off"));
        }
        Ok(numbers.iter().map(|n| u32::from_le_bytes(*n)).collect())
    }
}
