//! Records and corrections to bytes and back, with personal text encrypted under the key of its
//! day. Knows no tree.

use serde::{Deserialize, Serialize};

use super::correction::Correction;
use super::error::StoreError;
use super::layout::{seal, unseal};
use super::record::Record;
use super::vault::{DayNumber, Keys};

/// A record as it lies on disk.
#[derive(Serialize, Deserialize)]
enum Kept {
    /// All of it, encrypted.
    Whole(Vec<u8>),
    /// A check whose personal text was removed; not encrypted.
    Thin(Box<Record>),
}

pub(super) fn keep(record: &Record, keys: &Keys) -> Vec<u8> {
    seal(&match record.day_of_words() {
        Some(day) => Kept::Whole(keys.close(day, &seal(record))),
        None => Kept::Thin(Box::new(record.clone())),
    })
}

pub(super) fn unkeep(
    bytes: &[u8],
    keys: &Keys,
    what: impl Fn() -> String,
) -> Result<Record, StoreError> {
    match unseal(bytes, &what)? {
        Kept::Whole(sealed) => match keys.open(&sealed) {
            Some(plain) => unseal(&plain, what),
            None => Err(StoreError::Wordless { what: what() }),
        },
        Kept::Thin(record) => Ok(*record),
    }
}

pub(super) fn keep_correction(correction: &Correction, keys: &Keys) -> Vec<u8> {
    seal(&keys.close(DayNumber::at(correction.at), &seal(correction)))
}

pub(super) fn open_correction(
    guid: &[u8],
    bytes: &[u8],
    keys: &Keys,
) -> Result<Correction, StoreError> {
    let what = || format!("the correction of check {}", String::from_utf8_lossy(guid));
    let sealed: Vec<u8> = unseal(bytes, what)?;
    match keys.open(&sealed) {
        Some(plain) => unseal(&plain, what),
        None => Err(StoreError::Wordless { what: what() }),
    }
}
