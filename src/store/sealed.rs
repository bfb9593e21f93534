//! Corrections to bytes and back, with personal text encrypted under the key of its day. Knows no
//! tree.

use super::correction::Correction;
use super::error::StoreError;
use super::layout::{seal, unseal};
use super::vault::{DayNumber, Keys};

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
