//! A person in, what was erased out. All checks that hold the person's text, name or address are
//! removed, on disk and in memory. What sled's log still holds of them lies under keys that are
//! destroyed. Labels hold hashes: they are counted, and undone if that is requested.
//!
//! Checks whose personal text is removed do not say who wrote them. They stay, unless memory still
//! has their text. Never touches what others wrote about the person.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use crate::blocking::run_blocking;
use crate::clock::Millis;
use crate::comment::{CommentId, SiteId};
use crate::learn::online::operator_events::OperatorEvents;
use crate::lists::{Entry, RawEntry, Slot};
use crate::moderation::corrections::policy;
use crate::moderation::privacy::person::{
    Conditions, ForgetError, Forgetting, Forgotten, Labelled, Listed, MOST_NAMES, Person,
};
use crate::moderation::privacy::state::Privacy;
use crate::store::{Record, Selection, Seq, StoreError, whole};

/// How many checks are removed between two syncs at most.
const LARGEST_BATCH: usize = 1_000;

/// All that there is of a person.
#[derive(Default)]
struct Found {
    /// Their checks on disk; some may have no personal text.
    records: Vec<Record>,
    /// The guids of all their checks, in memory and on disk.
    guids: HashSet<String>,
    comments: HashSet<(SiteId, CommentId)>,
    names: BTreeSet<String>,
    /// Times on all days whose keys may encrypt their text, in milliseconds since 1970.
    moments: Vec<Millis>,
}

impl Found {
    /// Adds a check, in the version that has most of its text.
    fn take(&mut self, whole: &Record, forgotten: &mut Forgotten) {
        *forgotten.checks.entry(whole.site.to_string()).or_default() += 1;
        let comment = CommentId::of(&whole.site, &whole.comment);
        self.comments.insert((whole.site.clone(), comment));
        self.guids.insert(whole.guid.clone());
        self.names.extend(whole.comment.author.name.clone());
        self.moments.push(whole.at);
        // Corrections of it that were removed or overwritten held its author's address too.
        self.moments.extend(policy::moments_after(whole));
    }
}

impl Privacy {
    /// Erases a person, or reports what that would remove. Finds all checks answered before this
    /// call; a check that comes meanwhile may stay.
    ///
    /// # Errors
    ///
    /// The person has no condition, or the store fails. What was removed until then stays removed.
    pub async fn erase(
        self: &Arc<Self>,
        person: Person,
        labelled: Labelled,
        listed: Listed,
        forgetting: Forgetting,
    ) -> Result<Forgotten, ForgetError> {
        let conditions = Conditions::of(&person)?;
        self.context.checks.settle_wholly().await;
        let alone = Arc::clone(self);
        let walk = move || alone.remove_person(&conditions, listed, forgetting);
        let (mut forgotten, places) = run_blocking("look for the person", walk).await?;
        if forgetting == Forgetting::Done && labelled == Labelled::Undone && !places.is_empty() {
            let chosen = Selection {
                seqs: places,
                ..Selection::default()
            };
            forgotten.undo = self.labels.undo(chosen).await?.seq;
        }
        Ok(forgotten)
    }

    /// What was found, and the places of the labels of these comments.
    fn remove_person(
        &self,
        conditions: &Conditions,
        listed: Listed,
        forgetting: Forgetting,
    ) -> Result<(Forgotten, Vec<Seq>), StoreError> {
        // No sweep meanwhile: it would write back the checks that it has read.
        let _alone = self.changing_words.lock();
        let mut forgotten = Forgotten::default();
        let found = {
            // No round of corrections either: a correction holds its author's address, and it is
            // written after its check was read. These locks are always taken in this order.
            let mut round = self.corrections.round.lock();
            let mut found = self.find_person(conditions, &mut forgotten)?;
            self.remove_found(conditions, &mut found, forgetting, &mut forgotten)?;
            if forgetting == Forgetting::Done {
                round.leave(&found.guids);
            }
            found
        };
        if forgetting == Forgetting::Done {
            self.context.store.finish_renewal()?;
        }
        let places = self.labels_about(&found.comments)?;
        forgotten.labels = places.len();
        forgotten.lists = self.entries_that_name(conditions, listed, forgetting)?;
        if forgetting == Forgetting::Told {
            forgotten.more_names = found.names.len().saturating_sub(MOST_NAMES);
            forgotten.names = found.names.into_iter().take(MOST_NAMES).collect();
        }
        Ok((forgotten, places))
    }

    /// Finds all checks of the person.
    fn find_person(
        &self,
        conditions: &Conditions,
        forgotten: &mut Forgotten,
    ) -> Result<Found, StoreError> {
        let mut found = Found::default();
        // Memory first: it may still have the text of a check whose record has none.
        let mut remembered = self
            .context
            .checks
            .recent_by_guid(|record| conditions.meet(record));
        for record in self.context.store.records().filter_map(whole) {
            let record = record?;
            match remembered.remove(&record.guid) {
                Some(whole) => found.take(&whole, forgotten),
                None if conditions.meet(&record) => found.take(&record, forgotten),
                None => {
                    forgotten.wordless += usize::from(record.traces.is_some());
                    continue;
                }
            }
            found.records.push(record);
        }
        // Checks that are only in memory, because the disk was too slow for them.
        for whole in remembered.values() {
            found.take(whole, forgotten);
        }
        Ok(found)
    }

    /// Counts the person's corrections. Unless it is a dry run, removes all of the person; what
    /// sled's log still holds of it is unreadable after the renewal.
    fn remove_found(
        &self,
        conditions: &Conditions,
        found: &mut Found,
        forgetting: Forgetting,
        forgotten: &mut Forgotten,
    ) -> Result<(), StoreError> {
        // No delivery is settled meanwhile, because it writes a correction after it was read. The
        // lock is held until all corrections are removed.
        let mut due = self.corrections.due.lock();
        let mut theirs = HashSet::new();
        for correction in self.context.store.corrections().filter_map(whole) {
            let correction = correction?;
            if found.guids.contains(&correction.guid) || conditions.meet_correction(&correction) {
                found.moments.extend(policy::moments_before(&correction));
                theirs.insert(correction.guid);
            }
        }
        forgotten.corrections = theirs.len();
        if forgetting == Forgetting::Told {
            return Ok(());
        }
        self.context
            .checks
            .drop_recent(|record| conditions.meet(record));
        self.context.store.begin_renewal(found.moments.drain(..))?;
        for guid in &theirs {
            self.context.store.remove_correction(guid)?;
        }
        due.pending.retain(|(_, guid)| !theirs.contains(guid));
        drop(due);
        for part in found.records.chunks(LARGEST_BATCH) {
            self.context.store.remove_records(part)?;
        }
        Ok(())
    }

    /// Places of the labels of some comments, without those that an operator event strikes.
    fn labels_about(
        &self,
        comments: &HashSet<(SiteId, CommentId)>,
    ) -> Result<Vec<Seq>, StoreError> {
        let mut places = Vec::new();
        if comments.is_empty() {
            return Ok(places);
        }
        let rulings = OperatorEvents::of(&self.context.store.rulings()?);
        for entry in self.context.store.ledger(0).filter_map(whole) {
            let entry = entry?;
            let is_about = comments.contains(&(entry.site, entry.comment));
            if is_about && !rulings.strike(entry.event) {
                places.push(entry.seq);
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
        let _alone = self.judging.rules.change();
        let named: Vec<Arc<Entry>> = {
            let lists = self.judging.rules.lists();
            let named = lists.entries().filter(|entry| conditions.name(entry));
            named.cloned().collect()
        };
        if forgetting == Forgetting::Done && listed == Listed::Removed {
            let slots: Vec<Slot> = named.iter().map(|entry| entry.slot()).collect();
            self.context.store.change_lists(&[], &slots)?;
            let mut lists = self.judging.rules.lists_to_change();
            for slot in &slots {
                lists.remove(slot);
            }
        }
        Ok(named.iter().map(|entry| entry.raw().clone()).collect())
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;
    use crate::model::Model;
    use crate::moderation::{Moderation, Options};
    use crate::store::{Correction, CorrectionState, DEFAULT_CACHE_BYTES, Store};
    use crate::verdict::Label;

    const NOVEMBER: Millis = 1_794_000_000_000;

    fn correction() -> Correction {
        Correction {
            guid: format!("{:032x}", 1),
            site: SiteId::parse("blog.example").expect("a site"),
            comment: CommentId(1),
            key: "key".to_owned(),
            callback: "http://blog.example/hook".to_owned(),
            post: None,
            parent: None,
            email: Some("an@mail.example".to_owned()),
            verdict: Label::Spam,
            flips: 1,
            at: NOVEMBER,
            tries: 0,
            tried_at: None,
            state: CorrectionState::Pending(NOVEMBER),
        }
    }

    fn open(folder: &std::path::Path) -> Arc<Moderation> {
        let store = Store::open(folder, DEFAULT_CACHE_BYTES).expect("opens");
        let opened = Moderation::open(
            Model::cold(),
            store,
            || NOVEMBER,
            Options::default(),
            |_| {},
        );
        Arc::new(opened.expect("starts"))
    }

    /// Begins to erase the person, and waits long enough for it to end unless a lock stops it.
    fn begin_to_forget(moderation: &Arc<Moderation>) -> std::thread::JoinHandle<()> {
        let forgetful = Arc::clone(moderation);
        let forget = std::thread::spawn(move || {
            let person = Person {
                email: Some("an@mail.example".to_owned()),
                ..Person::default()
            };
            let conditions = Conditions::of(&person).expect("good");
            let done =
                forgetful
                    .privacy
                    .remove_person(&conditions, Listed::Stays, Forgetting::Done);
            done.expect("forgotten");
        });
        let began = Instant::now();
        while !forget.is_finished() && began.elapsed() < Duration::from_millis(500) {
            std::thread::yield_now();
        }
        forget
    }

    #[test]
    fn what_is_being_turned_is_not_written_after_its_person_is_forgotten() {
        let folder = tempfile::tempdir().expect("a folder");
        let moderation = open(folder.path());
        // A round holds this lock from reading a check to writing its correction.
        let round = moderation.corrections.round.lock();
        let forget = begin_to_forget(&moderation);
        moderation
            .corrections
            .enqueue(vec![correction()])
            .expect("writes");
        drop(round);
        forget.join().expect("ends");
        assert_eq!(moderation.context.store.corrections().count(), 0);
        assert_eq!(moderation.corrections.pending(), 0);
    }

    #[test]
    fn what_is_being_settled_is_not_written_after_its_person_is_forgotten() {
        let folder = tempfile::tempdir().expect("a folder");
        let moderation = open(folder.path());
        moderation
            .corrections
            .enqueue(vec![correction()])
            .expect("writes");
        // A delivery holds this lock from reading its corrections to writing the outcome.
        let due = moderation.corrections.due.lock();
        let read = moderation.context.store.correction(&correction().guid);
        let read = read.expect("reads").expect("is there");
        let forget = begin_to_forget(&moderation);
        moderation
            .context
            .store
            .put_corrections([&read])
            .expect("writes");
        drop(due);
        forget.join().expect("ends");
        assert_eq!(moderation.context.store.corrections().count(), 0);
        assert_eq!(moderation.corrections.pending(), 0);
    }
}
