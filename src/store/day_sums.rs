//! Sums by day of UTC of one kind, in one tree: what came on top in, sums of some days out. They
//! stay when the records that they count are gone.

use std::collections::{BTreeMap, HashMap};
use std::marker::PhantomData;
use std::ops::{AddAssign, RangeInclusive};

use serde::Serialize;
use serde::de::DeserializeOwned;
use sled::transaction::{TransactionalTree, UnabortableTransactionError};

use super::error::{StoreError, failed, whole};
use super::layout::{seal, unseal};
use crate::clock::Day;

/// The place of a check among the sums of one kind.
pub trait SummedAt: Ord + Serialize + DeserializeOwned {
    /// What is summed there.
    type Sum: AddAssign + Copy + Serialize + DeserializeOwned;
    /// One of them, in an error.
    const WHAT: &'static str;
    /// What reading them is called in an error.
    const READING: &'static str;
    /// The day the check was made.
    fn day(&self) -> Day;
    /// The language of its text (empty if languages are not told apart), and what else there is one
    /// sum each of.
    fn rest(&self) -> [&str; 2];
}

/// Days in their order, so that the last ones are one stretch of the tree.
fn key<P: SummedAt>(of: &P) -> Vec<u8> {
    let [lang, other] = of.rest().map(str::as_bytes);
    [&of.day().to_bytes(), lang, &[0], other].concat()
}

fn read<P: SummedAt>(value: &[u8]) -> Result<(P, P::Sum), StoreError> {
    unseal(value, || P::WHAT.to_owned())
}

/// Adds to the sums of a tree.
pub(super) fn add<P: SummedAt>(
    tree: &TransactionalTree,
    more: &HashMap<P, P::Sum>,
) -> Result<(), UnabortableTransactionError> {
    for (of, more) in more {
        let (key, mut sum) = (key(of), *more);
        match tree.get(&key)?.map(|value| read::<P>(&value)) {
            None => {}
            Some(Ok((_, before))) => sum += before,
            // As with usage: counting from nothing again beats refusing every record that comes
            // with it.
            Some(Err(error)) => tracing::error!(%error, "counting begins anew"),
        }
        tree.insert(key, seal(&(of, sum)))?;
    }
    Ok(())
}

/// The sums of one kind.
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

    /// Those of some days, in the order of days. A damaged one is passed over, and said.
    ///
    /// # Errors
    ///
    /// The disk refuses.
    pub fn on(&self, days: RangeInclusive<Day>) -> Result<BTreeMap<P, P::Sum>, StoreError> {
        let mut beyond = days.end().to_bytes();
        // The last byte is a day of a month.
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

    /// All of them.
    pub fn all(&self) -> impl Iterator<Item = Result<(P, P::Sum), StoreError>> + use<P> {
        let sums = self.tree.iter();
        sums.map(|item| read(&item.map_err(failed(P::READING))?.1))
    }

    /// Takes a sum in that was made elsewhere, unless there is one of that place already; says
    /// whether it did.
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
