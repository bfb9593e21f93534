//! Records in, the last ones out: for labels that come before their record is written. Limited in
//! number and bytes. Never reads the disk.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::comment::{Likeness, SiteId};
use crate::moderation::checks::room::bytes_of;
use crate::store::Record;

/// How many checks with the same likeness are read for one report, from memory and from disk each.
pub(crate) const MOST_ALIKE: usize = 32;

/// The last checks, for labels that come before their record is written.
#[derive(Debug, Default)]
pub(crate) struct Recent {
    ring: VecDeque<(Likeness, Arc<Record>)>,
    bytes: usize,
}

/// How many checks are kept. At 1,000 checks a second this is four seconds.
const MOST_RECENT: usize = 4_096;
/// Memory for them, in bytes. Comments of ordinary length need a third of it; of the longest ones
/// it holds some hundreds.
const MOST_RECENT_BYTES: usize = 32 << 20;

impl Recent {
    pub(crate) fn push(&mut self, likeness: Likeness, record: Arc<Record>) {
        self.bytes += bytes_of(&record);
        self.ring.push_back((likeness, record));
        while self.ring.len() > MOST_RECENT || self.bytes > MOST_RECENT_BYTES {
            let Some((_, oldest)) = self.ring.pop_front() else {
                break;
            };
            self.bytes -= bytes_of(&oldest);
        }
    }

    fn retain(&mut self, stays: impl Fn(&Record) -> bool) {
        self.ring.retain(|(_, record)| stays(record));
        self.bytes = self.ring.iter().map(|(_, record)| bytes_of(record)).sum();
    }

    /// Removes the checks for which `is_of` is true.
    pub(crate) fn forget(&mut self, is_of: impl Fn(&Record) -> bool) {
        self.retain(|record| !is_of(record));
    }

    /// All checks, newest first.
    pub(crate) fn last_first(&self) -> impl Iterator<Item = &Record> {
        self.ring.iter().rev().map(|(_, record)| &**record)
    }

    pub(crate) fn by_guid(&self, guid: &str) -> Option<Record> {
        self.last_first()
            .find(|record| record.guid == guid)
            .cloned()
    }

    pub(crate) fn like(&self, site: &SiteId, likeness: Likeness) -> Vec<Record> {
        let alike = self
            .ring
            .iter()
            .rev()
            .filter(|(other, record)| *other == likeness && record.site == *site);
        alike
            .take(MOST_ALIKE)
            .map(|(_, record)| Record::clone(record))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::comment::Comment;
    use crate::filter;
    use crate::model::{Model, layers::Live};

    fn record(guid: &str, at: i64, comment: Comment) -> Arc<Record> {
        let live = Live {
            shared: &Default::default(),
            site: None,
        };
        Arc::new(Record {
            guid: guid.to_owned(),
            at,
            site: SiteId::parse("blog.example").expect("a site"),
            assessment: filter::check(&Model::cold(), &comment, live),
            comment,
            key: "ours".to_owned(),
            callback: Default::default(),
            traces: None,
        })
    }

    #[test]
    fn the_last_checks_take_no_more_memory_than_they_may() {
        let mut recent = Recent::default();
        let long = || Comment::from_text("z".repeat(crate::text::MAX_TEXT_BYTES));
        for at in 0..2 * MOST_RECENT_BYTES / crate::text::MAX_TEXT_BYTES {
            recent.push(Likeness(0), record(&at.to_string(), at as i64, long()));
        }
        let held = |recent: &Recent| recent.ring.iter().map(|(_, r)| bytes_of(r)).sum::<usize>();
        assert!((MOST_RECENT_BYTES / 2..=MOST_RECENT_BYTES).contains(&held(&recent)));
        assert_eq!(recent.bytes, held(&recent));
        recent.forget(|record| record.at % 2 == 0);
        assert_eq!(recent.bytes, held(&recent));
        let short = record("short", 0, Comment::from_text("+1"));
        (0..2 * MOST_RECENT).for_each(|_| recent.push(Likeness(0), short.clone()));
        assert_eq!(recent.ring.len(), MOST_RECENT);
        assert!(recent.bytes < MOST_RECENT_BYTES && recent.bytes == held(&recent));
    }
}
