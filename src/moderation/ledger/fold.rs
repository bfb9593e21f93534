//! The ledger on disk in, layers in memory out. A damaged label is skipped and logged. Never
//! writes.

use std::collections::HashMap;
use std::sync::Arc;

use crate::clock::Millis;
use crate::learn::online::operator_events::OperatorEvents;
use crate::learn::online::{Online, SITE_LAYERS_BYTES};
use crate::model::Model;
use crate::store::{LedgerEntry, Ruling, Seq, Store, StoreError, whole};

/// The operator events that apply, and the owners of sites, as the store has them.
pub(crate) fn rulings_under_owners(
    store: &Store,
    rulings: &[Ruling],
) -> Result<OperatorEvents, StoreError> {
    let owners = store.owners().collect::<Result<HashMap<_, _>, _>>()?;
    Ok(OperatorEvents::of(rulings).with_owners(owners))
}

/// Adds all labels on disk to the layers and calls `tell` for each; returns the place of the last.
pub(crate) fn fold_ledger(
    store: &Store,
    online: &Online,
    mut tell: impl FnMut(&LedgerEntry),
) -> Result<Seq, StoreError> {
    let mut last_seq = 0;
    for entry in store.ledger(0).filter_map(whole) {
        let entry = entry?;
        last_seq = entry.seq;
        online.fold(&entry);
        tell(&entry);
    }
    Ok(last_seq)
}

/// The layers that follow from the ledger, and the place and time of its last label.
pub(crate) fn learnt(
    store: &Arc<Store>,
    model: Model,
    progress: impl Fn(u64),
) -> Result<(Arc<Online>, (u64, Millis)), StoreError> {
    let rulings = rulings_under_owners(store, &store.rulings()?)?;
    let online = Arc::new(Online::new(
        Arc::<Store>::clone(store),
        Arc::new(model),
        rulings,
        SITE_LAYERS_BYTES,
    ));
    let mut last_at = Millis::MIN;
    let last_seq = fold_ledger(store, &online, |entry| {
        last_at = last_at.max(entry.at);
        progress(entry.seq);
    })?;
    Ok((online, (last_seq.max(store.last_seq()?), last_at)))
}
