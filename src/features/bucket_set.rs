//! A bucket in, whether it is new in this comment out. It never forgets a bucket.

use super::bucket::FeatureId;

/// A set of buckets as a hash table with open addressing. Sorting a thousand buckets would cost
/// more than all the rest of a check. A slot holds the bucket plus one; 0 is empty.
#[derive(Debug, Clone, Default)]
pub(super) struct BucketSet {
    slots: Vec<u32>,
    len: usize,
}

impl BucketSet {
    pub(super) fn with_room_for(len: usize) -> Self {
        Self {
            slots: vec![0; (len + len / 3 + 1).next_power_of_two().max(64)],
            len: 0,
        }
    }

    #[inline]
    pub(super) fn insert(&mut self, id: FeatureId) -> bool {
        // At most three quarters full, so that a search ends after a few slots.
        if self.slots.len() * 3 < 4 * (self.len + 1) {
            self.grow();
        }
        let mask = self.slots.len() - 1;
        let mut at = (id.wrapping_mul(0x9e37_79b1) >> 7) as usize & mask;
        loop {
            match self.slots[at] {
                0 => break,
                taken if taken == id + 1 => return false,
                _ => at = (at + 1) & mask,
            }
        }
        self.slots[at] = id + 1;
        self.len += 1;
        true
    }

    #[cold]
    fn grow(&mut self) {
        let old = std::mem::replace(self, Self::with_room_for((self.len + 1) * 3 / 2));
        for slot in old.slots.into_iter().filter(|&slot| slot != 0) {
            self.insert(slot - 1);
        }
    }
}
