//! Where a check lies: its guid or likeness in, the numbers of batches out. Knows no record.
//!
//! The places of the last checks are in memory, and on disk one row for each batch. When they are
//! many, they are sorted into a run: rows that each hold the places of one 256th of all values. So
//! a check costs no row of its own, and a search reads one short row of each run.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use parking_lot::{Mutex, RwLock};
use serde::{Deserialize, Serialize};

use super::error::{StoreError, failed, whole};
use super::layout::{BatchNumber, alike_prefix, seal, unseal};
use super::record::Record;
use crate::clock::Millis;
use crate::comment::{Likeness, SiteId};

/// Name of the tree.
pub(super) const PLACES: &str = "places";

/// How many places are sorted into one run: those of 65,536 checks. Memory holds no more than
/// twice as many, at 32 bytes each.
const RUN: usize = 2 * 65_536;

/// What a check is found by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) enum By {
    Guid,
    Likeness,
}

/// One way to a check. The value is a hash, so whoever finds a place looks at the record too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Place {
    by: By,
    value: u64,
    /// When the check was made, in milliseconds since 1970.
    pub(super) at: Millis,
    pub(super) batch: BatchNumber,
}

impl Place {
    /// Both ways to a check.
    pub(super) fn both(record: &Record, batch: BatchNumber) -> [Self; 2] {
        let place = |by, value| Self {
            by,
            value,
            at: record.at,
            batch,
        };
        [
            place(By::Guid, value_of_guid(&record.guid)),
            place(
                By::Likeness,
                value_of_likeness(&record.site, record.likeness()),
            ),
        ]
    }

    /// First bytes of its row in any run.
    fn shelf(&self) -> [u8; 3] {
        shelf(self.by, (self.value >> 56) as u8)
    }
}

/// The first sixteen digits of a guid, so that guids lie in their order; a hash of any other name.
pub(super) fn value_of_guid(guid: &str) -> u64 {
    let digits = guid.get(..16).filter(|_| guid.len() == 32);
    digits
        .and_then(|digits| u64::from_str_radix(digits, 16).ok())
        .unwrap_or_else(|| rapidhash::v3::rapidhash_v3(guid.as_bytes()))
}

/// The values of all guids that begin so; `None` if no guid does.
pub(super) fn values_beginning(begin: &str) -> Option<RangeInclusive<u64>> {
    let digits = begin.get(..begin.len().min(16))?;
    let filled = |digit: &str| {
        let missing = digit.repeat(16 - digits.len());
        u64::from_str_radix(&format!("{digits}{missing}"), 16).ok()
    };
    match digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        true => Some(filled("0")?..=filled("f")?),
        false => None,
    }
}

/// A hash of a site and a likeness.
pub(super) fn value_of_likeness(site: &SiteId, likeness: Likeness) -> u64 {
    rapidhash::v3::rapidhash_v3(&alike_prefix(site, likeness))
}

/// First byte of the rows of batches whose places are in no run.
const FRESH: u8 = 0;
/// First byte of the rows of runs.
const SORTED: u8 = 1;

/// All rows of runs with places of these values begin so.
fn shelf(by: By, byte: u8) -> [u8; 3] {
    [SORTED, by as u8, byte]
}

fn fresh_key(batch: BatchNumber) -> Vec<u8> {
    [&[FRESH][..], &batch.to_be_bytes()].concat()
}

fn run_key(shelf: [u8; 3], run: u64) -> Vec<u8> {
    [&shelf[..], &run.to_be_bytes()].concat()
}

fn read(value: &[u8]) -> Result<Vec<Place>, StoreError> {
    unseal(value, || "the places of checks".to_owned())
}

/// All places, on disk and the last ones in memory.
#[derive(Debug)]
pub(super) struct Places {
    pub(super) tree: sled::Tree,
    /// Those that are in no run, in the order in which they came.
    fresh: RwLock<Vec<Place>>,
    /// Held by whoever changes rows that are there already.
    changing: Mutex<()>,
}

impl Places {
    /// Reads the places that are in no run. A damaged row is skipped and logged.
    pub(super) fn open(tree: sled::Tree) -> Result<Self, StoreError> {
        let mut fresh = Vec::new();
        for row in tree.scan_prefix([FRESH]).values() {
            let row = row.map_err(failed("read the places of checks"))?;
            fresh.extend(whole(read(&row)).transpose()?.into_iter().flatten());
        }
        Ok(Self {
            tree,
            fresh: RwLock::new(fresh),
            changing: Mutex::default(),
        })
    }

    /// Whether no place is known.
    pub(super) fn is_empty(&self) -> bool {
        self.tree.is_empty()
    }

    /// Writes the places of a batch that is on disk already.
    pub(super) fn put(&self, batch: BatchNumber, places: &[Place]) -> Result<(), StoreError> {
        let (key, row) = Self::row(batch, places);
        self.tree
            .insert(key, row)
            .map_err(failed("write the places of checks"))?;
        self.note(places);
        Ok(())
    }

    /// The last batch that has a place in no run.
    pub(super) fn last_fresh(&self) -> Option<BatchNumber> {
        self.fresh.read().iter().map(|place| place.batch).max()
    }

    /// The row of a new batch, to be written in one transaction with it.
    pub(super) fn row(batch: BatchNumber, places: &[Place]) -> (Vec<u8>, Vec<u8>) {
        (fresh_key(batch), seal(&places))
    }

    /// Takes in the places of batches that are on disk now. Places that cannot be sorted stay where
    /// they are, and the next call tries again.
    pub(super) fn note(&self, places: &[Place]) {
        let many = {
            let mut fresh = self.fresh.write();
            fresh.extend_from_slice(places);
            fresh.len() >= RUN
        };
        if many && let Err(error) = self.sort() {
            tracing::error!(%error, "the places of checks are not sorted yet");
        }
    }

    /// Sorts the places in memory into a run.
    fn sort(&self) -> Result<(), StoreError> {
        let _alone = self.changing.lock();
        let fresh = self.fresh.read().clone();
        let mut shelves: BTreeMap<[u8; 3], Vec<Place>> = BTreeMap::new();
        let mut batch = sled::Batch::default();
        for place in &fresh {
            shelves.entry(place.shelf()).or_default().push(*place);
        }
        let run = self.next_run()?;
        for (shelf, mut places) in shelves {
            places.sort_unstable();
            batch.insert(run_key(shelf, run), seal(&places));
        }
        let batches: BTreeSet<BatchNumber> = fresh.iter().map(|place| place.batch).collect();
        for number in batches {
            batch.remove(fresh_key(number));
        }
        self.tree
            .apply_batch(batch)
            .map_err(failed("sort the places of checks"))?;
        self.fresh.write().drain(..fresh.len());
        Ok(())
    }

    /// A number above those of all runs.
    fn next_run(&self) -> Result<u64, StoreError> {
        let mut next = 0;
        for by in [By::Guid, By::Likeness] {
            for byte in 0..=u8::MAX {
                let last = self.tree.scan_prefix(shelf(by, byte)).keys().next_back();
                let last = last
                    .transpose()
                    .map_err(failed("read the places of checks"))?;
                let run = last.and_then(|key| key.get(3..)?.try_into().ok());
                next = next.max(run.map_or(0, |run| u64::from_be_bytes(run) + 1));
            }
        }
        Ok(next)
    }

    /// The places with these values, newest check first. A damaged row is skipped and logged.
    ///
    /// # Errors
    ///
    /// The disk refuses.
    pub(super) fn find(
        &self,
        by: By,
        values: RangeInclusive<u64>,
    ) -> Result<Vec<Place>, StoreError> {
        let is_wanted = |place: &&Place| place.by == by && values.contains(&place.value);
        // Memory first: what is sorted into a run meanwhile is then found there too.
        let mut found: Vec<Place> = self
            .fresh
            .read()
            .iter()
            .filter(is_wanted)
            .copied()
            .collect();
        for byte in (values.start() >> 56) as u8..=(values.end() >> 56) as u8 {
            for row in self.tree.scan_prefix(shelf(by, byte)).values() {
                let row = row.map_err(failed("read the places of checks"))?;
                let places = whole(read(&row)).transpose()?.unwrap_or_default();
                found.extend(places.iter().filter(is_wanted));
            }
        }
        found.sort_unstable_by_key(|place| (place.at, place.batch));
        found.dedup();
        found.reverse();
        Ok(found)
    }

    /// Takes places out. `write` gets the changes of the rows and writes them.
    ///
    /// # Errors
    ///
    /// `write` fails, or the disk refuses. Then nothing has changed.
    pub(super) fn remove(
        &self,
        gone: &BTreeSet<Place>,
        write: impl FnOnce(&sled::Batch) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let _alone = self.changing.lock();
        let mut batch = sled::Batch::default();
        let mut rows: Vec<(sled::IVec, sled::IVec)> = Vec::new();
        let numbers: BTreeSet<BatchNumber> = gone.iter().map(|place| place.batch).collect();
        for number in numbers {
            let key = fresh_key(number);
            let row = self
                .tree
                .get(&key)
                .map_err(failed("read the places of checks"))?;
            rows.extend(row.map(|row| (key.into(), row)));
        }
        for shelf in gone.iter().map(Place::shelf).collect::<BTreeSet<_>>() {
            for row in self.tree.scan_prefix(shelf) {
                rows.push(row.map_err(failed("read the places of checks"))?);
            }
        }
        for (key, row) in rows {
            let Some(places) = whole(read(&row)).transpose()? else {
                continue;
            };
            let left: Vec<&Place> = places
                .iter()
                .filter(|place| !gone.contains(place))
                .collect();
            match left.len() {
                0 => batch.remove(key),
                few if few < places.len() => batch.insert(key, seal(&left)),
                _ => {}
            }
        }
        write(&batch)?;
        self.fresh.write().retain(|place| !gone.contains(place));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batches(places: &Places, by: By, value: u64) -> Vec<BatchNumber> {
        let found = places.find(by, value..=value).expect("reads");
        found.into_iter().map(|place| place.batch).collect()
    }

    /// A multiplier that spreads small numbers over all shelves.
    fn spread(n: u64) -> u64 {
        n.wrapping_mul(0x9E37_79B9_7F4A_7C15)
    }

    #[test]
    fn places_are_found_sorted_or_not_until_they_are_removed() {
        let folder = tempfile::tempdir().expect("a folder");
        let db = sled::open(folder.path()).expect("opens");
        let tree = db.open_tree(PLACES).expect("opens");
        let places = Places::open(tree.clone()).expect("reads");
        // Batch n has checks n and n + 1, so every check but the first lies in two batches.
        let of_batch = |batch: u64| {
            let checks = [batch, batch + 1].into_iter();
            let both = |n| [By::Guid, By::Likeness].map(|by| (by, spread(n)));
            let place = |(by, value)| Place {
                by,
                value,
                at: batch as Millis,
                batch,
            };
            checks.flat_map(both).map(place).collect::<Vec<_>>()
        };
        let last = RUN as u64 / 4 + 9;
        let mut batch = sled::Batch::default();
        for number in 0..last {
            let (key, row) = Places::row(number, &of_batch(number));
            batch.insert(key, row);
        }
        tree.apply_batch(batch).expect("writes");
        let all: Vec<Place> = (0..RUN as u64 / 4).flat_map(of_batch).collect();
        places.note(&all);
        assert!(places.fresh.read().is_empty(), "they were not sorted");
        (RUN as u64 / 4..last).for_each(|number| places.note(&of_batch(number)));
        let gone = of_batch(4).into_iter().chain(of_batch(last - 1));
        let write = |batch: &sled::Batch| tree.apply_batch(batch.clone()).map_err(failed("write"));
        places.remove(&gone.collect(), write).expect("removes");
        // The same again as a new start reads it.
        for places in [&places, &Places::open(tree.clone()).expect("reads")] {
            for by in [By::Guid, By::Likeness] {
                assert_eq!(batches(places, by, spread(0)), [0]);
                assert_eq!(batches(places, by, spread(9)), [9, 8]);
                assert_eq!(batches(places, by, spread(5)), [5]);
                assert_eq!(batches(places, by, spread(last - 1)), [last - 2]);
                assert!(batches(places, by, spread(last)).is_empty());
            }
            assert_eq!(places.last_fresh(), Some(last - 2));
        }
    }

    #[test]
    fn the_beginning_of_a_guid_is_a_range_of_values() {
        let guid = "a1b2c3d4e5f60718293a4b5c6d7e8f90";
        let value = value_of_guid(guid);
        for length in [6, 8, 16, 20, 32] {
            let values = values_beginning(&guid[..length]).expect("digits");
            assert!(values.contains(&value), "{length}");
            assert_eq!(values.start() == values.end(), length >= 16);
        }
        assert!(!values_beginning("a1b2c4").expect("digits").contains(&value));
        assert_eq!(values_beginning("no digits"), None);
        assert_eq!(values_beginning("không"), None);
    }
}
