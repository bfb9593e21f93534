//! The check a report answers: by its guid, else by what the comment was. Reports in, at most one record out.
//!
//! Most reports carry no guid. What a platform sends back unchanged is in the `Likeness`; where several checks are alike ("+1" twice), the page, the
//! sender's address and the date tell them apart, as far as both sides know them.

use std::cmp::Reverse;
use std::collections::VecDeque;

use crate::comment::{Comment, Likeness, SiteId};
use crate::learn::online::realm::Realm;
use crate::moderation::corrections::rounds::lock;
use crate::moderation::labels::room::bytes_of;
use crate::moderation::{Admitted, Millis, Moderation, StoreError};
use crate::store::Record;

/// Checks alike that are looked through.
const MOST_ALIKE: usize = 32;

/// The last checks, for labels that come before their record is written.
#[derive(Debug, Default)]
pub(crate) struct Recent {
    ring: VecDeque<(Likeness, Record)>,
    bytes: usize,
}

/// Checks kept at hand; at 1,000 checks a second, four seconds of them.
const MOST_RECENT: usize = 4_096;
/// Memory for them: comments of ordinary length need a third of it, and of the longest ones some hundreds are left.
const MOST_RECENT_BYTES: usize = 32 << 20;

impl Recent {
    pub(crate) fn push(&mut self, record: Record) {
        self.bytes += bytes_of(&record);
        self.ring
            .push_back((Likeness::of(&record.site, &record.comment), record));
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

    /// Forgets checks from before a moment.
    pub(crate) fn forget_before(&mut self, moment: Millis) {
        self.retain(|record| record.at >= moment);
    }

    /// Forgets checks by what they are.
    pub(crate) fn forget(&mut self, is_of: impl Fn(&Record) -> bool) {
        self.retain(|record| !is_of(record));
    }

    /// The newest first.
    pub(crate) fn last_first(&self) -> impl Iterator<Item = &Record> {
        self.ring.iter().rev().map(|(_, record)| record)
    }

    fn by_guid(&self, guid: &str) -> Option<Record> {
        self.last_first()
            .find(|record| record.guid == guid)
            .cloned()
    }

    fn like(&self, site: &SiteId, likeness: Likeness) -> Vec<Record> {
        let alike = self
            .ring
            .iter()
            .rev()
            .filter(|(other, record)| *other == likeness && record.site == *site);
        alike
            .take(MOST_ALIKE)
            .map(|(_, record)| record.clone())
            .collect()
    }
}

impl Moderation {
    /// The record of a check, written already or not.
    pub(crate) fn record_by_guid(&self, guid: &str) -> Result<Option<Record>, StoreError> {
        match lock(&self.recent).by_guid(guid) {
            Some(record) => Ok(Some(record)),
            None => self.store.record(guid),
        }
    }

    /// The check a report answers.
    pub(crate) fn record_for(
        &self,
        guid: Option<&str>,
        admitted: &Admitted,
        realm: &Realm,
        comment: &Comment,
    ) -> Result<Option<Record>, StoreError> {
        let site = &realm.site;
        // What another key sent under this site's name is nothing of this key's.
        let beside = realm.beside();
        let is_heard = |record: &Record| {
            let sent_in = self.realm_of_check(record);
            sent_in == *realm || Some(&sent_in) == beside.as_ref() || self.is_vouched(admitted)
        };
        if let Some(guid) = guid.filter(|g| !g.is_empty()) {
            // A guid of another site must not let this site touch its comments.
            let record = self.record_by_guid(guid)?;
            if let Some(record) = record.filter(|r| r.site == *site && is_heard(r)) {
                return Ok(Some(record));
            }
        }
        // What says nothing is like everything that says nothing.
        if crate::moderation::says_nothing(comment) {
            return Ok(None);
        }
        let likeness = Likeness::of(site, comment);
        let recent = lock(&self.recent).like(site, likeness);
        let written = self.store.records_like(site, likeness, MOST_ALIKE)?;
        Ok(best(
            recent.into_iter().chain(written).filter(is_heard),
            &admitted.key_id,
            comment,
        ))
    }
}

/// The check that a report means, of several whose comments are alike.
fn best(alike: impl Iterator<Item = Record>, key: &str, reported: &Comment) -> Option<Record> {
    alike
        .filter(|record| {
            let checked = &record.comment;
            !contradict(&checked.request.ip, &reported.request.ip)
                && !contradict(&checked.origin.post, &reported.origin.post)
        })
        .min_by_key(|record| {
            let ours = (record.key != key) as u8;
            // A check at creation often has no date; then it was made when the comment was.
            let written = record.comment.origin.written_at.unwrap_or(record.at);
            let off: Millis = reported.origin.written_at.map_or(0, |at| {
                at.abs_diff(written).min(Millis::MAX as u64) as Millis
            });
            // To the second: platforms keep no finer dates.
            (ours, off / 1_000, Reverse(record.at))
        })
}

/// Whether both sides know and disagree.
fn contradict<T: PartialEq>(one: &Option<T>, other: &Option<T>) -> bool {
    matches!((one, other), (Some(one), Some(other)) if one != other)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::comment::Origin;

    fn comment(post: Option<&str>, ip: Option<&str>, written_at: Option<Millis>) -> Comment {
        let mut comment = Comment::from_text("+1");
        comment.request.ip = ip.map(|ip| ip.parse().expect("an address"));
        comment.origin = Origin {
            post: post.map(str::to_owned),
            written_at,
            ..Origin::default()
        };
        comment
    }

    fn record(guid: &str, at: Millis, comment: Comment) -> Record {
        let assessment = crate::filter::check(
            &crate::model::Model::cold(),
            &comment,
            crate::model::layers::Live {
                shared: &Default::default(),
                site: None,
            },
        );
        Record {
            guid: guid.to_owned(),
            at,
            site: SiteId::parse("blog.example").expect("a site"),
            comment,
            assessment,
            key: "ours".to_owned(),
            callback: Default::default(),
            traces: None,
        }
    }

    #[track_caller]
    fn chosen(records: &[Record], key: &str, reported: &Comment, expected: Option<&str>) {
        let found = best(records.iter().cloned(), key, reported);
        assert_eq!(found.map(|r| r.guid).as_deref(), expected);
    }

    #[test]
    fn the_same_words_are_told_apart_by_page_address_and_date() {
        let (a, b) = (Some("203.0.113.1"), Some("203.0.113.2"));
        let records = [
            record("page 1", 10_000, comment(Some("1"), a, None)),
            record("page 2, early", 20_000, comment(Some("2"), a, None)),
            record("page 2, late", 90_000, comment(Some("2"), a, None)),
            record("page 2, dated", 95_000, comment(Some("2"), a, Some(40_000))),
            record("elsewhere", 99_000, comment(Some("3"), b, None)),
        ];
        let check = |reported: Comment, expected| chosen(&records, "ours", &reported, expected);
        check(comment(Some("1"), a, None), Some("page 1"));
        check(comment(Some("1"), None, None), Some("page 1"));
        check(comment(Some("1"), b, None), None);
        check(comment(Some("2"), a, Some(21_000)), Some("page 2, early"));
        check(comment(Some("2"), a, Some(89_000)), Some("page 2, late"));
        check(
            comment(Some("2"), None, Some(40_000)),
            Some("page 2, dated"),
        );
        check(comment(None, b, None), Some("elsewhere"));
        // Nothing tells them apart: the last one.
        check(comment(None, None, None), Some("elsewhere"));
    }

    #[test]
    fn a_check_under_the_same_key_comes_first() {
        let mut theirs = record("theirs", 9, comment(None, None, None));
        theirs.key = "theirs".to_owned();
        let records = [record("ours", 1, comment(None, None, None)), theirs];
        let reported = comment(None, None, None);
        chosen(&records, "ours", &reported, Some("ours"));
        chosen(&records, "theirs", &reported, Some("theirs"));
        chosen(&records, "new", &reported, Some("theirs"));
    }

    #[test]
    fn the_last_checks_take_no_more_memory_than_they_may() {
        let mut recent = Recent::default();
        let long = || Comment::from_text("z".repeat(crate::text::MAX_TEXT_BYTES));
        for at in 0..2 * MOST_RECENT_BYTES / crate::text::MAX_TEXT_BYTES {
            recent.push(record(&at.to_string(), at as Millis, long()));
        }
        let held = |recent: &Recent| recent.ring.iter().map(|(_, r)| bytes_of(r)).sum::<usize>();
        assert!((MOST_RECENT_BYTES / 2..=MOST_RECENT_BYTES).contains(&held(&recent)));
        assert_eq!(recent.bytes, held(&recent));
        recent.forget(|record| record.at % 2 == 0);
        assert_eq!(recent.bytes, held(&recent));
        let short = record("short", 0, Comment::from_text("+1"));
        (0..2 * MOST_RECENT).for_each(|_| recent.push(short.clone()));
        assert_eq!(recent.ring.len(), MOST_RECENT);
        assert!(recent.bytes < MOST_RECENT_BYTES && recent.bytes == held(&recent));
    }
}
