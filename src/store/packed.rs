//! A long list of numbers to bytes and back, for serde. In formats for people it is a list. In
//! binary formats an ascending list, such as the buckets of a comment, is kept as its steps: two
//! bytes for most buckets instead of four. Any other list is kept as its numbers in memory.

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub(crate) fn serialize<S: Serializer>(list: &[u32], to: S) -> Result<S::Ok, S::Error> {
    if to.is_human_readable() {
        return list.serialize(to);
    }
    let bytes = match list.is_sorted() {
        true => steps(list),
        false => list.iter().flat_map(|n| n.to_le_bytes()).collect(),
    };
    to.serialize_bytes(&bytes)
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u32>, D::Error> {
    if from.is_human_readable() {
        return Vec::deserialize(from);
    }
    from.deserialize_bytes(Packed)
}

/// Whether more bytes of the same step follow.
const MORE: u8 = 0x80;

/// The steps of an ascending list, seven bits a byte, the lowest first. Filled up with a step that
/// never ends, so that the length is no multiple of four: by that it differs from plain numbers.
fn steps(list: &[u32]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(2 * list.len() + 4);
    let mut before = 0;
    for &number in list {
        let mut step = number - before;
        while step >= u32::from(MORE) {
            bytes.push(step as u8 | MORE);
            step >>= 7;
        }
        bytes.push(step as u8);
        before = number;
    }
    if !list.is_empty() && bytes.len() % 4 == 0 {
        bytes.push(MORE);
    }
    bytes
}

/// The list of these steps; `None` if one is too long.
fn of_steps(bytes: &[u8]) -> Option<Vec<u32>> {
    let mut list = Vec::with_capacity(bytes.len() / 2);
    let (mut number, mut step, mut shift) = (0_u32, 0_u32, 0);
    for byte in bytes {
        let bits = u32::from(byte & !MORE);
        step |= bits.checked_shl(shift).filter(|up| up >> shift == bits)?;
        shift += 7;
        if byte & MORE == 0 {
            number = number.checked_add(step)?;
            list.push(number);
            (step, shift) = (0, 0);
        }
    }
    Some(list)
}

struct Packed;

impl Visitor<'_> for Packed {
    type Value = Vec<u32>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a packed list of numbers")
    }

    fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Vec<u32>, E> {
        match bytes.as_chunks::<4>() {
            (numbers, []) => Ok(numbers.iter().map(|n| u32::from_le_bytes(*n)).collect()),
            _ => of_steps(bytes).ok_or_else(|| E::custom("a step of the list is too long")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct List(#[serde(with = "super")] Vec<u32>);

    fn packed(list: &List) -> Vec<u8> {
        postcard::to_stdvec(list).expect("packs")
    }

    proptest! {
        #[test]
        fn a_list_comes_back(mut list in prop::collection::vec(any::<u32>(), 0..40), sort: bool) {
            if sort {
                list.sort_unstable();
            }
            let list = List(list);
            prop_assert_eq!(postcard::from_bytes::<List>(&packed(&list)).expect("unpacks"), list);
        }

        #[test]
        fn bytes_of_any_kind_are_a_list_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
            let _ = of_steps(&bytes);
        }
    }

    #[test]
    fn buckets_take_two_bytes_and_plain_numbers_of_an_earlier_version_are_read() {
        let buckets = List((1..=300).map(|n| n * 14_000).collect());
        assert!(packed(&buckets).len() < 3 * 300);
        let plain: Vec<u8> = buckets.0.iter().flat_map(|n| n.to_le_bytes()).collect();
        let before = [&[0xB0, 0x09][..], &plain].concat();
        assert_eq!(
            postcard::from_bytes::<List>(&before).expect("unpacks"),
            buckets
        );
    }
}
