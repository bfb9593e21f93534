//! Labels as they arrive in, whether a key sends more than a person can out. It is no part of what
//! a replay of the ledger gives, and places no label.

use std::collections::HashMap;

use crate::clock::Millis;

/// Labels of one key within one hour that are a flood: a moderator who works through a queue by
/// hand gives one in ten seconds.
pub const FLOOD: u32 = 360;

const HOUR: Millis = 3_600_000;

/// Counts labels by key and hour, as they arrive; not part of what a replay gives.
#[derive(Debug, Default)]
pub struct Floods {
    hours: HashMap<String, (i64, u32)>,
}

impl Floods {
    /// Counts a label at a time; true when it makes its key's hour a flood, once an hour.
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
