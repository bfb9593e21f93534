//! What the stream looked like to each model, by day of UTC and language, of all sites together: sums that stay when the records themselves are gone.

use std::collections::HashMap;
use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};
use sled::transaction::{TransactionalTree, UnabortableTransactionError};

use super::calendar::Day;
use super::layout::{seal, unseal};
use super::sled_store::failed;
use super::{Store, StoreError};
use crate::verdict::Portrait;

/// The place of a check among the portraits.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PortraitOf {
    /// The day the check was made.
    pub day: Day,
    /// Language of the text: `vi`, `en` or `und`.
    pub lang: String,
    /// Id of the model that judged.
    pub model: String,
}

fn place(of: &PortraitOf) -> Vec<u8> {
    let mut place = of.day.to_bytes().to_vec();
    place.extend_from_slice(of.lang.as_bytes());
    place.push(0);
    place.extend_from_slice(of.model.as_bytes());
    place
}

fn read(value: &[u8]) -> Result<(PortraitOf, Portrait), StoreError> {
    unseal(value, || "a portrait of checks".to_owned())
}

/// Adds to a place.
pub(super) fn add(
    tree: &TransactionalTree,
    portraits: &HashMap<PortraitOf, Portrait>,
) -> Result<(), UnabortableTransactionError> {
    for (of, more) in portraits {
        let (place, mut sum) = (place(of), *more);
        match tree.get(&place)?.map(|value| read(&value)) {
            None => {}
            Some(Ok((_, before))) => sum += before,
            // As with counts of checks.
            Some(Err(error)) => tracing::error!(%error, "counting begins anew"),
        }
        tree.insert(place, seal(&(of, sum)))?;
    }
    Ok(())
}

impl Store {
    /// Portraits of some days, in their order. A damaged one is passed over, and said.
    pub fn portraits(
        &self,
        days: RangeInclusive<Day>,
    ) -> Result<Vec<(PortraitOf, Portrait)>, StoreError> {
        let mut beyond = days.end().to_bytes();
        // The last byte is a day of a month.
        beyond[beyond.len() - 1] += 1;
        let mut portraits = Vec::new();
        for item in self.portraits.range(days.start().to_bytes()..beyond) {
            let (_, value) = item.map_err(failed("read the portraits of checks"))?;
            match read(&value) {
                Ok(portrait) => portraits.push(portrait),
                Err(error) => tracing::error!(%error, "a portrait is passed over"),
            }
        }
        Ok(portraits)
    }

    /// All portraits.
    pub fn all_portraits(
        &self,
    ) -> impl Iterator<Item = Result<(PortraitOf, Portrait), StoreError>> + use<> {
        self.portraits
            .iter()
            .map(|item| read(&item.map_err(failed("read the portraits of checks"))?.1))
    }

    /// Takes a portrait in that was made elsewhere, unless there is one of that place already; says whether it did.
    pub fn put_new_portrait(
        &self,
        of: &PortraitOf,
        portrait: Portrait,
    ) -> Result<bool, StoreError> {
        self.portraits
            .compare_and_swap(place(of), None::<&[u8]>, Some(seal(&(of, portrait))))
            .map(|swapped| swapped.is_ok())
            .map_err(failed("write a portrait of checks"))
    }
}
