//! Checks that wait for a person, in and out by site and time: unsure checks, and those drawn at
//! random for an audit. Never holds a word of a comment; those are in its record.

use std::collections::BTreeSet;
use std::ops::Bound;

use serde::{Deserialize, Serialize};
use sled::transaction::{TransactionalTree, UnabortableTransactionError};

use super::error::{StoreError, failed, whole};
use super::layout::{seal, unseal, window_key};
use super::sled_store::Store;
use crate::clock::Millis;
use crate::comment::{CommentId, SiteId};
use crate::verdict::Verdict;

/// Why a person should look at a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Why {
    /// The verdict was unsure.
    Unsure,
    /// It was drawn at random among checks with its verdict, to find mistakes that nobody reports.
    Audit,
}

impl Why {
    /// Both reasons.
    pub const ALL: [Self; 2] = [Self::Unsure, Self::Audit];

    fn letter(self) -> u8 {
        match self {
            Self::Unsure => b'u',
            Self::Audit => b'a',
        }
    }
}

/// A check in the queue. It stays there until its author is erased. Whether it still waits follows
/// from the labels.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    /// Id of the check.
    pub guid: String,
    /// When it was made, in milliseconds since 1970.
    pub at: Millis,
    /// Its site.
    pub site: SiteId,
    /// Language of the text: `vi`, `en` or `und`.
    pub lang: String,
    /// The verdict of the check.
    pub verdict: Verdict,
    /// Its comment, by which its labels are found.
    pub comment: CommentId,
    /// Why a person should look.
    pub why: Why,
    /// For an audit: one in this many checks like it was drawn at that time. 1 for unsure checks,
    /// which are all in the queue.
    pub one_in: u64,
    /// Whether people saw it, and its verdict.
    pub seen: Seen,
}

/// Whether people saw a check in the queue, and its verdict.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Seen {
    /// Nobody saw it.
    #[default]
    Never,
    /// It was seen without its verdict.
    Blind,
    /// It was seen with its verdict; the answer may have followed the verdict.
    Told,
}

fn prefix(site: &SiteId, why: Why) -> Vec<u8> {
    let mut key = site.as_str().as_bytes().to_vec();
    key.extend_from_slice(&[0, why.letter()]);
    key
}

pub(super) fn key(site: &SiteId, why: Why, at: Millis, guid: &str) -> Vec<u8> {
    let mut key = prefix(site, why);
    key.extend_from_slice(&window_key(at, guid));
    key
}

fn key_of(row: &Waiting) -> Vec<u8> {
    key(&row.site, row.why, row.at, &row.guid)
}

fn read(value: &[u8]) -> Result<Waiting, StoreError> {
    unseal(value, || "a check in the queue".to_owned())
}

/// Writes rows, within a transaction.
pub(super) fn put(
    tree: &TransactionalTree,
    rows: &[Waiting],
) -> Result<(), UnabortableTransactionError> {
    for row in rows {
        tree.insert(key_of(row), seal(row))?;
    }
    Ok(())
}

impl Store {
    /// Rows of a site from `since` (included) to `until`, oldest first; they can be read from
    /// either end. After a clock went back, some rows may lie in the future.
    pub fn waiting(
        &self,
        site: &SiteId,
        why: Why,
        (since, until): (Millis, Bound<Millis>),
    ) -> impl DoubleEndedIterator<Item = Result<Waiting, StoreError>> + use<> {
        let first = key(site, why, since, "");
        let end = match until {
            Bound::Unbounded => {
                let mut end = prefix(site, why);
                end.extend_from_slice(&[u8::MAX; 8]);
                end
            }
            Bound::Excluded(until) => key(site, why, until, ""),
            Bound::Included(until) => key(site, why, until.saturating_add(1), ""),
        };
        // The range must not run backwards: sled refuses that.
        let end = end.max(first.clone());
        self.queue
            .range(first..end)
            .map(|item| read(&item.map_err(failed("read the queue"))?.1))
    }

    /// The audit sample of a check, if it was drawn.
    ///
    /// # Errors
    ///
    /// It is damaged on disk, or the disk refuses.
    pub fn audit_of(
        &self,
        site: &SiteId,
        at: Millis,
        guid: &str,
    ) -> Result<Option<Waiting>, StoreError> {
        let value = self.queue.get(key(site, Why::Audit, at, guid));
        let value = value.map_err(failed("read the queue"))?;
        value.map(|value| read(&value)).transpose()
    }

    /// Writes how a row was seen, if it is unchanged since it was read. So a row that was removed
    /// meanwhile does not come back. On disk with the next sync.
    ///
    /// # Errors
    ///
    /// The disk refuses.
    pub fn note_seen(&self, row: &Waiting, seen: Seen) -> Result<(), StoreError> {
        let noted = Waiting {
            seen,
            ..row.clone()
        };
        self.queue
            .compare_and_swap(key_of(row), Some(seal(row)), Some(seal(&noted)))
            .map(|_| ())
            .map_err(failed("write the queue"))
    }

    /// The sites that have rows in the queue. Jumps from site to site instead of reading all rows.
    ///
    /// # Errors
    ///
    /// The disk refuses. A damaged row is skipped.
    pub fn waiting_sites(&self) -> Result<BTreeSet<SiteId>, StoreError> {
        let mut sites = BTreeSet::new();
        let mut from = Vec::new();
        while let Some(row) = self.queue.range(from..).next() {
            let (key, value) = row.map_err(failed("read the queue"))?;
            let name = key.iter().position(|&byte| byte == 0).unwrap_or(key.len());
            if let Some(row) = whole(read(&value)) {
                sites.insert(row?.site);
            }
            // A zero byte ends the name in the key, so this lies behind all rows of the site.
            from = key[..name].to_vec();
            from.push(1);
        }
        Ok(sites)
    }

    /// All rows of the queue.
    pub fn all_waiting(&self) -> impl Iterator<Item = Result<Waiting, StoreError>> + use<> {
        self.queue
            .iter()
            .map(|item| read(&item.map_err(failed("read the queue"))?.1))
    }

    /// Writes a row from an import, unless it is here already; returns whether it wrote.
    ///
    /// # Errors
    ///
    /// The disk refuses.
    pub fn put_new_waiting(&self, row: &Waiting) -> Result<bool, StoreError> {
        self.queue
            .compare_and_swap(key_of(row), None::<&[u8]>, Some(seal(row)))
            .map(|swapped| swapped.is_ok())
            .map_err(failed("write the queue"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_queue_is_read_by_site_and_time_from_either_end() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(folder.path(), 1 << 20).expect("opens");
        let site = |name: &str| SiteId::parse(name).expect("a site");
        let row = |of: &str, why, at: Millis| Waiting {
            guid: format!("{at}"),
            at,
            site: site(of),
            lang: "en".to_owned(),
            verdict: Verdict::Ham,
            comment: CommentId(at as u64),
            why,
            one_in: 20,
            seen: Seen::Never,
        };
        let rows = [
            row("a.example", Why::Audit, 1),
            row("a.example", Why::Audit, 300),
            row("a.example", Why::Unsure, 2),
            row("a.example.net", Why::Audit, 2),
            row("b.example", Why::Audit, 2),
        ];
        for row in &rows {
            assert!(store.put_new_waiting(row).expect("writes"));
        }
        let times = |since, until| {
            let found = store.waiting(&site("a.example"), Why::Audit, (since, until));
            let rows = found.map(|row| row.expect("whole").at);
            rows.collect::<Vec<_>>()
        };
        assert_eq!(times(0, Bound::Unbounded), [1, 300]);
        assert_eq!(times(2, Bound::Unbounded), [300]);
        assert_eq!(times(0, Bound::Excluded(300)), [1]);
        assert_eq!(times(0, Bound::Included(300)), [1, 300]);
        assert_eq!(times(9, Bound::Excluded(3)), [0; 0]);
        assert!(!store.put_new_waiting(&rows[0]).expect("reads"));
        let found = store.audit_of(&site("a.example"), 1, "1").expect("reads");
        assert_eq!(found.as_ref(), Some(&rows[0]));
        assert_eq!(store.all_waiting().count(), 5);
        store.note_seen(&rows[0], Seen::Blind).expect("writes");
        // This row was read before the note above, so the second note is not written.
        store.note_seen(&rows[0], Seen::Told).expect("reads");
        store.queue.remove(key_of(&rows[1])).expect("removes");
        store.note_seen(&rows[1], Seen::Blind).expect("reads");
        let found = store.all_waiting().map(|row| row.expect("whole").seen);
        let [n, b] = [Seen::Never, Seen::Blind];
        assert_eq!(found.collect::<Vec<_>>(), [b, n, n, n]);
    }
}
