//! The queue: sites in, a page of checks that wait for a person out. Unsure checks and audit
//! samples stand side by side in order of time. Never shows a key what another key sent.
//!
//! People who see a verdict tend to agree with it. So an audit sample is shown without verdict,
//! probability and clues. Only a label of a sample shown like that, which says that it answers the
//! audit, counts as an answer. A reader may ask for the verdicts; then labels count as reports.
//!
//! A key is shown only the checks that it sent itself, even if it became the owner of the site
//! since.

use std::cmp::Ordering;
use std::collections::{BTreeSet, BinaryHeap, HashMap};
use std::fmt;
use std::ops::Bound;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::blocking::run_blocking;
use crate::clock::Millis;
use crate::comment::{Comment, SiteId};
use crate::moderation::monitor::figures::first_moment;
use crate::moderation::monitor::state::Monitor;
use crate::store::{Record, Seen, StoreError, Waiting, Why, whole};
use crate::text::Language;
use crate::verdict::{Clue, Cutoffs, Verdict};

/// The order of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Order {
    /// The newest check first.
    #[default]
    Newest,
    /// The oldest check first.
    Oldest,
}

/// Whether audit samples are shown with their verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Showing {
    /// Only unsure checks are shown with it.
    #[default]
    Unsure,
    /// All are shown with it. Labels of these samples do not count as audit answers.
    All,
}

/// Where a page ended: time (milliseconds since 1970) and guid of its last check, written
/// `1795435200000-0a1b..`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cursor {
    at: Millis,
    guid: String,
}

/// A text that is no cursor.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no place in the queue; send \"next\" of the page before")]
pub struct BadCursor(String);

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.at, self.guid)
    }
}

impl FromStr for Cursor {
    type Err = BadCursor;
    fn from_str(text: &str) -> Result<Self, BadCursor> {
        let read = || {
            let (at, guid) = text.split_once('-')?;
            let is_guid = guid.len() <= 64 && guid.bytes().all(|b| b.is_ascii_hexdigit());
            is_guid.then_some(Self {
                at: at.parse().ok()?,
                guid: guid.to_owned(),
            })
        };
        read().ok_or_else(|| BadCursor(text.to_owned()))
    }
}

/// Which part of the queue is requested.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueAsked {
    /// The sites; `None` for all.
    pub sites: Option<BTreeSet<SiteId>>,
    /// Only checks that this key sent, by its id.
    pub sent_by: Option<String>,
    /// Checks of this many UTC days up to now, today included.
    pub days: u32,
    /// The order of the page.
    pub order: Order,
    /// Only checks after this cursor.
    pub after: Option<Cursor>,
    /// How many checks the page has at most.
    pub most: usize,
    /// Whether audit samples are shown with their verdict.
    pub showing: Showing,
}

/// A check that waits for a person.
#[derive(Debug, Clone, PartialEq)]
pub struct Queued {
    /// Id of the check; a label names it.
    pub guid: String,
    /// When it was made, in milliseconds since 1970.
    pub at: Millis,
    /// Its site.
    pub site: SiteId,
    /// Why a person should look.
    pub why: Why,
    /// The comment.
    pub comment: Comment,
    /// Verdict, probability and clues, unless they are hidden.
    pub thought: Option<Thought>,
}

/// The verdict of a check and its reasons.
#[derive(Debug, Clone, PartialEq)]
pub struct Thought {
    /// The verdict.
    pub verdict: Verdict,
    /// P(spam), in 0..=1.
    pub probability: f64,
    /// The reasons, strongest first.
    pub clues: Vec<Clue>,
    /// What all else adds, in log-odds: what no clue shows, and how rare spam is.
    pub rest: f64,
    /// The cutoffs of its site and language now.
    pub cutoffs: Cutoffs,
}

/// A page of the queue.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct QueuePage {
    /// The checks.
    pub checks: Vec<Queued>,
    /// The cursor for the next page; `None` after the last page.
    pub next: Option<Cursor>,
}

/// The next row of a source, and the number of the source. The greatest comes first on the page.
struct Head {
    place: Cursor,
    order: Order,
    row: Waiting,
    source: usize,
}

impl PartialEq for Head {
    fn eq(&self, other: &Self) -> bool {
        self.place == other.place
    }
}

impl Eq for Head {}

impl PartialOrd for Head {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Head {
    fn cmp(&self, other: &Self) -> Ordering {
        let by_place = self.place.cmp(&other.place);
        match self.order {
            Order::Newest => by_place,
            Order::Oldest => by_place.reverse(),
        }
    }
}

impl Cursor {
    fn of(row: &Waiting) -> Self {
        Self {
            at: row.at,
            guid: row.guid.clone(),
        }
    }
}

type Rows = Box<dyn Iterator<Item = Result<Waiting, StoreError>>>;

/// Merges the rows of all sources in one order. Reads them only as far as they are needed.
struct Merged {
    sources: Vec<Rows>,
    heads: BinaryHeap<Head>,
    order: Order,
}

impl Merged {
    fn of(sources: Vec<Rows>, order: Order) -> Result<Self, StoreError> {
        let mut merged = Self {
            heads: BinaryHeap::with_capacity(sources.len()),
            sources,
            order,
        };
        for source in 0..merged.sources.len() {
            merged.pull(source)?;
        }
        Ok(merged)
    }

    fn pull(&mut self, source: usize) -> Result<(), StoreError> {
        let mut rows = self.sources[source].by_ref().filter_map(whole);
        if let Some(row) = rows.next().transpose()? {
            self.heads.push(Head {
                place: Cursor::of(&row),
                order: self.order,
                row,
                source,
            });
        }
        Ok(())
    }

    fn next(&mut self) -> Result<Option<Waiting>, StoreError> {
        let Some(Head { row, source, .. }) = self.heads.pop() else {
            return Ok(None);
        };
        self.pull(source)?;
        Ok(Some(row))
    }
}

fn queued(record: Record, why: Why, showing: Showing, cutoffs: Cutoffs) -> Queued {
    let assessment = record.assessment;
    let is_shown = why == Why::Unsure || showing == Showing::All;
    Queued {
        guid: record.guid,
        at: record.at,
        site: record.site,
        why,
        comment: record.comment,
        thought: is_shown.then_some(Thought {
            verdict: assessment.verdict,
            probability: assessment.probability,
            clues: assessment.clues,
            rest: assessment.rest,
            cutoffs,
        }),
    }
}

impl Monitor {
    /// One page of the queue: checks without a label whose text is still kept. A sample that is
    /// shown is noted as shown, with or without its verdict.
    ///
    /// # Errors
    ///
    /// The store cannot be read, or cannot note what was shown.
    pub async fn queue(self: &Arc<Self>, asked: QueueAsked) -> Result<QueuePage, StoreError> {
        self.context.checks.settle().await;
        let (monitor, now) = (Arc::clone(self), (self.context.clock)());
        run_blocking("read the queue", move || monitor.page(asked, now)).await
    }

    fn page(&self, asked: QueueAsked, now: Millis) -> Result<QueuePage, StoreError> {
        // The text of older checks is removed.
        let since = first_moment(now, asked.days).max(self.privacy.retention.since(now));
        let mut rows = self.rows(&asked, since)?;
        let mut page = QueuePage::default();
        let mut comments = BTreeSet::new();
        let in_memory = self.in_memory_alone();
        let model = self.context.online.model();
        while let Some(row) = rows.next()? {
            let place = Cursor::of(&row);
            let is_before = asked.after.as_ref().is_some_and(|after| match asked.order {
                Order::Newest => place >= *after,
                Order::Oldest => place <= *after,
            });
            // A comment that was checked twice is shown once.
            if is_before || !comments.insert(row.comment.0) {
                continue;
            }
            let record = match in_memory.get(&row.guid) {
                Some(record) => Some(record.clone()),
                None => whole(self.context.store.record(&row.guid))
                    .transpose()?
                    .flatten(),
            };
            // The cheap question first: only if the comment has any label does it matter whose it
            // is.
            let is_spoken_of = self.context.online.is_spoken_of(&row.site, row.comment);
            let is_labelled = |record: &Record| {
                let realm = self.accounts.realm_of_check(record);
                is_spoken_of && self.context.online.label_of(&realm, row.comment).is_some()
            };
            let is_shown = |record: &Record| {
                let is_theirs = asked.sent_by.as_ref().is_none_or(|id| *id == record.key);
                record.traces.is_none() && is_theirs && !is_labelled(record)
            };
            let Some(record) = record.filter(is_shown) else {
                continue;
            };
            if page.checks.len() == asked.most {
                page.next = page.checks.last().map(|last| Cursor {
                    at: last.at,
                    guid: last.guid.clone(),
                });
                break;
            }
            let language = Language::of_code(&record.assessment.lang);
            let cutoffs = self.judging.site_cutoffs(&model, &record.site, language);
            page.checks
                .push(queued(record, row.why, asked.showing, cutoffs));
            let seen = match asked.showing {
                Showing::Unsure => row.seen.max(Seen::Blind),
                Showing::All => Seen::Told,
            };
            if row.why == Why::Audit && row.seen != seen {
                self.context.store.note_seen(&row, seen)?;
            }
        }
        Ok(page)
    }

    /// The last checks in memory by guid, if no personal text comes to disk.
    fn in_memory_alone(&self) -> HashMap<String, Record> {
        match self.privacy.retention.days {
            0 => self.context.checks.recent_by_guid(|_| true),
            _ => HashMap::new(),
        }
    }

    fn rows(&self, asked: &QueueAsked, since: Millis) -> Result<Merged, StoreError> {
        let sites = match asked.sites.clone() {
            Some(sites) => sites,
            None => self.context.store.waiting_sites()?,
        };
        // Rows with the same time as the cursor are compared one by one in `page`.
        let (since, until) = match (&asked.after, asked.order) {
            (None, _) => (since, Bound::Unbounded),
            (Some(after), Order::Newest) => (since, Bound::Included(after.at)),
            (Some(after), Order::Oldest) => (since.max(after.at), Bound::Unbounded),
        };
        let mut sources: Vec<Rows> = Vec::with_capacity(2 * sites.len());
        for site in &sites {
            for why in Why::ALL {
                let rows = self.context.store.waiting(site, why, (since, until));
                sources.push(match asked.order {
                    Order::Newest => Box::new(rows.rev()),
                    Order::Oldest => Box::new(rows),
                });
            }
        }
        Merged::of(sources, asked.order)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_in_the_queue_is_read_back_and_nothing_else_is() {
        let cursor = Cursor {
            at: 1_795_435_200_000,
            guid: "0a1b".to_owned(),
        };
        assert_eq!(cursor.to_string().parse(), Ok(cursor));
        for text in ["", "1-x", "x-1", "17", "1-0a\0"] {
            assert!(text.parse::<Cursor>().is_err(), "{text}");
        }
    }
}
