//! The ledger in, in its order and from one writer; the counts of all sites and those of each site
//! out. A reader sees each label whole or not at all. It never writes to disk.
//!
//! A comment has one label, the last. An opposite label first subtracts exactly what the earlier
//! one added. It then adds its own, unless it only returns to the filter's own verdict: then there
//! is nothing to learn (`label_fold`).
//!
//! `trust` decides which labels count for all sites; a site counts all of its own. The counts of
//! all sites are the sum over the labels that count there, and a site's counts are the sum over all
//! of its own. Labels that the live model has learnt (`Card::ledger_seq`) are not counted for all
//! sites again. Labels that the operator undid are not counted: the ledger is folded again without
//! them. The counts of all sites are always in memory. Those of a site are read from the ledger
//! when a check first needs them, and dropped when the sites in memory exceed a bound.

mod effect;
pub(crate) mod label_fold;
mod locks;
pub mod minhash;
pub mod operator_events;
pub mod realm;
mod recorded_labels;
mod site_layers;
mod state;
pub mod trust;

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use crate::comment::{CommentId, SiteId};
use crate::features::FEATURES_VERSION;
use crate::learn::online::label_fold::RealmLabels;
use crate::learn::online::locks::{lock, read, write};
use crate::learn::online::operator_events::OperatorEvents;
use crate::learn::online::realm::Realm;
use crate::learn::online::state::{Counting, State};
use crate::model::Model;
use crate::model::layers::Live;
use crate::store::LedgerEntry;
use crate::verdict::Label;

pub use crate::learn::online::effect::{Effect, Now, SiteLabels};
pub use crate::learn::online::recorded_labels::RecordedLabels;

/// Memory for the layers of single sites, in bytes. Beyond it, the layers unused for longest are
/// dropped (docs/DECISIONS.md, "10,000 sites with a hundred labels each take 750 MB").
pub const SITE_LAYERS_BYTES: usize = 256 << 20;

/// The live layers and where each comment stands.
#[derive(Debug)]
pub struct Online {
    recorded: Arc<dyn RecordedLabels>,
    most_bytes: usize,
    state: RwLock<State>,
}

impl Online {
    /// Nothing labelled yet. `recorded` finds a label by its place in the ledger; `most_bytes`
    /// bounds the memory for layers of single sites.
    pub fn new(
        recorded: Arc<dyn RecordedLabels>,
        model: Arc<Model>,
        events: OperatorEvents,
        most_bytes: usize,
    ) -> Self {
        Self {
            recorded,
            most_bytes,
            state: RwLock::new(State::new(model, events)),
        }
    }

    /// The live model.
    pub fn model(&self) -> Arc<Model> {
        Arc::clone(&read(&self.state).model)
    }

    /// The layers as they would be under another model and other operator events, built beside
    /// these. Every label is placed again, in the order of the ledger. Only the features of labels
    /// whose place differs are counted, because counts can be added and subtracted. So it takes as
    /// long as reading the ledger, and these layers serve meanwhile.
    ///
    /// # Errors
    ///
    /// If the ledger cannot be read to its end; nothing has changed then.
    pub fn under<E>(
        &self,
        model: Arc<Model>,
        events: OperatorEvents,
        ledger: impl Iterator<Item = Result<LedgerEntry, E>>,
    ) -> Result<Self, E> {
        let mut anew = State::new(model, events);
        for entry in ledger {
            anew.fold(&entry?, &*self.recorded, self.most_bytes, Counting::Later);
        }
        anew.count_like(&read(&self.state), &*self.recorded);
        Ok(Self {
            recorded: Arc::clone(&self.recorded),
            most_bytes: self.most_bytes,
            state: RwLock::new(anew),
        })
    }

    /// Takes over the state of another in one step.
    pub fn adopt(&self, other: Self) {
        let state = other
            .state
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        // The old state is dropped after the lock is released: freeing it takes time.
        let before = std::mem::replace(&mut *write(&self.state), state);
        drop(before);
    }

    /// Whether a comment has this label already, so that the same label again changes nothing.
    pub fn stands_at(&self, realm: &Realm, comment: CommentId, label: Label) -> bool {
        let state = read(&self.state);
        state
            .labels
            .state_of(realm, comment)
            .is_some_and(|s| s.is_settled_at(label))
    }

    /// The last label of a comment, as it counts in a realm.
    pub fn label_of(&self, realm: &Realm, comment: CommentId) -> Option<Label> {
        let state = read(&self.state);
        state.labels.state_seen_in(realm, comment).map(|s| s.label)
    }

    /// Whether a comment has a label in a realm or beside it that this code could read.
    pub fn is_labelled(&self, realm: &Realm, comment: CommentId) -> bool {
        let state = read(&self.state);
        let beside = realm.beside();
        let realms = [Some(realm), beside.as_ref()].into_iter().flatten();
        let mut states = realms.filter_map(|realm| state.labels.state_of(realm, comment));
        states.any(|state| state.is_read)
    }

    /// Whether a comment of a site has a label in any realm.
    pub fn is_spoken_of(&self, site: &SiteId, comment: CommentId) -> bool {
        let state = read(&self.state);
        let mut realms = state.labels.realms_on(site);
        realms.any(|of| of.comments.contains_key(&comment))
    }

    /// The realm in which labels of a key count on a site.
    pub fn realm(&self, site: &SiteId, key_name: &str) -> Realm {
        read(&self.state).labels.events.realm(site, key_name)
    }

    /// The realm in which a label counts.
    pub fn realm_of(&self, entry: &LedgerEntry) -> Realm {
        read(&self.state).labels.events.realm_of(entry)
    }

    /// Folds one label in. Call it from one thread, in the order of the ledger, after the label can
    /// be found by its place.
    pub fn fold(&self, entry: &LedgerEntry) -> Effect {
        write(&self.state).fold(entry, &*self.recorded, self.most_bytes, Counting::AtOnce)
    }

    /// Runs a function with the model and the layers that a check in this realm needs. They belong
    /// together.
    pub fn with_live<T>(
        &self,
        realm: &Realm,
        use_it: impl FnOnce(&Arc<Model>, Live<'_>) -> T,
    ) -> T {
        let state = read(&self.state);
        // The read lock keeps the writer out until the check is done. So a layer that is read here
        // is of the same moment as the counts of all sites.
        let own = state.layer_of(realm, &*self.recorded, self.most_bytes);
        let live = Live {
            shared: &state.shared,
            site: own.as_deref(),
        };
        use_it(&state.model, live)
    }

    /// Comments counted for a realm and for the site's own beside it, and for all. One that has a
    /// label in both counts twice.
    pub fn labels(&self, realm: &Realm) -> SiteLabels {
        let state = read(&self.state);
        let beside = realm.beside();
        let of = [Some(realm), beside.as_ref()].into_iter().flatten();
        let of = of.filter_map(|realm| state.labels.realms.get(realm));
        site_labels(&state, of)
    }

    /// The same of all realms of a site together.
    pub fn labels_on(&self, site: &SiteId) -> SiteLabels {
        let state = read(&self.state);
        site_labels(&state, state.labels.realms_on(site))
    }

    /// All sites with labels, and how many are counted.
    pub fn sites(&self) -> Vec<(SiteId, u32)> {
        let state = read(&self.state);
        let mut sites: BTreeMap<&SiteId, u32> = BTreeMap::new();
        for (realm, of) in &state.labels.realms {
            *sites.entry(&realm.site).or_default() += of.counted;
        }
        let sites = sites.into_iter();
        sites
            .map(|(site, counted)| (site.clone(), counted))
            .collect()
    }

    /// Where a label counts now.
    pub fn now(&self, entry: &LedgerEntry) -> Now {
        let state = read(&self.state);
        if state.labels.events.strike(entry.event) {
            return Now::Struck;
        }
        if entry.features_version != FEATURES_VERSION {
            return Now::Unreadable;
        }
        let realm = state.labels.events.realm_of(entry);
        let comment = state.labels.state_of(&realm, entry.comment);
        match comment.and_then(|s| s.counted) {
            Some(counted) if counted.seq == entry.seq => Now::Counted(counted.place),
            _ => Now::Superseded,
        }
    }

    /// Labels of a key that count for all sites on credit, and how many may; `None` for a key that
    /// is vouched for.
    pub fn credit_of(&self, key_name: &str) -> Option<(u32, u32)> {
        let state = read(&self.state);
        (!state.labels.events.vouch_for(key_name)).then(|| state.labels.trust.credit_of(key_name))
    }

    /// Bytes of the sites' layers in memory.
    pub fn layers_bytes(&self) -> usize {
        lock(&read(&self.state).layers).bytes()
    }
}

/// The labels counted for some realms, and those counted for all sites.
fn site_labels<'a>(state: &State, of: impl Iterator<Item = &'a RealmLabels>) -> SiteLabels {
    let shared = state.shared.comments().total();
    let (counted, spam, own_shared) = of.fold((0, 0, 0), |(counted, spam, own_shared), of| {
        (counted + of.counted, spam + of.spam, own_shared + of.shared)
    });
    SiteLabels {
        spam,
        ham: counted - spam,
        shared,
        elsewhere: shared.saturating_sub(own_shared),
    }
}

#[cfg(test)]
mod tests;
