//! A choice of labels in, what an undo changes out. The changes are computed first, then the ledger
//! writer does the undo. Never writes the ledger itself.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::blocking::run_blocking;
use crate::clock::Millis;
use crate::features::Features;
use crate::filter;
use crate::learn::online::Online;
use crate::learn::online::realm::Realm;
use crate::lists::evidence::Evidence;
use crate::moderation::judging::evidence;
use crate::moderation::labels::state::Labels;
use crate::moderation::ledger::error::UndoError;
use crate::moderation::ledger::undo::{Undone, choose, folded, ruling};
use crate::store::{Record, Ruled, Selection, Store, StoreError, whole};

/// How many of the last checks are judged again at most.
const MOST_JUDGED_AGAIN: usize = 4_096;

/// How many checks of the live model could be judged again, and the features of those whose
/// verdicts would change.
fn flips(
    before: &Online,
    after: &Online,
    lists: &Evidence,
    records: &[Record],
    names: &HashMap<String, String>,
) -> (usize, Vec<Features>) {
    let model = before.model();
    let ours = records
        .iter()
        .filter(|record| record.assessment.model == model.card.id);
    let mut flipped = Vec::new();
    let mut checks = 0;
    for record in ours {
        checks += 1;
        let features = evidence::features_of(lists, &record.comment);
        let verdict = |online: &Online| {
            let realm = match names.get(&record.key) {
                Some(name) => online.realm(&record.site, name),
                None => Realm::of_site(&record.site),
            };
            online.with_live(&realm, |model, live| {
                filter::assess(model, &features, live).verdict
            })
        };
        if verdict(before) != verdict(after) {
            flipped.push(features);
        }
    }
    (checks, flipped)
}

impl Labels {
    /// What an undo would change. Changes nothing.
    ///
    /// # Errors
    ///
    /// Nothing was chosen, no label fits, or the store cannot be read.
    pub async fn would_undo(&self, selection: Selection) -> Result<Undone, UndoError> {
        self.foresee(selection).await.map(|(undone, _)| undone)
    }

    /// The same, with the features of the checks whose verdicts would change.
    async fn foresee(&self, selection: Selection) -> Result<(Undone, Vec<Features>), UndoError> {
        let (store, online) = (
            Arc::clone(&self.context.store),
            Arc::clone(&self.context.online),
        );
        let mut recent = self.context.checks.recent(MOST_JUDGED_AGAIN, |_| true);
        let lists = self.judging.rules.evidence();
        let names = self.accounts.key_names();
        let at = (self.context.clock)();
        let asked = move || {
            let (ruling, mut undone) = choose(&store, &selection, online.model().card.ledger_seq)?
                .into_ruling(selection, at);
            let mut rulings = store.rulings()?;
            rulings.push(ruling);
            let without = folded(&store, &online, online.model(), &rulings)?;
            // After a start memory is empty, so the last checks come from the disk.
            if recent.is_empty() {
                recent = checks_on_disk(&store)?;
            }
            let (checks, flipped) = flips(&online, &without, &lists, &recent, &names);
            (undone.checks, undone.flips) = (checks, flipped.len());
            Ok((undone, flipped))
        };
        run_blocking("judge without the labels", asked).await
    }

    /// Undoes the chosen labels. When this returns, it is on disk and the next check no longer uses
    /// them.
    ///
    /// # Errors
    ///
    /// Nothing was chosen, no label fits, or the store cannot write. Then nothing was undone.
    pub async fn undo(&self, selection: Selection) -> Result<Undone, UndoError> {
        let (told, flipped) = self.foresee(selection.clone()).await?;
        let done = self
            .context
            .ledger
            .undo(selection, (self.context.clock)())
            .await?;
        // Sites that got the old verdict get a correction.
        flipped
            .iter()
            .for_each(|features| self.corrections.notes.queue_rescore(features));
        Ok(Undone {
            checks: told.checks,
            flips: told.flips,
            ..done
        })
    }

    /// The operator vouches, or no longer vouches, for all who use the keys of this name. It is
    /// decided again where each of their labels counts.
    ///
    /// # Errors
    ///
    /// There is no such key, or the store cannot write.
    pub async fn vouch(&self, key_name: &str, vouch: Vouch) -> Result<(), UndoError> {
        if self.accounts.keys()?.iter().all(|key| key.name != key_name) {
            return Err(UndoError::NoSuchKey(key_name.to_owned()));
        }
        let is_vouched = self.context.online.credit_of(key_name).is_none();
        if is_vouched == (vouch == Vouch::For) {
            return Ok(());
        }
        let key_name = key_name.to_owned();
        let ruled = match vouch {
            Vouch::For => Ruled::Vouch { key_name },
            Vouch::NoLonger => Ruled::Unvouch { key_name },
        };
        let ruling = ruling(ruled, (self.context.clock)());
        self.context.ledger.rule(ruling).await?;
        Ok(())
    }
}

/// Whether the operator vouches for a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Vouch {
    /// The operator vouches.
    For,
    /// The operator no longer vouches.
    NoLonger,
}

/// The last checks on disk that have their text, for a server that was just started.
fn checks_on_disk(store: &Arc<Store>) -> Result<Vec<Record>, StoreError> {
    let mut last: BTreeMap<(Millis, String), Record> = BTreeMap::new();
    for record in store.records().filter_map(whole) {
        let record = record?;
        if record.traces.is_some() {
            continue;
        }
        last.insert((record.at, record.guid.clone()), record);
        if last.len() > MOST_JUDGED_AGAIN {
            last.pop_first();
        }
    }
    Ok(last.into_values().collect())
}
