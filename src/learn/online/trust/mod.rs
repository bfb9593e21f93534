//! Labels in, in the order of the ledger; for each, whether it counts for all sites or for its own
//! alone, and why, out. It limits how far one contributor can change the counts of all sites. It
//! counts no features.
//!
//! A contributor is a key, and within it a reporter with a name. All its labels count on its own
//! site. For all sites these count (docs/DECISIONS.md, "Labels reach all sites only when other keys
//! confirm them"):
//!
//! - what a crowd confirms: five other keys gave near copies of the text (`minhash`, two shared
//!   numbers) the same label, more than twice as many as gave the opposite, and no label of the
//!   text counts for all sites already;
//! - on credit, at most `credit = min(a, h / 1000)` labels at a time, with `h` all labels that
//!   count for all sites, and `a = sum over older keys k of min(agreements with k, 5)`, agreements
//!   being labels that k gave near copies before. A key is older if the operator vouches for it, or
//!   if it has earned five agreements itself;
//! - all labels of a key that the operator vouches for.
//!
//! So a few new keys that confirm each other change nothing: they are no crowd, and their
//! agreements earn nothing. An old key changes at most a thousandth. Both the key and the reporter
//! need credit. A label is quarantined if at least three other keys contradict it, and more than
//! twice as many as agree. All of this follows from the labels before, so a replay of the ledger
//! puts every label where it was. No other order matters.

mod contributor;
mod floods;
mod last_labels;
mod place;

use std::collections::HashMap;

use crate::learn::online::minhash::BANDS;
use crate::learn::online::operator_events::OperatorEvents;
use crate::learn::online::trust::contributor::Contributor;
use crate::learn::online::trust::last_labels::{CROWD, Crowd, LastLabel, LastLabels};
use crate::store::LedgerEntry;
use crate::verdict::Label;

pub use crate::learn::online::trust::contributor::{Contributors, MOST_FROM_ONE, ONE_IN};
pub use crate::learn::online::trust::floods::{FLOOD, Floods};
pub use crate::learn::online::trust::place::Place;

/// Number of other keys that must agree before a label counts for all sites without a vouch. The
/// operator decides who gets keys, and must see if one person has this many.
pub const CROWD_AGREES: usize = 5;
/// How many numbers the sketches of two texts must share before a label of one confirms that of the
/// other. With nine features in ten in common they share two with probability .81, with half of
/// them .005. One shared number is enough to contradict.
const TO_AGREE: u8 = 2;
/// Other keys that must contradict a label before it is quarantined.
const MANY: usize = 3;

/// All contributors, and the last labels of texts.
#[derive(Debug, Default)]
pub struct Trust {
    contributors: Vec<Contributor>,
    keys: HashMap<String, u32>,
    reporters: HashMap<(u32, String), u32>,
    /// Labels that count for all sites.
    shared: u32,
    /// For each of the [`BANDS`] numbers of a sketch: the last labels of texts that have it.
    last_labels: [HashMap<u32, LastLabels>; BANDS],
    crowds: Vec<Crowd>,
}

impl Trust {
    /// Takes a label and returns who gave it and where it counts. The caller then calls
    /// [`Trust::add`], if the label was counted there.
    pub fn place(&mut self, entry: &LedgerEntry, events: &OperatorEvents) -> (Contributors, Place) {
        let given_by = self.contributors(entry);
        let others = self.others(entry, given_by.key);
        let agree = others.iter().filter(|l| l.label() == entry.label).count();
        let oppose = others.len() - agree;
        let is_news = !self.is_shared_already(entry);
        for other in others.iter().filter(|l| l.label() == entry.label) {
            let other = self.contributors[other.contributor() as usize].key;
            // Only the later of two labels earns, and only by agreeing with an older key. So two
            // new keys earn nothing from each other.
            if self.contributors[other as usize].is_older(events) {
                for id in given_by.ids() {
                    self.contributors[id as usize].agree_with(other);
                }
            }
        }
        let has_credit = |id: u32| self.contributors[id as usize].has_credit(self.shared);
        let place = if events.vouch_for(&entry.key_name) {
            Place::Shared
        } else if oppose >= MANY && oppose > 2 * agree {
            Place::Quarantined
        } else if agree > oppose && !is_news {
            // A text counts once for all sites, however many label it. Otherwise whoever repeats
            // what all say would outweigh the rest.
            Place::Withheld
        } else if agree >= CROWD_AGREES && agree > 2 * oppose {
            Place::Shared
        } else if given_by.ids().all(has_credit) {
            Place::Lent
        } else {
            Place::Withheld
        };
        let id = given_by.reporter.unwrap_or(given_by.key);
        self.note(
            entry,
            LastLabel::new(id, entry.label, place.is_for_all_sites()),
        );
        (given_by, place)
    }

    /// A label is counted at its place.
    pub fn add(&mut self, given_by: Contributors, place: Place) {
        self.shared += u32::from(place.is_for_all_sites());
        if place == Place::Lent {
            for id in given_by.ids() {
                self.contributors[id as usize].lent += 1;
            }
        }
    }

    /// A label is no longer counted at its place.
    pub fn remove(&mut self, given_by: Contributors, place: Place) {
        self.shared -= u32::from(place.is_for_all_sites());
        if place == Place::Lent {
            for id in given_by.ids() {
                self.contributors[id as usize].lent -= 1;
            }
        }
    }

    /// Labels of a key that count for all sites on credit, and how many may.
    pub fn credit_of(&self, key_name: &str) -> (u32, u32) {
        self.keys.get(key_name).map_or((0, 0), |&key| {
            let key = &self.contributors[key as usize];
            (key.lent, key.credit(self.shared))
        })
    }

    /// The last labels of near copies, for each number of the sketch, and whether a ham label and a
    /// spam label of them ever counted for all sites, as `[ham, spam]`.
    fn crowds_of(&self, entry: &LedgerEntry) -> impl Iterator<Item = (&[LastLabel], [bool; 2])> {
        let numbers = self.last_labels.iter().zip(&entry.sketch);
        let labels = numbers.filter_map(|(labels, number)| labels.get(number));
        labels.map(|labels| match labels {
            LastLabels::One(one) => {
                let shared = |label| one.is_shared() && one.label() == label;
                let shared = [shared(Label::Ham), shared(Label::Spam)];
                (std::slice::from_ref(one), shared)
            }
            LastLabels::Many(at) => {
                let crowd = &self.crowds[*at as usize];
                (&crowd.labels[..], crowd.shared)
            }
        })
    }

    /// Whether this label of a near copy counts for all sites already, from whomever.
    fn is_shared_already(&self, entry: &LedgerEntry) -> bool {
        self.crowds_of(entry)
            .any(|(_, shared)| shared[entry.label as usize])
    }

    /// The last label that each other key gave near copies. A label that agrees must be of a nearer
    /// copy than one that contradicts: what differs between two copies may be what makes one of
    /// them spam.
    fn others(&self, entry: &LedgerEntry, key: u32) -> Vec<LastLabel> {
        let key_of = |label: &LastLabel| self.contributors[label.contributor() as usize].key;
        let mut others: Vec<(LastLabel, u8)> = Vec::new();
        for label in self.crowds_of(entry).flat_map(|(labels, _)| labels) {
            let of = key_of(label);
            if of == key {
                continue;
            }
            match others.iter_mut().find(|(known, _)| key_of(known) == of) {
                Some((known, shared)) if known.label() == label.label() => *shared += 1,
                Some(_) => {}
                None => others.push((*label, 1)),
            }
        }
        others
            .into_iter()
            .filter(|(label, shared)| label.label() != entry.label || *shared >= TO_AGREE)
            .map(|(label, _)| label)
            .collect()
    }

    /// A key's new label takes the place of its old one.
    fn note(&mut self, entry: &LedgerEntry, new: LastLabel) {
        let key = self.contributors[new.contributor() as usize].key;
        for (by_number, &number) in self.last_labels.iter_mut().zip(&entry.sketch) {
            let Some(labels) = by_number.get_mut(&number) else {
                by_number.insert(number, LastLabels::One(new));
                continue;
            };
            let at = match *labels {
                LastLabels::Many(at) => at as usize,
                LastLabels::One(one) => {
                    let mut shared = [false; 2];
                    shared[one.label() as usize] = one.is_shared();
                    self.crowds.push(Crowd {
                        labels: vec![one],
                        shared,
                    });
                    let at = self.crowds.len() - 1;
                    *labels = LastLabels::Many(at as u32);
                    at
                }
            };
            let crowd = &mut self.crowds[at];
            crowd.shared[new.label() as usize] |= new.is_shared();
            let contributors = &self.contributors;
            crowd
                .labels
                .retain(|l| contributors[l.contributor() as usize].key != key);
            if crowd.labels.len() == CROWD {
                crowd.labels.remove(0);
            }
            crowd.labels.push(new);
        }
    }

    /// Who gave a label; a key or reporter that was never seen gets the next number.
    fn contributors(&mut self, entry: &LedgerEntry) -> Contributors {
        let key = match self.keys.get(&entry.key_name) {
            Some(&key) => key,
            None => {
                let key = self.new_contributor(None, &entry.key_name);
                self.keys.insert(entry.key_name.clone(), key);
                key
            }
        };
        let reporter = entry.reporter.clone().map(|name| {
            let known = (key, name);
            match self.reporters.get(&known) {
                Some(&reporter) => reporter,
                None => {
                    let reporter = self.new_contributor(Some(key), "");
                    self.reporters.insert(known, reporter);
                    reporter
                }
            }
        });
        Contributors { key, reporter }
    }

    fn new_contributor(&mut self, key: Option<u32>, name: &str) -> u32 {
        let id = self.contributors.len() as u32;
        self.contributors
            .push(Contributor::new(key.unwrap_or(id), name));
        id
    }
}

#[cfg(test)]
mod tests;
