//! One frame of the journal: a row to bytes, and bytes to rows, whatever damage lies between them.
//! Never panics on damaged bytes.
//!
//! A frame is `"\xf1phj"`, length of the body (`u32`), checksum of the frame before (`u64`), body,
//! checksum (`u64`); all numbers are little-endian. The checksum covers the body and the checksum
//! before, so a row of frames proves its own order. By the four bytes at the beginning a reader
//! finds the next frame after damage.

use serde::{Deserialize, Serialize};

/// The trees of the store that are also written to the journal: their loss would be the loss of a
/// person's decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Tree {
    /// Labels.
    Ledger,
    /// Operator events.
    Rulings,
    /// Keys.
    Keys,
    /// Settings of sites.
    Sites,
    /// Owners of sites.
    Owners,
}

impl Tree {
    pub(crate) const ALL: [Self; 5] = [
        Self::Ledger,
        Self::Rulings,
        Self::Keys,
        Self::Sites,
        Self::Owners,
    ];

    /// Its name in the store.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Ledger => "ledger",
            Self::Rulings => "rulings",
            Self::Keys => "hashed_keys",
            Self::Sites => "sites",
            Self::Owners => "owners",
        }
    }
}

/// One change of a row of the store: written, or removed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Row {
    pub(crate) tree: Tree,
    pub(crate) key: Vec<u8>,
    /// The bytes as in the store, with their checksum; `None` for a row that was removed.
    pub(crate) value: Option<Vec<u8>>,
}

impl Row {
    pub(crate) fn put(tree: Tree, key: impl Into<Vec<u8>>, value: Vec<u8>) -> Self {
        Self {
            tree,
            key: key.into(),
            value: Some(value),
        }
    }
}

const MAGIC: [u8; 4] = *b"\xf1phj";
const HEAD: usize = MAGIC.len() + 4 + 8;
const SUM: usize = 8;
/// The longest body, in bytes. The longest row is a label with some thousand features; a greater
/// length is damage.
const LONGEST: usize = 16 << 20;

/// What stands for "the checksum before" in the very first frame.
pub(super) const BEGINNING: u64 = 0;

fn checksum(before: u64, body: &[u8]) -> u64 {
    let mut bytes = before.to_le_bytes().to_vec();
    bytes.extend_from_slice(body);
    rapidhash::v3::rapidhash_v3(&bytes)
}

/// Appends a frame to `to`; returns its checksum.
pub(super) fn write(row: &Row, before: u64, to: &mut Vec<u8>) -> u64 {
    let body = postcard::to_stdvec(row).expect("plain data can be written down");
    let length = u32::try_from(body.len()).expect("a row is shorter than four gigabytes");
    let sum = checksum(before, &body);
    to.extend_from_slice(&MAGIC);
    to.extend_from_slice(&length.to_le_bytes());
    to.extend_from_slice(&before.to_le_bytes());
    to.extend_from_slice(&body);
    to.extend_from_slice(&sum.to_le_bytes());
    sum
}

/// One frame that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Frame {
    pub(super) row: Row,
    /// Checksum of the frame before.
    pub(super) before: u64,
    pub(super) sum: u64,
    /// Where it ends, in bytes from the beginning of the file.
    pub(super) end: usize,
}

/// The frame that begins at byte `at`, if there is one.
fn read(bytes: &[u8], at: usize) -> Option<Frame> {
    let (head, rest) = bytes.get(at..)?.split_at_checked(HEAD)?;
    let (magic, head) = head.split_first_chunk::<4>()?;
    let (length, before) = head.split_first_chunk::<4>()?;
    let length = u32::from_le_bytes(*length) as usize;
    if *magic != MAGIC || length > LONGEST {
        return None;
    }
    let before = u64::from_le_bytes(before.try_into().ok()?);
    let (body, rest) = rest.split_at_checked(length)?;
    let sum = u64::from_le_bytes(*rest.first_chunk::<SUM>()?);
    if checksum(before, body) != sum {
        return None;
    }
    Some(Frame {
        row: postcard::from_bytes(body).ok()?,
        before,
        sum,
        end: at + HEAD + length + SUM,
    })
}

/// What lies in the bytes of a journal, one piece after the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Found {
    Frame(Frame),
    /// This many bytes that are no frame, with a frame or the end behind them.
    Damage(usize),
}

/// All frames in some bytes, and the damage between them.
pub(super) fn frames(bytes: &[u8]) -> impl Iterator<Item = Found> {
    let mut at = 0;
    std::iter::from_fn(move || {
        if at == bytes.len() {
            return None;
        }
        if let Some(frame) = read(bytes, at) {
            at = frame.end;
            return Some(Found::Frame(frame));
        }
        // The four bytes alone may occur by chance; only a frame with the right checksum counts.
        let next = (at + 1..bytes.len()).find(|from| {
            bytes[*from] == MAGIC[0]
                && bytes[*from..].starts_with(&MAGIC)
                && read(bytes, *from).is_some()
        });
        let next = next.unwrap_or(bytes.len());
        let damage = next - at;
        at = next;
        Some(Found::Damage(damage))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn three() -> (Vec<Row>, Vec<u8>) {
        let row = |n: u8| Row::put(Tree::Ledger, [n; 8], vec![n; 40 + usize::from(n)]);
        let mut rows: Vec<Row> = (1..=3).map(row).collect();
        rows[1].value = None;
        let (mut bytes, mut sum) = (Vec::new(), BEGINNING);
        for row in &rows {
            sum = write(row, sum, &mut bytes);
        }
        (rows, bytes)
    }

    fn rows_in(bytes: &[u8]) -> (Vec<Row>, usize) {
        let (mut rows, mut damage) = (Vec::new(), 0);
        for found in frames(bytes) {
            match found {
                Found::Frame(frame) => rows.push(frame.row),
                Found::Damage(bytes) => damage += bytes,
            }
        }
        (rows, damage)
    }

    #[test]
    fn what_is_written_is_read_and_each_frame_names_the_one_before() {
        let (rows, bytes) = three();
        assert_eq!(rows_in(&bytes), (rows, 0));
        let mut sum = BEGINNING;
        for found in frames(&bytes) {
            let Found::Frame(frame) = found else {
                panic!("whole")
            };
            assert_eq!(frame.before, sum);
            sum = frame.sum;
        }
    }

    #[test]
    fn any_flipped_byte_costs_one_frame_and_never_changes_one() {
        let (rows, bytes) = three();
        for at in 0..bytes.len() {
            let mut bytes = bytes.clone();
            bytes[at] ^= 0x5a;
            let (left, damage) = rows_in(&bytes);
            assert_eq!(left.len(), 2, "byte {at}");
            assert!(
                damage > 0 && left.iter().all(|row| rows.contains(row)),
                "byte {at}"
            );
        }
    }

    #[test]
    fn a_cut_costs_what_was_cut() {
        let (rows, bytes) = three();
        for end in 0..bytes.len() {
            let (left, _) = rows_in(&bytes[..end]);
            assert!(rows.starts_with(&left), "cut at {end}");
        }
    }
}
