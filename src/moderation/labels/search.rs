//! What the comment of a label says in, the labels of such comments out; and the comments of
//! labels, while their text is kept. Reads every check on disk once; changes nothing.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::blocking::run_blocking;
use crate::comment::CommentId;
use crate::lists::{Entry, Kind, List, Lists, RawEntry};
use crate::moderation::checks::SHORTEST_BEGINNING;
use crate::moderation::labels::state::Labels;
use crate::moderation::ledger::error::{LabelError, UndoError};
use crate::store::{LedgerEntry, Record, Selection, StoreError, whole};
use crate::text;

/// What the comment of a label must be, beside the conditions of a [`Selection`]. All that is given
/// must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Search {
    /// Comments of the checks with these guids, or whose guids begin so.
    pub guids: Vec<String>,
    /// Comments with a link to this domain or one below it, the author's home page included.
    pub domain: Option<String>,
    /// Comments that say these words in a row, as the filter reads them.
    pub text: Option<String>,
}

impl Search {
    /// Whether nothing is looked for.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// What is looked for in comments, in the form that lists match.
    fn conditions(&self) -> Result<Vec<Lists>, UndoError> {
        let wanted = [
            self.domain.as_ref().map(|domain| (Kind::Domain, domain)),
            self.text.as_ref().map(|text| (Kind::Words, text)),
        ];
        let conditions = wanted.into_iter().flatten().map(|(kind, value)| {
            let entry = Entry::try_from(RawEntry {
                site: None,
                list: List::Deny,
                kind,
                value: value.clone(),
                reason: String::new(),
                by: String::new(),
                at: 0,
                expires_at: None,
            });
            let mut lists = Lists::default();
            lists.insert(entry.map_err(UndoError::Search)?);
            Ok(lists)
        });
        conditions.collect()
    }
}

impl Labels {
    /// The choice narrowed to labels of comments that are looked for, named by their places in the
    /// ledger. What is looked for is not kept: it may be personal text.
    ///
    /// # Errors
    ///
    /// A value is no domain or no words, no label fits, or the store cannot be read.
    pub async fn find(
        self: &Arc<Self>,
        chosen: Selection,
        search: Search,
    ) -> Result<Selection, UndoError> {
        if search.is_empty() {
            return Ok(chosen);
        }
        let labels = Arc::clone(self);
        // On another thread, for it may read all checks.
        let find = move || labels.narrowed(chosen, &search);
        run_blocking("look for the comments", find).await
    }

    /// The check with this guid, or the only one whose guid begins so.
    ///
    /// # Errors
    ///
    /// There is none, there are more, or the store cannot be read.
    pub async fn check_of(self: &Arc<Self>, guid: &str) -> Result<Record, LabelError> {
        let (labels, guid) = (Arc::clone(self), guid.trim().to_ascii_lowercase());
        let find = move || {
            if guid.len() < SHORTEST_BEGINNING {
                return Err(LabelError::ShortGuid(guid));
            }
            let unread = |e: StoreError| LabelError::NotStored(e.to_string());
            let begins = labels
                .context
                .checks
                .guids_beginning(&guid)
                .map_err(unread)?;
            let mut begins = begins.iter();
            match (begins.next(), begins.next()) {
                (Some(only), None) => {
                    let record = labels.context.checks.by_guid(only).map_err(unread)?;
                    record.ok_or(LabelError::UnknownCheck(guid))
                }
                (None, _) => Err(LabelError::UnknownCheck(guid)),
                _ => Err(LabelError::ManyChecks(guid)),
            }
        };
        run_blocking("find the check", find).await
    }

    fn narrowed(&self, chosen: Selection, search: &Search) -> Result<Selection, UndoError> {
        let conditions = search.conditions()?;
        let guids = search
            .guids
            .iter()
            .map(|guid| guid.trim().to_ascii_lowercase());
        let guids: Vec<String> = guids.collect();
        if let Some(short) = guids.iter().find(|guid| guid.len() < SHORTEST_BEGINNING) {
            return Err(UndoError::ShortGuid(short.clone()));
        }
        let entries = self.entries(&chosen)?;
        let is_named = |record: &Record| {
            guids
                .iter()
                .any(|guid| record.guid.starts_with(guid.as_str()))
        };
        let comments = self.comments_of(&entries, is_named)?;
        let is_wanted = |entry: &LedgerEntry| {
            comments.get(&entry.comment).is_some_and(|record| {
                let reading = text::read(&record.comment.text);
                let met = |lists: &Lists| {
                    let hit = lists.find(&record.site, &record.comment, &reading, 0);
                    hit.is_some()
                };
                (guids.is_empty() || is_named(record)) && conditions.iter().all(met)
            })
        };
        let wanted = entries.iter().filter(|entry| is_wanted(entry));
        let seqs: Vec<_> = wanted.map(|entry| entry.seq).collect();
        match seqs.is_empty() {
            true => Err(UndoError::Nothing),
            false => Ok(Selection { seqs, ..chosen }),
        }
    }

    /// The chosen labels, in the order of the ledger.
    ///
    /// # Errors
    ///
    /// The store cannot be read.
    pub(crate) fn entries(&self, chosen: &Selection) -> Result<Vec<LedgerEntry>, StoreError> {
        let entries = self.context.store.ledger(0).filter_map(whole);
        let is_chosen = |entry: &LedgerEntry| chosen.chooses(entry);
        entries
            .filter(|entry| entry.as_ref().map_or(true, is_chosen))
            .collect()
    }

    /// The checks that these labels answer, by their comments. A comment that nobody checked here
    /// has none; of several checks of one comment a preferred one stands for all.
    ///
    /// # Errors
    ///
    /// The store cannot be read.
    pub(crate) fn comments_of(
        &self,
        entries: &[LedgerEntry],
        is_preferred: impl Fn(&Record) -> bool,
    ) -> Result<HashMap<CommentId, Record>, StoreError> {
        let mut found = HashMap::new();
        let wanted: HashSet<CommentId> = entries.iter().map(|entry| entry.comment).collect();
        if wanted.is_empty() {
            return Ok(found);
        }
        // Checks that are not on disk yet are still in memory.
        let recent = self.context.checks.recent(usize::MAX, |_| true);
        let written = self.context.store.records().filter_map(whole);
        for record in recent.into_iter().map(Ok).chain(written) {
            let record = record?;
            let comment = match &record.traces {
                Some(hashed) => hashed.comment,
                None => CommentId::of(&record.site, &record.comment),
            };
            if wanted.contains(&comment) && (is_preferred(&record) || !found.contains_key(&comment))
            {
                found.insert(comment, record);
            }
        }
        Ok(found)
    }
}
