//! Labels in the order of the ledger in, the counts of all sites and those of one site out. It has
//! no lock but that of the sites' layers, which readers fill. It never writes to disk.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use crate::comment::{CommentId, SiteId};
use crate::learn::online::effect::Effect;
use crate::learn::online::label_fold::{Change, CountedLabel, Folded, LabelFold, RealmLabels};
use crate::learn::online::locks::lock;
use crate::learn::online::operator_events::OperatorEvents;
use crate::learn::online::realm::Realm;
use crate::learn::online::recorded_labels::RecordedLabels;
use crate::learn::online::site_layers::Layers;
use crate::model::Model;
use crate::model::counts::Counts;
use crate::store::LedgerEntry;

#[derive(Debug)]
pub(crate) struct State {
    pub(crate) model: Arc<Model>,
    pub(crate) labels: LabelFold,
    /// Counts of all sites: always in memory.
    pub(crate) shared: Counts,
    pub(crate) layers: Mutex<Layers>,
}

/// Whether features are counted while labels are placed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Counting {
    /// Each at once.
    AtOnce,
    /// Not at all: the caller counts afterwards what differs from other layers.
    Later,
}

impl State {
    pub(crate) fn new(model: Arc<Model>, events: OperatorEvents) -> Self {
        Self {
            labels: LabelFold::new(events, model.card.ledger_seq),
            model,
            shared: Counts::default(),
            layers: Mutex::default(),
        }
    }

    pub(crate) fn fold(
        &mut self,
        entry: &LedgerEntry,
        recorded: &dyn RecordedLabels,
        most_bytes: usize,
        counting: Counting,
    ) -> Effect {
        match self.labels.apply(entry) {
            Folded::Undone | Folded::Repeated(_) => Effect::Known,
            Folded::Unreadable => Effect::Unreadable,
            Folded::Changed(change) => {
                if counting == Counting::AtOnce {
                    self.count(entry, &change, recorded, most_bytes);
                }
                change.effect
            }
        }
    }

    /// Subtracts exactly what the earlier label added, then adds the new one. The result is that of
    /// a ledger without the earlier label.
    fn count(
        &mut self,
        entry: &LedgerEntry,
        change: &Change,
        recorded: &dyn RecordedLabels,
        most_bytes: usize,
    ) {
        if let Some(counted) = change.removed
            && let Some(earlier) = recorded.label_at(counted.seq)
        {
            if self.labels.is_shared(&counted) {
                self.shared
                    .subtract_dealt(&earlier.features, &earlier.shares, counted.label);
            }
            self.change_layer(&change.realm, entry.comment, most_bytes, |own| {
                own.subtract_dealt(&earlier.features, &earlier.shares, counted.label)
            });
        }
        if let Some(counted) = change.added {
            if self.labels.is_shared(&counted) {
                self.shared
                    .add_dealt(&entry.features, &entry.shares, counted.label);
            }
            self.change_layer(&change.realm, entry.comment, most_bytes, |own| {
                own.add_dealt(&entry.features, &entry.shares, counted.label)
            });
        }
    }

    /// Copies the counts of all sites from another state and changes them by the labels that are
    /// placed elsewhere here. Keeps the layers of sites without a difference.
    pub(crate) fn count_like(&mut self, other: &Self, recorded: &dyn RecordedLabels) {
        let counted = |state: &Self, realm: &Realm, comment| {
            let state = state.labels.state_of(realm, comment);
            state.and_then(|s| s.counted)
        };
        let shared = |state: &Self, counted: Option<CountedLabel>| {
            let shared = counted.filter(|c| state.labels.is_shared(c));
            shared.map(|c| (c.seq, c.label))
        };
        let label = |counted: Option<CountedLabel>| counted.map(|c| (c.seq, c.label));
        self.shared = other.shared.clone();
        let mut differ: HashSet<&SiteId> = HashSet::new();
        let both = other.labels.realms.iter().chain(&self.labels.realms);
        let comments: HashSet<(&Realm, CommentId)> = both
            .flat_map(|(realm, of)| of.comments.keys().map(move |&comment| (realm, comment)))
            .collect();
        for (realm, comment) in comments {
            let (old, new) = (
                counted(other, realm, comment),
                counted(self, realm, comment),
            );
            if label(old) != label(new) {
                differ.insert(&realm.site);
            }
            let (old, new) = (shared(other, old), shared(self, new));
            if old == new {
                continue;
            }
            if let Some((seq, label)) = old
                && let Some(entry) = recorded.label_at(seq)
            {
                self.shared
                    .subtract_dealt(&entry.features, &entry.shares, label);
            }
            if let Some((seq, label)) = new
                && let Some(entry) = recorded.label_at(seq)
            {
                self.shared.add_dealt(&entry.features, &entry.shares, label);
            }
        }
        let kept = lock(&other.layers).without(&differ);
        self.layers = Mutex::new(kept);
    }

    /// Changes the layer of a realm if it is in memory; else it is read from the ledger when it is
    /// needed. Layers of other realms that contain this one are dropped. So is the layer itself
    /// where the site's own realm has a label of the same comment, because then it changes which of
    /// the two labels counts.
    fn change_layer(
        &mut self,
        realm: &Realm,
        comment: CommentId,
        most_bytes: usize,
        change: impl FnOnce(&mut Counts),
    ) {
        let is_labelled_beside = realm
            .beside()
            .is_some_and(|own| self.labels.state_of(&own, comment).is_some());
        let layers = self
            .layers
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner);
        if is_labelled_beside {
            return layers.drop_one(realm);
        }
        layers.change(realm, most_bytes, change);
        if realm.key.is_none() {
            layers.drop_beside(&realm.site);
        }
    }

    /// The counts of a realm together with those of the site's own realm; `None` without labels,
    /// which is found without reading.
    pub(crate) fn layer_of(
        &self,
        realm: &Realm,
        recorded: &dyn RecordedLabels,
        most_bytes: usize,
    ) -> Option<Arc<Counts>> {
        let beside = realm.beside();
        let has_labels = |of: &&RealmLabels| of.counted > 0;
        let own = self.labels.realms.get(realm);
        // A realm without counted labels still matters beside the site's own: a comment whose label
        // the key took back must not count by the label of the site's own realm.
        let own = own.filter(|of| has_labels(of) || (beside.is_some() && !of.comments.is_empty()));
        let beside = beside
            .as_ref()
            .and_then(|realm| self.labels.realms.get(realm));
        let beside = beside.filter(has_labels);
        let of_site = match (own, beside) {
            (None, None) => return None,
            // Nothing of its own: many keys on one site then share one layer.
            (None, Some(_)) => return self.layer_of(&realm.beside()?, recorded, most_bytes),
            (Some(own), _) => own,
        };
        if let Some(counts) = lock(&self.layers).used(realm) {
            return Some(counts);
        }
        // The ledger is read without the lock, so that checks of other sites go on. Two checks may
        // read the same layer; both get the same counts.
        let mut counts = Counts::default();
        let beside = beside.iter().flat_map(|of| &of.comments);
        let unlabelled = beside.filter(|(comment, _)| !of_site.comments.contains_key(comment));
        let unlabelled = unlabelled.map(|(_, state)| state);
        for counted in of_site.comments.values().chain(unlabelled) {
            let Some(counted) = counted.counted else {
                continue;
            };
            if let Some(entry) = recorded.label_at(counted.seq) {
                counts.add_dealt(&entry.features, &entry.shares, counted.label);
            }
        }
        let counts = Arc::new(counts);
        lock(&self.layers).keep(realm.clone(), Arc::clone(&counts), most_bytes);
        Some(counts)
    }
}
