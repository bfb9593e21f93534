//! Keys of bands in, places of clusters out: a table of fixed size. A new entry pushes out the
//! oldest of its bucket, so it forgets. A place may belong to another cluster since, or the entry
//! to another key; the caller must compare. It never grows.

/// Entries of a bucket.
const WIDTH: usize = 4;
/// Bits of an entry that are a place. The other twelve are a tag of the key, so that most entries
/// of other keys are skipped without looking at their cluster.
const PLACE_BITS: u32 = 20;
/// The largest number of places.
pub(super) const MOST_PLACES: usize = (1 << PLACE_BITS) - 1;

/// The table.
#[derive(Debug)]
#[cfg_attr(test, derive(Clone, PartialEq))]
pub(super) struct Index {
    buckets: Vec<[u32; WIDTH]>,
}

impl Index {
    /// A table with a power of two of buckets.
    pub(super) fn new(buckets: usize) -> Self {
        Self {
            buckets: vec![[0; WIDTH]; buckets.next_power_of_two()],
        }
    }

    /// Bytes of a table with this number of buckets.
    pub(super) fn bytes_of(buckets: usize) -> usize {
        buckets.next_power_of_two() * size_of::<[u32; WIDTH]>()
    }

    fn bucket(&self, key: u32) -> usize {
        key as usize & (self.buckets.len() - 1)
    }

    fn tag(key: u32) -> u32 {
        // The low bits of the key choose the bucket, so the tag takes the high bits of a product.
        key.wrapping_mul(0x9e37_79b1) >> PLACE_BITS
    }

    /// Writes a place under a key.
    pub(super) fn put(&mut self, key: u32, place: u32) {
        // Plus one, because an entry of 0 is empty.
        let entry = Self::tag(key) << PLACE_BITS | (place + 1);
        let at = self.bucket(key);
        let bucket = &mut self.buckets[at];
        if !bucket.contains(&entry) {
            bucket.rotate_right(1);
            bucket[0] = entry;
        }
    }

    /// The places written under a key and not yet pushed out, newest first, and perhaps some of
    /// other keys.
    pub(super) fn places(&self, key: u32) -> impl Iterator<Item = u32> + use<> {
        let tag = Self::tag(key);
        let bucket = self.buckets[self.bucket(key)];
        bucket
            .into_iter()
            .filter(move |entry| *entry != 0 && entry >> PLACE_BITS == tag)
            .map(|entry| (entry & MOST_PLACES as u32) - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_stay_and_the_oldest_of_a_bucket_go() {
        let mut index = Index::new(1);
        for place in 0..6 {
            index.put(7, place);
        }
        assert_eq!(index.places(7).collect::<Vec<_>>(), [5, 4, 3, 2]);
        index.put(7, 5);
        assert_eq!(index.places(7).collect::<Vec<_>>(), [5, 4, 3, 2]);
        assert_eq!(index.places(8).count(), 0);
    }

    #[test]
    fn the_last_place_of_all_can_be_written() {
        let mut index = Index::new(8);
        let last = MOST_PLACES as u32 - 1;
        index.put(u32::MAX, last);
        assert_eq!(index.places(u32::MAX).collect::<Vec<_>>(), [last]);
    }
}
