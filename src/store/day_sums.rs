//! Sums by day of UTC, one tree for each kind: increments in, sums of some days out. The sums stay
//! when the records that they count are removed. Never reads a record.

use std::collections::{BTreeMap, HashMap};
use std::marker::PhantomData;
use std::ops::{AddAssign, RangeInclusive};

use serde::Serialize;
use serde::de::DeserializeOwned;
use sled::transaction::{TransactionalTree, UnabortableTransactionError};

use super::error::{StoreError, failed, whole};
use super::layout::{seal, unseal};
use crate::clock::Day;

/// The key of a sum: where a check is counted.
pub trait SummedAt: Ord + Serialize + DeserializeOwned {
    /// What is added up.
    type Sum: AddAssign + Copy + Serialize + DeserializeOwned;
    /// The name of one sum, for an error.
    const WHAT: &'static str;
    /// The name of the reading, for an error.
    const READING: &'static str;
    /// The UTC day on which the check was made.
    fn day(&self) -> Day;
    /// The rest of the key: the language of the text (empty if languages are counted together), and
    /// one more name.
    fn rest(&self) -> [&str; 2];
}

/// The day comes first, so that the last days are one range of the tree.
fn key<P: SummedAt>(of: &P) -> Vec<u8> {
    let [lang, other] = of.rest().map(str::as_bytes);
    [&of.day().to_bytes(), lang, &[0], other].concat()
}

fn read<P: SummedAt>(value: &[u8]) -> Result<(P, P::Sum), StoreError> {
    unseal(value, || P::WHAT.to_owned())
}

/// Adds increments to the sums of a tree, within a transaction.
pub(super) fn add<P: SummedAt>(
    tree: &TransactionalTree,
    more: &HashMap<P, P::Sum>,
) -> Result<(), UnabortableTransactionError> {
    for (of, more) in more {
        let (key, mut sum) = (key(of), *more);
        match tree.get(&key)?.map(|value| read::<P>(&value)) {
            None => {}
            Some(Ok((_, before))) => sum += before,
            // A damaged sum starts again from zero. To return an error would refuse every record of
            // this transaction.
            Some(Err(error)) => tracing::error!(%error, "counting begins anew"),
        }
        tree.insert(key, seal(&(of, sum)))?;
    }
    Ok(())
}

/// All sums of one kind.
#[derive(Debug)]
pub struct DaySums<P> {
    pub(super) tree: sled::Tree,
    of: PhantomData<fn() -> P>,
}

impl<P: SummedAt> DaySums<P> {
    pub(super) fn of(tree: sled::Tree) -> Self {
        Self {
            tree,
            of: PhantomData,
        }
    }

    /// The sums of some days, in the order of days. A damaged one is skipped and logged.
    ///
    /// # Errors
    ///
    /// The disk refuses.
    pub fn on(&self, days: RangeInclusive<Day>) -> Result<BTreeMap<P, P::Sum>, StoreError> {
        let mut beyond = days.end().to_bytes();
        // The last byte is the day of the month, at most 31, so adding one never overflows.
        beyond[beyond.len() - 1] += 1;
        let mut sums = BTreeMap::new();
        for item in self.tree.range(days.start().to_bytes()..beyond) {
            let (_, value) = item.map_err(failed(P::READING))?;
            if let Some(row) = whole(read(&value)) {
                let (of, sum) = row?;
                sums.insert(of, sum);
            }
        }
        Ok(sums)
    }

    /// All sums.
    pub fn all(&self) -> impl Iterator<Item = Result<(P, P::Sum), StoreError>> + use<P> {
        let sums = self.tree.iter();
        sums.map(|item| read(&item.map_err(failed(P::READING))?.1))
    }

    /// Writes a sum from an import, unless this key has one already; returns whether it wrote.
    ///
    /// # Errors
    ///
    /// The disk refuses.
    pub fn put_new(&self, of: &P, sum: P::Sum) -> Result<bool, StoreError> {
        self.tree
            .compare_and_swap(key(of), None::<&[u8]>, Some(seal(&(of, sum))))
            .map(|swapped| swapped.is_ok())
            .map_err(failed("write counts of checks"))
    }
}
