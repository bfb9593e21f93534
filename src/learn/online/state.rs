//! The counts of labels. In: labels in the order of the ledger. Out: the counts of all sites, and
//! those of one site. No lock but that of the sites' layers, which readers fill.

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

/// Whether features are counted as labels are placed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Counting {
    /// Each at once.
    AtOnce,
    /// Not at all: whoever places them counts what differs from layers that are there.
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

    /// Subtracts exactly what the earlier label added, then adds the new one. Counts are a group,
    /// so the result is that of a ledger without the earlier label.
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

    /// Takes the counts of all sites over from another state and changes them by the labels that
    /// are placed elsewhere here; keeps the layers of sites where nothing differs.
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
    /// wanted. Layers that include the realm beside their own are dropped, and so is one where the
    /// site's own realm has a label of the same comment: which of the two counts there changes.
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

    /// The counts of a realm, and of the site's own beside it; `None` without labels, which costs
    /// nothing.
    pub(crate) fn layer_of(
        &self,
        realm: &Realm,
        recorded: &dyn RecordedLabels,
        most_bytes: usize,
    ) -> Option<Arc<Counts>> {
        let beside = realm.beside();
        let has_labels = |of: &&RealmLabels| of.counted > 0;
        let own = self.labels.realms.get(realm);
        // A comment whose label the key took back hides what the site's own realm says of it.
        let own = own.filter(|of| has_labels(of) || (beside.is_some() && !of.comments.is_empty()));
        let beside = beside
            .as_ref()
            .and_then(|realm| self.labels.realms.get(realm));
        let beside = beside.filter(has_labels);
        let of_site = match (own, beside) {
            (None, None) => return None,
            // Nothing of its own: many keys on one site share one layer.
            (None, Some(_)) => return self.layer_of(&realm.beside()?, recorded, most_bytes),
            (Some(own), _) => own,
        };
        if let Some(counts) = lock(&self.layers).used(realm) {
            return Some(counts);
        }
        // Read without the lock: checks of other sites go on. Two checks may read the same layer;
        // both read the same.
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
