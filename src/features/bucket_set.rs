//! A bucket in, whether it is new in this comment out. It never forgets a bucket of the comment.

use std::cell::Cell;

use super::bucket::{FEATURE_BITS, FeatureId};

/// A set of buckets as a hash table with open addressing. Sorting a thousand buckets would cost
/// more than all the rest of a check.
///
/// Each thread has one and uses it for all its comments. A slot holds the bucket and the number of
/// the comment, so that the next comment finds all slots empty and nothing has to be cleared: to
/// clear them took as long as to fill them.
#[derive(Debug, Clone, Default)]
pub(super) struct BucketSet {
    slots: Vec<u32>,
    /// Slots in use for this comment, a power of two, less one.
    mask: usize,
    len: usize,
    /// The number of the comment above the bits of a bucket; never 0.
    stamp: u32,
}

/// Number of a comment by its bits.
const STEP: u32 = 1 << FEATURE_BITS;

/// Most slots that a thread keeps for its next comment.
const MOST_KEPT: usize = 1 << 16;

thread_local! {
    static SPARE: Cell<BucketSet> = Cell::default();
}

impl BucketSet {
    /// An empty set; the one that this thread gave back last, if it did.
    pub(super) fn with_room_for(len: usize) -> Self {
        let mut set = SPARE.take();
        set.begin(len);
        set
    }

    /// Keeps the memory for the next comment of this thread.
    pub(super) fn give_back(self) {
        if self.slots.len() <= MOST_KEPT {
            SPARE.set(self);
        }
    }

    fn begin(&mut self, len: usize) {
        let size = (len + len / 3 + 1).next_power_of_two().max(64);
        if self.slots.len() < size {
            self.slots = vec![0; size];
        }
        (self.mask, self.len) = (size - 1, 0);
        self.stamp = self.stamp.wrapping_add(STEP);
        if self.stamp == 0 {
            // All numbers were used.
            self.slots.fill(0);
            self.stamp = STEP;
        }
    }

    #[inline]
    pub(super) fn insert(&mut self, id: FeatureId) -> bool {
        // At most three quarters full, so that a search ends after a few slots.
        if (self.mask + 1) * 3 < 4 * (self.len + 1) {
            self.grow();
        }
        let wanted = self.stamp | id;
        let mut at = (id.wrapping_mul(0x9e37_79b1) >> 7) as usize & self.mask;
        loop {
            let slot = &mut self.slots[at];
            if *slot == wanted {
                return false;
            }
            if *slot & !(STEP - 1) != self.stamp {
                *slot = wanted;
                self.len += 1;
                return true;
            }
            at = (at + 1) & self.mask;
        }
    }

    #[cold]
    fn grow(&mut self) {
        let is_of_now = |slot: &u32| slot & !(STEP - 1) == self.stamp;
        let slots = self.slots.iter().take(self.mask + 1).copied();
        let ids: Vec<u32> = slots
            .filter(is_of_now)
            .map(|slot| slot & (STEP - 1))
            .collect();
        self.begin((self.len + 1) * 3 / 2);
        for id in ids {
            self.insert(id);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn a_set_is_empty_for_each_comment_and_grows() {
        // More comments than numbers.
        for comment in 0..3_000_u32 {
            let mut set = BucketSet::with_room_for(comment as usize % 50);
            let mut expected = HashSet::new();
            for n in 0..comment % 200 {
                let id = (n * n * 77 + comment) % 300 * 13_000;
                assert_eq!(set.insert(id), expected.insert(id), "{comment}: {id}");
            }
            set.give_back();
        }
    }
}
