//! Labels taken back as if they had never been said: one, all of a reporter or a key, of a site, of
//! a time. A selection in, a ruling and the layers without those labels out.
//!
//! An undo is a ruling in the ledger like a label: durable before it is answered, exported, and
//! taken back by an undo of its own. The ledger is then folded again without what is struck, beside
//! the running layers, which checks use until the new ones take their place.

use std::collections::BTreeMap;
use std::sync::Arc;

use rand::Rng;
use serde::{Deserialize, Serialize};

use crate::clock::Millis;
use crate::learn::online::Online;
use crate::learn::online::operator_events::OperatorEvents;
use crate::model::Model;
use crate::moderation::ledger::error::UndoError;
use crate::moderation::ledger::fold::rulings_under_owners;
use crate::store::{Ruled, Ruling, Selection, Seq, Store, StoreError, whole};

/// What an undo changes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undone {
    /// Its place in the ledger, by which it can be taken back; `None` if it was only asked what
    /// would change.
    pub seq: Option<Seq>,
    /// Labels struck.
    pub labels: usize,
    /// Earlier rulings struck.
    pub rulings: usize,
    /// Labels struck by site.
    pub sites: BTreeMap<String, usize>,
    /// Of the labels, how many the live model was trained on: its layers forget them now, the model
    /// itself at the next training.
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
    let holding = OperatorEvents::of(&rulings);
    let mut chosen = Chosen {
        events: Vec::new(),
        undone: Undone::default(),
    };
    // A damaged label counts for nothing already.
    for entry in store.ledger(0).filter_map(whole) {
        let entry = entry?;
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
pub(crate) fn ruling(ruled: Ruled, at: Millis) -> Ruling {
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
    let ledger = store.ledger(0).filter_map(whole);
    online.under(model, rulings_under_owners(store, rulings)?, ledger)
}
