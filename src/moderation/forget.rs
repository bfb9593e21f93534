//! A person is forgotten: who it is in, what was removed out. All checks that carry the person's words, name or address go, on disk and in memory; what
//! sled's log still holds of them is sealed under keys that are destroyed. Labels hold hashes: they are counted, and undone if that is wished.
//!
//! Checks whose words are gone already say nothing of who wrote them, and stay. Never touches what others wrote about the person.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::apart::apart;
use super::corrections::lock;
use super::{Millis, Moderation, Selection, StoreError, UndoError};
use crate::comment::{CommentId, SiteId};
use crate::lists::{BadEntry, Entry, Kind, List, Lists, RawEntry, Slot};
use crate::store::{Record, Seq};
use crate::text;

/// Who shall be forgotten: of a comment, all that is given must be so.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// E-mail address; upper and lower case are the same.
    pub email: Option<String>,
    /// Address, or a network of addresses.
    pub ip: Option<String>,
    /// The author's whole name, as read.
    pub name: Option<String>,
    /// Only on this site.
    pub site: Option<SiteId>,
}

/// What becomes of the labels about the person's comments.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Labelled {
    /// They stay: they are a moderator's words, and hold no word of the person.
    #[default]
    Stays,
    /// They are undone, as if they had never been said.
    Undone,
}

/// What becomes of list entries that name the person.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Listed {
    /// They stay: somebody decided so.
    #[default]
    Stays,
    /// They are removed.
    Removed,
}

/// Whether it is done, or only told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Forgetting {
    /// Tell what would be removed.
    #[default]
    Told,
    /// Remove it.
    Done,
}

/// What was found, and removed if it was to be.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Forgotten {
    /// Checks of the person, by site.
    pub checks: BTreeMap<String, usize>,
    /// Corrections of their verdicts, sent or not.
    pub corrections: usize,
    /// Labels about their comments that count.
    pub labels: usize,
    /// Place of the undo in the ledger, if these labels were undone.
    pub undo: Option<Seq>,
    /// Entries of lists that name the person.
    pub lists: Vec<RawEntry>,
    /// Checks whose words are gone: nobody can tell any more who wrote them.
    pub wordless: usize,
}

/// Why nobody was forgotten.
#[derive(Debug, thiserror::Error)]
pub enum ForgetError {
    /// No condition names a person.
    #[error("say who shall be forgotten: an e-mail address, an address or a name")]
    Nobody,
    /// A condition makes no sense.
    #[error(transparent)]
    Bad(#[from] BadEntry),
    /// The store failed.
    #[error("{0}; what was removed until then stays removed: ask again")]
    Store(#[from] StoreError),
    /// The labels could not be undone.
    #[error("the person is forgotten, but the labels still count: {0}")]
    Undo(#[from] UndoError),
}

/// Checks removed together at most.
const LARGEST_BATCH: usize = 1_000;

/// A person's conditions, each as a list of one entry: what the lists call the same address or name is the same here.
struct Conditions {
    of: Vec<(Slot, Lists)>,
    site: Option<SiteId>,
}

impl Conditions {
    fn of(person: &Person) -> Result<Self, ForgetError> {
        let given = [
            (Kind::Email, &person.email),
            (Kind::Ip, &person.ip),
            (Kind::Author, &person.name),
        ];
        let mut of = Vec::new();
        for (kind, value) in given {
            let Some(value) = value else { continue };
            let entry = Entry::try_from(RawEntry {
                site: None,
                // A deny would meet addresses quoted in others' comments.
                list: List::Allow,
                kind,
                value: value.clone(),
                reason: String::new(),
                by: String::new(),
                at: 0,
                expires_at: None,
            })?;
            let slot = entry.slot();
            let mut lists = Lists::default();
            lists.insert(entry);
            of.push((slot, lists));
        }
        if of.is_empty() {
            return Err(ForgetError::Nobody);
        }
        let site = person.site.clone();
        Ok(Self { of, site })
    }

    fn meet(&self, record: &Record) -> bool {
        // Only the author is looked at, so the text need not be read.
        let nothing = text::read("");
        let is_here = self.site.as_ref().is_none_or(|site| *site == record.site);
        let mut lists = self.of.iter().map(|(_, lists)| lists);
        let find = |lists: &Lists| lists.find(&record.site, &record.comment, &nothing, 0);
        is_here && record.traces.is_none() && lists.all(|lists| find(lists).is_some())
    }

    /// Whether an entry of a list stands for one of the conditions.
    fn name(&self, entry: &Entry) -> bool {
        let slot = entry.slot();
        let is_here = self.site.is_none() || self.site == slot.site;
        let mut of = self.of.iter().map(|(slot, _)| slot);
        is_here && of.any(|ours| ours.kind == slot.kind && ours.value == slot.value)
    }
}

impl Moderation {
    /// Forgets a person, or tells what that would remove. Checks answered before it was asked are found; one that comes meanwhile may stay.
    pub async fn forget(
        self: &Arc<Self>,
        person: Person,
        labelled: Labelled,
        listed: Listed,
        forgetting: Forgetting,
    ) -> Result<Forgotten, ForgetError> {
        let conditions = Conditions::of(&person)?;
        self.settle().await;
        let alone = Arc::clone(self);
        let walk = move || alone.remove_person(&conditions, listed, forgetting);
        let (mut forgotten, places) = apart("look for the person", walk).await?;
        if forgetting == Forgetting::Done && labelled == Labelled::Undone && !places.is_empty() {
            let chosen = Selection {
                seqs: places,
                ..Selection::default()
            };
            forgotten.undo = self.undo(chosen).await?.seq;
        }
        Ok(forgotten)
    }

    /// What is found, and the places of the labels about it.
    fn remove_person(
        &self,
        conditions: &Conditions,
        listed: Listed,
        forgetting: Forgetting,
    ) -> Result<(Forgotten, Vec<Seq>), StoreError> {
        // Not while words are swept: what that has read, it writes.
        let _alone = lock(&self.changing_words);
        let mut forgotten = Forgotten::default();
        let (mut comments, mut found) = (HashSet::new(), Vec::new());
        let mut moments: Vec<Millis> = Vec::new();
        for record in self.store.records() {
            let record = match record {
                Ok(record) => record,
                Err(error @ StoreError::Damaged { .. }) => {
                    tracing::error!(%error, "passed over");
                    continue;
                }
                Err(error) => return Err(error),
            };
            forgotten.wordless += usize::from(record.traces.is_some());
            if !conditions.meet(&record) {
                continue;
            }
            *forgotten.checks.entry(record.site.to_string()).or_default() += 1;
            if let Some(correction) = self.store.correction(&record.guid)? {
                forgotten.corrections += 1;
                moments.push(correction.at);
            }
            moments.push(record.at);
            let comment = CommentId::of(&record.site, &record.comment);
            comments.insert((record.site.clone(), comment));
            found.push(record);
        }
        if forgetting == Forgetting::Done {
            lock(&self.recent).forget(|record| conditions.meet(record));
            self.store.begin_renewal(moments)?;
            for part in found.chunks(LARGEST_BATCH) {
                self.store.remove_records(part)?;
            }
            self.store.finish_renewal()?;
        }
        let places = self.labels_about(&comments)?;
        forgotten.labels = places.len();
        forgotten.lists = self.entries_that_name(conditions, listed, forgetting)?;
        Ok((forgotten, places))
    }

    /// Places of the labels about some comments that no ruling strikes.
    fn labels_about(
        &self,
        comments: &HashSet<(SiteId, CommentId)>,
    ) -> Result<Vec<Seq>, StoreError> {
        let mut places = Vec::new();
        if comments.is_empty() {
            return Ok(places);
        }
        let rulings = crate::learn::rulings::Rulings::of(&self.store.rulings()?);
        for entry in self.store.ledger(0) {
            match entry {
                Ok(entry) => {
                    let is_about = comments.contains(&(entry.site, entry.comment));
                    if is_about && !rulings.strike(entry.event) {
                        places.push(entry.seq);
                    }
                }
                Err(StoreError::Damaged { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(places)
    }

    fn entries_that_name(
        &self,
        conditions: &Conditions,
        listed: Listed,
        forgetting: Forgetting,
    ) -> Result<Vec<RawEntry>, StoreError> {
        let _alone = self.rules.change();
        let named: Vec<Arc<Entry>> = {
            let lists = self.rules.lists();
            let named = lists.entries().filter(|entry| conditions.name(entry));
            named.cloned().collect()
        };
        if forgetting == Forgetting::Done && listed == Listed::Removed {
            let slots: Vec<Slot> = named.iter().map(|entry| entry.slot()).collect();
            self.store.change_lists(&[], &slots)?;
            let mut lists = self.rules.lists_to_change();
            for slot in &slots {
                lists.remove(slot);
            }
        }
        Ok(named.iter().map(|entry| entry.raw().clone()).collect())
    }
}
