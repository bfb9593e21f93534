//! Labels as they arrive in, whether a key sends more than a person can out. It is not part of a
//! replay of the ledger, and places no label.

use std::collections::HashMap;

use crate::clock::Millis;

/// This many labels of one key within one hour are a flood: a moderator who works through a queue
/// by hand gives one in ten seconds.
pub const FLOOD: u32 = 360;

const HOUR: Millis = 3_600_000;

/// Counts labels by key and hour of the clock (UTC), as they arrive.
#[derive(Debug, Default)]
pub struct Floods {
    hours: HashMap<String, (i64, u32)>,
}

impl Floods {
    /// Counts a label given at `at`, in milliseconds since 1970. Returns true for the label that
    /// makes its key's hour a flood.
    pub fn count(&mut self, key_name: &str, at: Millis) -> bool {
        let hour = at.div_euclid(HOUR);
        if self.hours.get(key_name).is_none_or(|(of, _)| *of != hour) {
            self.hours.insert(key_name.to_owned(), (hour, 0));
        }
        let labels = self.hours.get_mut(key_name).map(|(_, labels)| labels);
        labels.is_some_and(|labels| {
            *labels += 1;
            *labels == FLOOD
        })
    }
}
