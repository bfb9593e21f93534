//! Labels taken back as if they had never been said: one, all of a reporter or a key, of a site, of a time. Told first, if wished: what would change.
//!
//! An undo is a ruling in the ledger like a label: durable before it is answered, exported, and taken back by an undo of its own. The ledger is then folded
//! again without what is struck, beside the running layers, which checks use until the new ones take their place.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, PoisonError};

use rand::Rng;
use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;

use crate::features::Features;
use crate::filter;
use crate::learn::online::Online;
use crate::learn::online::operator_events::Rulings;
use crate::learn::online::realm::Realm;
use crate::lists::evidence::Evidence;
use crate::model::Model;
use crate::moderation::accounts::owners::rulings_under_owners;
use crate::moderation::judging::evidence;
use crate::moderation::labels::writer;
use crate::moderation::{LabelError, Millis, Moderation, Seq, StoreError};
use crate::store::{Record, Ruled, Ruling, Selection, Store, whole};

/// What an undo changes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undone {
    /// Its place in the ledger, by which it can be taken back; `None` if it was only asked what would change.
    pub seq: Option<Seq>,
    /// Labels struck.
    pub labels: usize,
    /// Earlier rulings struck.
    pub rulings: usize,
    /// Labels struck by site.
    pub sites: BTreeMap<String, usize>,
    /// Of the labels, how many the live model was trained on: its layers forget them now, the model itself at the next training.
    #[serde(default)]
    pub older: usize,
    /// Of the last checks, how many this model had judged and could judge again.
    pub checks: usize,
    /// How many of those have another verdict without the labels.
    pub flips: usize,
}

impl Undone {
    /// Sites and labels struck there, most first.
    pub fn by_site(&self) -> Vec<(&str, usize)> {
        let sites = self.sites.iter().map(|(site, &n)| (site.as_str(), n));
        let mut sites: Vec<(&str, usize)> = sites.collect();
        sites.sort_by_key(|&(_, n)| std::cmp::Reverse(n));
        sites
    }
}

/// Why nothing was undone.
#[derive(Debug, thiserror::Error)]
pub enum UndoError {
    /// No condition was given.
    #[error(
        "say whose labels shall be undone: a reporter, a key, a site, a time or places in the ledger"
    )]
    Everything,
    /// The time ends before it begins.
    #[error("the time ends before it begins: --until must lie after --since")]
    Backwards,
    /// Nothing fits.
    #[error("no label that still counts fits; nothing was undone")]
    Nothing,
    /// There is no such place.
    #[error("there is nothing at place {0} of the ledger; nothing was undone")]
    NoSuchPlace(Seq),
    /// Nobody has such a key.
    #[error("there is no key named {0:?}")]
    NoSuchKey(String),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// It could not be made durable.
    #[error(transparent)]
    Label(#[from] LabelError),
}

/// What a selection comes to.
pub(crate) struct Chosen {
    events: Vec<u64>,
    undone: Undone,
}

/// `learnt` is the last place of the ledger that the live model was trained on.
pub(crate) fn choose(
    store: &Store,
    selection: &Selection,
    learnt: Seq,
) -> Result<Chosen, UndoError> {
    if selection.is_empty() {
        return Err(UndoError::Everything);
    }
    if let (Some(since), Some(until)) = (selection.since, selection.until)
        && until <= since
    {
        return Err(UndoError::Backwards);
    }
    let rulings = store.rulings()?;
    for &seq in &selection.seqs {
        if store.entry(seq)?.is_none() && rulings.iter().all(|ruling| ruling.seq != seq) {
            return Err(UndoError::NoSuchPlace(seq));
        }
    }
    let holding = Rulings::of(&rulings);
    let mut chosen = Chosen {
        events: Vec::new(),
        undone: Undone::default(),
    };
    for entry in store.ledger(0) {
        let entry = match entry {
            Ok(entry) => entry,
            // A damaged label counts for nothing already.
            Err(StoreError::Damaged { .. }) => continue,
            Err(error) => return Err(error.into()),
        };
        if selection.chooses(&entry) && !holding.strike(entry.event) {
            chosen.events.push(entry.event);
            chosen.undone.labels += 1;
            chosen.undone.older += usize::from(entry.seq <= learnt);
            *chosen
                .undone
                .sites
                .entry(entry.site.to_string())
                .or_default() += 1;
        }
    }
    for ruling in rulings {
        if selection.chooses_ruling(&ruling) && !holding.strike(ruling.event) {
            chosen.events.push(ruling.event);
            chosen.undone.rulings += 1;
        }
    }
    if chosen.events.is_empty() {
        return Err(UndoError::Nothing);
    }
    Ok(chosen)
}

impl Chosen {
    /// The ruling, still without its place, and what it strikes.
    pub(crate) fn into_ruling(self, chosen: Selection, at: Millis) -> (Ruling, Undone) {
        let events = self.events;
        (ruling(Ruled::Undo { chosen, events }, at), self.undone)
    }
}

/// A ruling without its place.
fn ruling(ruled: Ruled, at: Millis) -> Ruling {
    Ruling {
        seq: 0,
        event: rand::rng().random(),
        at,
        ruled,
    }
}

/// The layers as these rulings leave them, folded from the ledger beside the running ones.
pub(crate) fn folded(
    store: &Store,
    online: &Online,
    model: Arc<Model>,
    rulings: &[Ruling],
) -> Result<Online, StoreError> {
    // A damaged label was passed over at the start too.
    let ledger = store
        .ledger(0)
        .filter(|entry| !matches!(entry, Err(StoreError::Damaged { .. })));
    online.under(model, rulings_under_owners(store, rulings)?, ledger)
}

/// Checks judged again at most, the last ones first.
const MOST_JUDGED_AGAIN: usize = 4_096;

/// How many of the checks the live model had judged could be judged again, and what those have whose verdicts differ.
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

impl Moderation {
    /// What an undo would change; changes nothing.
    pub async fn would_undo(&self, selection: Selection) -> Result<Undone, UndoError> {
        self.foresee(selection).await.map(|(undone, _)| undone)
    }

    /// The same, with the features of the checks whose verdicts would differ.
    async fn foresee(&self, selection: Selection) -> Result<(Undone, Vec<Features>), UndoError> {
        let (store, online) = (Arc::clone(&self.store), Arc::clone(&self.online));
        let mut recent = self.last_checks();
        let lists = self.rules.evidence();
        let names = self.key_names();
        let at = (self.clock)();
        let asked = move || {
            let (ruling, mut undone) = choose(&store, &selection, online.model().card.ledger_seq)?
                .into_ruling(selection, at);
            let mut rulings = store.rulings()?;
            rulings.push(ruling);
            let without = folded(&store, &online, online.model(), &rulings)?;
            if recent.is_empty() {
                recent = checks_on_disk(&store)?;
            }
            let (checks, flipped) = flips(&online, &without, &lists, &recent, &names);
            (undone.checks, undone.flips) = (checks, flipped.len());
            Ok((undone, flipped))
        };
        tokio::task::spawn_blocking(asked)
            .await
            .unwrap_or_else(|_| Err(LabelError::ShuttingDown.into()))
    }

    /// Undoes the labels chosen: durable, and unknown to the next check, when this returns.
    pub async fn undo(&self, selection: Selection) -> Result<Undone, UndoError> {
        let (told, flipped) = self.foresee(selection.clone()).await?;
        let (reply, answer) = oneshot::channel();
        let at = (self.clock)();
        self.send(writer::Job::Undo(selection, at, reply)).await?;
        let done = answer.await.map_err(|_| LabelError::ShuttingDown)??;
        // Sites that were told the old verdict are told the new one.
        flipped
            .iter()
            .for_each(|features| self.corrections.stir(features));
        Ok(Undone {
            checks: told.checks,
            flips: told.flips,
            ..done
        })
    }

    /// The operator answers for all who use the keys of this name, or no longer does. All they ever said is placed anew.
    pub async fn vouch(&self, key_name: &str, vouch: Vouch) -> Result<(), UndoError> {
        if self.keys()?.iter().all(|key| key.name != key_name) {
            return Err(UndoError::NoSuchKey(key_name.to_owned()));
        }
        let is_vouched = self.online.credit_of(key_name).is_none();
        if is_vouched == (vouch == Vouch::For) {
            return Ok(());
        }
        let key_name = key_name.to_owned();
        let ruled = match vouch {
            Vouch::For => Ruled::Vouch { key_name },
            Vouch::NoLonger => Ruled::Unvouch { key_name },
        };
        let ruling = ruling(ruled, (self.clock)());
        let (reply, answer) = oneshot::channel();
        self.send(writer::Job::Rule(ruling, reply)).await?;
        answer.await.map_err(|_| LabelError::ShuttingDown)??;
        Ok(())
    }

    fn last_checks(&self) -> Vec<Record> {
        let recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        recent
            .last_first()
            .take(MOST_JUDGED_AGAIN)
            .cloned()
            .collect()
    }
}

/// Whether the operator answers for a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Vouch {
    /// He does.
    For,
    /// He does no longer.
    NoLonger,
}

/// The last checks written down, for a server that was just started.
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
