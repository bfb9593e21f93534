//! A report in, the check that it answers out, or none: found by its guid, else by the comment
//! itself. Never guesses between checks that contradict the report.
//!
//! Most reports have no guid. What a platform sends back unchanged is in the `Likeness`. If several
//! checks have the same likeness ("+1" twice), the page, the sender's address and the date tell
//! them apart, if both sides have them.

use std::cmp::Reverse;

use crate::clock::Millis;
use crate::comment::{Comment, Likeness};
use crate::learn::online::realm::Realm;
use crate::moderation::accounts::admitted::Admitted;
use crate::moderation::labels::state::Labels;
use crate::store::{Record, StoreError};

impl Labels {
    /// The check that a report answers.
    pub(crate) fn record_for(
        &self,
        guid: Option<&str>,
        admitted: &Admitted,
        realm: &Realm,
        comment: &Comment,
    ) -> Result<Option<Record>, StoreError> {
        let site = &realm.site;
        // A check that another key sent under this site's name is not for this key to label.
        let beside = realm.beside();
        let is_heard = |record: &Record| {
            let sent_in = self.accounts.realm_of_check(record);
            sent_in == *realm
                || Some(&sent_in) == beside.as_ref()
                || self.accounts.is_vouched(admitted)
        };
        if let Some(guid) = guid.filter(|g| !g.is_empty()) {
            // A guid of another site must not give this site access to its comments.
            let record = self.context.checks.by_guid(&guid.to_ascii_lowercase())?;
            if let Some(record) = record.filter(|r| r.site == *site && is_heard(r)) {
                return Ok(Some(record));
            }
        }
        // An empty comment has the likeness of all empty comments.
        if says_nothing(comment) {
            return Ok(None);
        }
        let likeness = Likeness::of(site, comment);
        let alike = self.context.checks.like(site, likeness)?.filter(is_heard);
        Ok(best(alike, &admitted.key_id, comment))
    }
}

/// Whether a report has neither text nor author, so that it teaches nothing.
pub(crate) fn says_nothing(comment: &Comment) -> bool {
    let author = &comment.author;
    comment.text.trim().is_empty()
        && [&author.name, &author.email, &author.url]
            .iter()
            .all(|field| field.as_deref().is_none_or(|f| f.trim().is_empty()))
}

/// The best match of several checks with the same likeness.
fn best(alike: impl Iterator<Item = Record>, key: &str, reported: &Comment) -> Option<Record> {
    alike
        .filter(|record| {
            let checked = &record.comment;
            !contradict(&checked.request.ip, &reported.request.ip)
                && !contradict(&checked.origin.post, &reported.origin.post)
        })
        .min_by_key(|record| {
            let ours = (record.key != key) as u8;
            // A check made when the comment is written often has no date. Then the time of the
            // check is the date.
            let written = record.comment.origin.written_at.unwrap_or(record.at);
            let off: Millis = reported.origin.written_at.map_or(0, |at| {
                at.abs_diff(written).min(Millis::MAX as u64) as Millis
            });
            // To the second, because platforms keep no finer dates.
            (ours, off / 1_000, Reverse(record.at))
        })
}

/// Whether both sides have a value and the values differ.
fn contradict<T: PartialEq>(one: &Option<T>, other: &Option<T>) -> bool {
    matches!((one, other), (Some(one), Some(other)) if one != other)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::comment::Origin;
    use crate::comment::SiteId;

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
        // Nothing distinguishes them, so the last one is taken.
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
}
