//! Corrections and the window of checks that may still be corrected: rows in, rows out. The window
//! is in order of time. Each correction is on disk before a delivery is tried, and so is the
//! outcome. Never sends anything.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::correction::{Correction, CorrectionState};
use super::error::{StoreError, failed, whole};
use super::layout::window_key;
use super::record::Record;
use super::sealed::{keep_correction, open_correction};
use super::sled_store::Store;
use super::vault::DayNumber;
use crate::clock::Millis;

impl Store {
    /// Writes corrections, all or none; on disk when it returns.
    ///
    /// # Errors
    ///
    /// The disk refuses, or no key can be made for a day of personal text.
    pub fn put_corrections<'a>(
        &self,
        corrections: impl IntoIterator<Item = &'a Correction>,
    ) -> Result<(), StoreError> {
        let corrections: Vec<&Correction> = corrections.into_iter().collect();
        let days: BTreeSet<_> = corrections.iter().map(|c| DayNumber::at(c.at)).collect();
        let keys = self.vault.ready(&days)?;
        let mut batch = sled::Batch::default();
        for correction in corrections {
            batch.insert(
                correction.guid.as_bytes(),
                keep_correction(correction, &keys),
            );
        }
        self.corrections
            .apply_batch(batch)
            .map_err(failed("write corrections"))?;
        drop(keys);
        self.sync()
    }

    /// The row of corrections of a check, if it has one.
    ///
    /// # Errors
    ///
    /// It is damaged on disk, or the disk refuses.
    pub fn correction(&self, guid: &str) -> Result<Option<Correction>, StoreError> {
        let keys = self.vault.keys();
        let value = self
            .corrections
            .get(guid)
            .map_err(failed("read a correction"))?;
        self.unless_wordless(value.map(|value| open_correction(guid.as_bytes(), &value, &keys)))
    }

    /// All corrections, in no useful order.
    pub fn corrections(
        self: &Arc<Self>,
    ) -> impl Iterator<Item = Result<Correction, StoreError>> + use<> {
        let store = Arc::clone(self);
        self.corrections
            .iter()
            .keys()
            .filter_map(move |guid| match guid {
                Ok(guid) => store
                    .correction(std::str::from_utf8(&guid).unwrap_or(""))
                    .transpose(),
                Err(error) => Some(Err(failed("read corrections")(error))),
            })
    }

    /// Removes corrections that are older than `before` (milliseconds since 1970) and no longer
    /// pending. Their checks have left the window.
    ///
    /// # Errors
    ///
    /// The disk refuses. A damaged correction is skipped.
    pub fn forget_corrections(self: &Arc<Self>, before: Millis) -> Result<(), StoreError> {
        for correction in self.corrections() {
            let Some(old) = whole(correction) else {
                continue;
            };
            let old = old?;
            if old.at < before && !matches!(old.state, CorrectionState::Pending(_)) {
                self.corrections
                    .remove(old.guid.as_bytes())
                    .map_err(failed("forget a correction"))?;
            }
        }
        Ok(())
    }

    /// Removes the correction of a check, whatever became of it.
    ///
    /// # Errors
    ///
    /// The disk refuses.
    pub fn remove_correction(&self, guid: &str) -> Result<(), StoreError> {
        self.corrections
            .remove(guid)
            .map(|_| ())
            .map_err(failed("forget a correction"))
    }

    /// Time and guid of the checks since a time whose sites gave a callback, newest first.
    pub fn window(
        &self,
        since: Millis,
    ) -> impl Iterator<Item = Result<(Millis, String), StoreError>> + use<> {
        self.window
            .range(window_key(since, "")..)
            .rev()
            .map(|item| {
                let (key, _) = item.map_err(failed("read the window of checks"))?;
                let (at, guid) = key.split_at_checked(8).unwrap_or_default();
                let at = at.try_into().map_or(0, u64::from_be_bytes);
                Ok((at as Millis, String::from_utf8_lossy(guid).into_owned()))
            })
    }

    /// Takes a check out of the window, because a person has labelled it.
    ///
    /// # Errors
    ///
    /// The disk refuses.
    pub fn leave_window(&self, record: &Record) -> Result<(), StoreError> {
        self.window
            .remove(window_key(record.at, &record.guid))
            .map(|_| ())
            .map_err(failed("write the window of checks"))
    }

    /// Takes all checks before a time out of the window.
    ///
    /// # Errors
    ///
    /// The disk refuses.
    pub fn shorten_window(&self, before: Millis) -> Result<(), StoreError> {
        for key in self.window.range(..window_key(before, "")).keys() {
            let key = key.map_err(failed("read the window of checks"))?;
            self.window
                .remove(key)
                .map_err(failed("write the window of checks"))?;
        }
        Ok(())
    }
}
