//! A choice of labels in, an operator event and the layers without those labels out. A choice may
//! be one label, or all labels of a reporter, a key, a site or a time. Never removes a label from
//! the ledger.
//!
//! An undo is an entry of the ledger like a label: it is on disk before it is answered, it is
//! exported, and a later undo can undo it. Then the layers are computed again without the struck
//! labels, beside the running layers, which checks use until the new ones replace them.

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
    /// Its place in the ledger, by which it can be undone; `None` for a dry run.
    pub seq: Option<Seq>,
    /// How many labels are struck.
    pub labels: usize,
    /// How many earlier operator events are struck.
    pub rulings: usize,
    /// How many labels are struck, by site.
    pub sites: BTreeMap<String, usize>,
    /// How many of these labels the live model was trained on. The layers forget them now, the
    /// model at its next training.
    #[serde(default)]
    pub older: usize,
    /// How many of the last checks were made with this model and could be judged again.
    pub checks: usize,
    /// How many of those get another verdict without the labels.
    pub flips: usize,
}

impl Undone {
    /// Sites and how many of their labels are struck, most first.
    pub fn by_site(&self) -> Vec<(&str, usize)> {
        let sites = self.sites.iter().map(|(site, &n)| (site.as_str(), n));
        let mut sites: Vec<(&str, usize)> = sites.collect();
        sites.sort_by_key(|&(_, n)| std::cmp::Reverse(n));
        sites
    }
}

/// The labels and operator events that a choice comes to.
pub(crate) struct Chosen {
    events: Vec<u64>,
    undone: Undone,
}

/// `learnt` is the place of the last label that the live model was trained on.
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
    // A damaged label counts nowhere already, so it is skipped.
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
    /// The operator event, still without a place, and what it strikes.
    pub(crate) fn into_ruling(self, chosen: Selection, at: Millis) -> (Ruling, Undone) {
        let events = self.events;
        (ruling(Ruled::Undo { chosen, events }, at), self.undone)
    }
}

/// An operator event that has no place yet.
pub(crate) fn ruling(ruled: Ruled, at: Millis) -> Ruling {
    Ruling {
        seq: 0,
        event: rand::rng().random(),
        at,
        ruled,
    }
}

/// The layers under these operator events, computed from the ledger beside the running layers.
pub(crate) fn folded(
    store: &Store,
    online: &Online,
    model: Arc<Model>,
    rulings: &[Ruling],
) -> Result<Online, StoreError> {
    // A damaged label was skipped at the start too.
    let ledger = store.ledger(0).filter_map(whole);
    online.under(model, rulings_under_owners(store, rulings)?, ledger)
}
