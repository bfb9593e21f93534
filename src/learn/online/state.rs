//! Where each comment stands, and what is counted for it: labels placed one by one, in the order of the ledger. No lock but that of the sites' layers, which
//! readers fill.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use crate::comment::{CommentId, SiteId};
use crate::features::FEATURES_VERSION;
use crate::learn::online::operator_events::Rulings;
use crate::learn::online::realm::Realm;
use crate::learn::online::site_layers::Layers;
use crate::learn::online::trust::{Place, Speaker, Trust};
use crate::learn::online::{Effect, Told, lock};
use crate::model::Model;
use crate::model::counts::Counts;
use crate::store::{LedgerEntry, Seq};
use crate::verdict::Label;

#[derive(Debug)]
pub(crate) struct State {
    pub(crate) model: Arc<Model>,
    pub(crate) rulings: Rulings,
    pub(crate) trust: Trust,
    pub(crate) shared: Counts,
    pub(crate) realms: BTreeMap<Realm, OfRealm>,
    pub(crate) layers: Mutex<Layers>,
}

/// Where the comments of one realm stand.
#[derive(Debug, Default)]
pub(crate) struct OfRealm {
    pub(crate) comments: HashMap<CommentId, Standing>,
    pub(crate) counted: u32,
    /// Of those counted, spam.
    pub(crate) spam: u32,
    /// Of those counted, part of everybody's counts.
    pub(crate) heard: u32,
}

/// What people made of a comment so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Standing {
    /// The last label.
    pub(crate) label: Label,
    /// What the machine had said before anybody.
    machine: Option<Label>,
    /// What is counted; `None` after a return to the machine's own verdict, and of features that other code read.
    pub(crate) counted: Option<Counted>,
    /// Whether this code read its features. If not, saying the same again teaches what could not be learnt.
    pub(crate) is_read: bool,
}

impl Standing {
    /// Whether saying so again changes nothing.
    pub(crate) fn is_settled_at(&self, label: Label) -> bool {
        self.label == label && self.is_read
    }
}

/// The label that is counted for a comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Counted {
    pub(crate) seq: Seq,
    pub(crate) label: Label,
    pub(crate) place: Place,
    speaker: Speaker,
}

/// Whether features are counted as labels are placed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Counting {
    /// Each at once.
    AtOnce,
    /// Not at all: whoever places them counts what differs from layers he has.
    Later,
}

impl State {
    pub(crate) fn new(model: Arc<Model>, rulings: Rulings) -> Self {
        Self {
            model,
            rulings,
            trust: Trust::default(),
            shared: Counts::default(),
            realms: BTreeMap::new(),
            layers: Mutex::default(),
        }
    }

    /// Whether a counted label is part of everybody's counts: what the model was trained on is in the model. A site goes on hearing all of its own,
    /// for there they were one voice among thousands.
    fn hears(&self, counted: &Counted) -> bool {
        counted.place.is_heard() && counted.seq > self.model.card.ledger_seq
    }

    pub(crate) fn fold(
        &mut self,
        entry: &LedgerEntry,
        told: &dyn Told,
        most_bytes: usize,
        counting: Counting,
    ) -> Effect {
        if self.rulings.strike(entry.event) {
            return Effect::Known;
        }
        let realm = self.rulings.realm_of(entry);
        let before = self.standing(&realm, entry.comment).copied();
        if entry.features_version != FEATURES_VERSION {
            // What a person said stays said, though nothing can be counted of it; not against what is counted.
            if before.is_none_or(|standing| !standing.is_read) {
                let standing = Standing {
                    label: entry.label,
                    machine: entry.machine,
                    counted: None,
                    is_read: false,
                };
                let of = self.realms.entry(realm).or_default();
                of.comments.insert(entry.comment, standing);
            }
            return Effect::Unreadable;
        }
        if before.is_some_and(|standing| standing.is_settled_at(entry.label)) {
            return Effect::Known;
        }
        let machine = before.map_or(entry.machine, |standing| standing.machine);
        let of_before = before.and_then(|standing| standing.counted);
        if let Some(counted) = of_before {
            self.trust.falls(counted.speaker, counted.place);
        }
        // After the earlier one is gone, which makes room.
        let (speaker, place) = self.trust.place(entry, &self.rulings);
        let effect = match before {
            None => Effect::Learnt,
            Some(standing) if !standing.is_read => Effect::Learnt,
            Some(standing) if machine == Some(entry.label) && standing.counted.is_some() => {
                Effect::TakenBack
            }
            Some(_) => Effect::Turned,
        };
        let counted = (effect != Effect::TakenBack).then_some(Counted {
            seq: entry.seq,
            label: entry.label,
            place,
            speaker,
        });
        if let Some(counted) = counted {
            self.trust.stands(counted.speaker, counted.place);
        }
        if counting == Counting::AtOnce {
            if let Some(counted) = of_before
                && let Some(earlier) = told.label_at(counted.seq)
            {
                if self.hears(&counted) {
                    self.shared
                        .subtract_dealt(&earlier.features, &earlier.shares, counted.label);
                }
                self.change_layer(&realm, entry.comment, most_bytes, |own| {
                    own.subtract_dealt(&earlier.features, &earlier.shares, counted.label)
                });
            }
            if let Some(counted) = counted {
                if self.hears(&counted) {
                    self.shared
                        .add_dealt(&entry.features, &entry.shares, counted.label);
                }
                self.change_layer(&realm, entry.comment, most_bytes, |own| {
                    own.add_dealt(&entry.features, &entry.shares, counted.label)
                });
            }
        }
        let of = |counted: &Option<Counted>| {
            counted.as_ref().map_or((0, 0, 0), |counted| {
                let is_spam = counted.label == Label::Spam;
                (1, u32::from(is_spam), u32::from(self.hears(counted)))
            })
        };
        let (now, before) = (of(&counted), of(&of_before));
        let of = self.realms.entry(realm).or_default();
        of.counted = of.counted + now.0 - before.0;
        of.spam = of.spam + now.1 - before.1;
        of.heard = of.heard + now.2 - before.2;
        of.comments.insert(
            entry.comment,
            Standing {
                label: entry.label,
                machine,
                counted,
                is_read: true,
            },
        );
        effect
    }

    pub(crate) fn standing(&self, realm: &Realm, comment: CommentId) -> Option<&Standing> {
        self.realms.get(realm)?.comments.get(&comment)
    }

    /// The same, and if this realm says nothing what the site's own says: as the realm hears it.
    pub(crate) fn heard(&self, realm: &Realm, comment: CommentId) -> Option<&Standing> {
        let own = || self.standing(&realm.beside()?, comment);
        self.standing(realm, comment).or_else(own)
    }

    /// Takes everybody's counts over from another state and changes them by what stands elsewhere here; keeps the layers of sites where nothing differs.
    pub(crate) fn count_like(&mut self, other: &Self, told: &dyn Told) {
        let counted = |state: &Self, realm: &Realm, comment| {
            let standing = state.standing(realm, comment);
            standing.and_then(|s| s.counted)
        };
        let heard = |state: &Self, counted: Option<Counted>| {
            let heard = counted.filter(|c| state.hears(c));
            heard.map(|c| (c.seq, c.label))
        };
        let said = |counted: Option<Counted>| counted.map(|c| (c.seq, c.label));
        self.shared = other.shared.clone();
        let mut differ: HashSet<&SiteId> = HashSet::new();
        let both = other.realms.iter().chain(&self.realms);
        let comments: HashSet<(&Realm, CommentId)> = both
            .flat_map(|(realm, of)| of.comments.keys().map(move |&comment| (realm, comment)))
            .collect();
        for (realm, comment) in comments {
            let (old, new) = (
                counted(other, realm, comment),
                counted(self, realm, comment),
            );
            if said(old) != said(new) {
                differ.insert(&realm.site);
            }
            let (old, new) = (heard(other, old), heard(self, new));
            if old == new {
                continue;
            }
            if let Some((seq, label)) = old
                && let Some(entry) = told.label_at(seq)
            {
                self.shared
                    .subtract_dealt(&entry.features, &entry.shares, label);
            }
            if let Some((seq, label)) = new
                && let Some(entry) = told.label_at(seq)
            {
                self.shared.add_dealt(&entry.features, &entry.shares, label);
            }
        }
        let kept = lock(&other.layers).without(&differ);
        self.layers = Mutex::new(kept);
    }

    /// The realms of a site.
    pub(crate) fn on(&self, site: &SiteId) -> impl Iterator<Item = &OfRealm> {
        let from = self.realms.range(Realm::of_site(site)..);
        let on = from.take_while(move |(realm, _)| realm.site == *site);
        on.map(|(_, of)| of)
    }

    /// Changes the layer of a realm if it is in memory; else the ledger will tell when it is wanted. Layers that hear the realm beside their own are dropped,
    /// and so is one where the site's own realm speaks of the same comment.
    fn change_layer(
        &mut self,
        realm: &Realm,
        comment: CommentId,
        most_bytes: usize,
        change: impl FnOnce(&mut Counts),
    ) {
        let is_told_beside = realm
            .beside()
            .is_some_and(|own| self.standing(&own, comment).is_some());
        let layers = self
            .layers
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner);
        if is_told_beside {
            return layers.drop_one(realm);
        }
        layers.change(realm, most_bytes, change);
        if realm.key.is_none() {
            layers.drop_beside(&realm.site);
        }
    }

    /// The counts of a realm, and of the site's own beside it; `None` without labels, which costs nothing.
    pub(crate) fn layer_of(
        &self,
        realm: &Realm,
        told: &dyn Told,
        most_bytes: usize,
    ) -> Option<Arc<Counts>> {
        let beside = realm.beside();
        let is_told = |of: &&OfRealm| of.counted > 0;
        let own = self.realms.get(realm);
        // What it took back outweighs what is said beside it.
        let own = own.filter(|of| is_told(of) || (beside.is_some() && !of.comments.is_empty()));
        let beside = beside.as_ref().and_then(|realm| self.realms.get(realm));
        let beside = beside.filter(is_told);
        let of_site = match (own, beside) {
            (None, None) => return None,
            // Nothing of its own: many keys on one site share one layer.
            (None, Some(_)) => return self.layer_of(&realm.beside()?, told, most_bytes),
            (Some(own), _) => own,
        };
        if let Some(counts) = lock(&self.layers).used(realm) {
            return Some(counts);
        }
        // Read without the lock: other sites' checks go on. Two checks may read the same layer; both read the same.
        let mut counts = Counts::default();
        let beside = beside.iter().flat_map(|of| &of.comments);
        let unsaid = beside.filter(|(comment, _)| !of_site.comments.contains_key(comment));
        for counted in of_site.comments.values().chain(unsaid.map(|(_, s)| s)) {
            let Some(counted) = counted.counted else {
                continue;
            };
            if let Some(entry) = told.label_at(counted.seq) {
                counts.add_dealt(&entry.features, &entry.shares, counted.label);
            }
        }
        let counts = Arc::new(counts);
        lock(&self.layers).keep(realm.clone(), Arc::clone(&counts), most_bytes);
        Some(counts)
    }
}
