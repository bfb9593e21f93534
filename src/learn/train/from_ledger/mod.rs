//! A ledger in, a training set for a model of all sites out: the last label of each comment, if the
//! operator's events leave it and `trust` counts it for all sites, near copies once, recent ones
//! with more weight. Where the comment of a check is still known it is read again, else its hashed
//! features are used. It trains no model.
//!
//! A label that counts for one site alone (withheld, quarantined) is not learnt: otherwise a
//! patient attacker would only have to wait for the next retraining. Imported labels are the
//! operator's own act and are learnt unless they are quarantined.
//!
//! Near copies share two numbers of the sketch with the first of their group. A group with one
//! label is one opinion: its newest comment teaches, with weight 1. With `s` labels spam and `h`
//! ham, the newest of each teaches, with weights `s / (s + h)` and `h / (s + h)`.

mod near_copies;
mod taken;

use std::collections::{BTreeMap, HashMap};

use crate::clock::Millis;
use crate::comment::{Comment, CommentId, SiteId};
use crate::features::{FEATURE_BITS, FEATURES_VERSION, Features, Outline};
use crate::learn::online::label_fold::{Folded, LabelFold};
use crate::learn::online::minhash;
use crate::learn::online::operator_events::OperatorEvents;
use crate::learn::online::realm::{IMPORTED, Realm};
use crate::learn::online::trust::Place;
use crate::learn::train::from_ledger::near_copies::groups;
use crate::learn::train::rows::{Kinds, Prepared};
use crate::model::card::Taught;
use crate::model::categories;
use crate::store::{LedgerEntry, Ruling, Seq};
use crate::verdict::Label;

pub use crate::learn::train::from_ledger::taken::Taken;

const DAY_MILLIS: f64 = 86_400_000.0;

/// What labels teach.
#[derive(Debug)]
pub struct TrainingSet {
    /// A row for each opinion.
    pub rows: Vec<Prepared>,
    /// Kinds of their buckets.
    pub kinds: Kinds,
    /// Spam whose kind its reporter named, where the text is known.
    pub named: Vec<categories::Row>,
    /// What was taken and what not.
    pub taken: Taken,
    /// Place of the last label or ruling read.
    pub last_seq: Seq,
}

impl TrainingSet {
    /// How a card names them.
    pub fn taught(&self) -> Taught {
        let of = |label| self.rows.iter().filter(|r| r.label == label).count() as u32;
        Taught {
            name: "ledger".to_owned(),
            licence: String::new(),
            spam: of(Label::Spam),
            ham: of(Label::Ham),
        }
    }
}

/// How labels are taken.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Taking {
    /// Labels at or before this place teach nothing: the model they go to has them.
    pub after: Seq,
    /// Days in which a label loses half its weight, counted back from the newest; `None` for all
    /// alike.
    pub half_life_days: Option<f64>,
}

/// A label that cannot be of a phin's ledger.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("label {at}, on {site}, is of a foreign ledger: {why}; nothing was learnt")]
pub struct Foreign {
    /// Its place there.
    pub at: Seq,
    /// Its site.
    pub site: SiteId,
    /// What is wrong.
    pub why: &'static str,
}

/// The last label of a comment.
struct LastLabel {
    entry: LedgerEntry,
    /// The comment of its check, where it is still known.
    text: Option<Comment>,
    place: Place,
}

/// Reads labels, in the order of the ledger, under all events of the operator and the owners of
/// sites. `text_of` gives the comment of the check where it is still known.
///
/// # Errors
///
/// If a label has features that no phin writes; nothing was learnt then.
pub fn gather(
    labels: impl IntoIterator<Item = LedgerEntry>,
    rulings: &[Ruling],
    owners: HashMap<SiteId, String>,
    mut text_of: impl FnMut(&SiteId, CommentId) -> Option<Comment>,
    taking: Taking,
) -> Result<TrainingSet, Foreign> {
    let mut taken = Taken::default();
    let mut last_seq = rulings.iter().map(|r| r.seq).max().unwrap_or(0);
    // The same fold as that of the live layers, so that trust puts each label where it counts
    // there.
    let mut fold = LabelFold::new(OperatorEvents::of(rulings).with_owners(owners), 0);
    // By place in the ledger, so that rows come in its order whatever the hash map's.
    let mut last_labels: BTreeMap<usize, LastLabel> = BTreeMap::new();
    let mut places: HashMap<(Realm, CommentId), usize> = HashMap::new();
    for (at, mut entry) in labels.into_iter().enumerate() {
        taken.labels += 1;
        last_seq = last_seq.max(entry.seq);
        refuse_foreign(&entry)?;
        if fold.events.strike(entry.event) {
            taken.struck += 1;
            continue;
        }
        let text = text_of(&entry.site, entry.comment);
        if let Some(text) = &text {
            read_again(&mut entry, text);
        }
        if entry.features_version != FEATURES_VERSION || !entry.outline.fits(entry.features.len()) {
            taken.unreadable += 1;
            continue;
        }
        match fold.apply(&entry) {
            // Both were left out above.
            Folded::Undone | Folded::Unreadable => {}
            Folded::Repeated(realm) => {
                taken.superseded += 1;
                let at = places.get(&(realm, entry.comment));
                if let Some(before) = at.and_then(|at| last_labels.get_mut(at)) {
                    before.entry.kind = entry.kind.or(before.entry.kind);
                }
            }
            Folded::Changed(change) => {
                let comment = (change.realm, entry.comment);
                let before = places.insert(comment, at);
                let before = before.and_then(|at| last_labels.remove(&at));
                taken.superseded += usize::from(before.is_some());
                // A return to the filter's own verdict is no longer counted by the live layers, but
                // it is a person's last word, so it teaches.
                let place = change.place;
                last_labels.insert(at, LastLabel { entry, text, place });
            }
        }
    }
    Ok(training_set(
        last_labels.into_values().collect(),
        taken,
        last_seq,
        taking,
    ))
}

/// Replaces the features of a label by those of today's code.
fn read_again(entry: &mut LedgerEntry, text: &Comment) {
    let mut features = Features::of(text);
    if entry.features_version == FEATURES_VERSION {
        features.keep_listed(&entry.features);
    }
    entry.sketch = minhash::sketch(&features);
    entry.outline = Outline::of(&features);
    entry.features = features.ids();
    entry.features_version = FEATURES_VERSION;
}

/// The labels that may teach all sites, in their order.
fn eligible(labels: Vec<LastLabel>, taken: &mut Taken, taking: Taking) -> Vec<LastLabel> {
    let mut eligible = Vec::with_capacity(labels.len());
    for one in labels {
        let entry = &one.entry;
        let is_imported = entry.key_name == IMPORTED && entry.reporter.as_deref() == Some(IMPORTED);
        match one.place {
            _ if entry.seq <= taking.after => taken.learnt_before += 1,
            Place::Quarantined => taken.quarantined += 1,
            Place::Withheld if !is_imported => taken.withheld += 1,
            _ => eligible.push(one),
        }
    }
    taken.from_text = eligible.iter().filter(|one| one.text.is_some()).count();
    eligible
}

/// The last labels as rows: one for each opinion of a group of near copies.
fn training_set(
    labels: Vec<LastLabel>,
    mut taken: Taken,
    last_seq: Seq,
    taking: Taking,
) -> TrainingSet {
    let newest = labels.iter().map(|s| s.entry.at).max().unwrap_or(0);
    let labels = eligible(labels, &mut taken, taking);
    let sketches: Vec<&[u32]> = labels.iter().map(|one| &one.entry.sketch[..]).collect();
    let (mut rows, mut kinds, mut named) = (Vec::new(), Kinds::default(), Vec::new());
    for group in groups(&sketches) {
        let (members, all) = (&group, &labels);
        let of = |label| {
            members
                .iter()
                .filter(move |&&at| all[at].entry.label == label)
        };
        let sizes = [of(Label::Ham).count(), of(Label::Spam).count()];
        taken.disputed += usize::from(sizes.iter().all(|&size| size > 0));
        for label in [Label::Ham, Label::Spam] {
            let Some(&newest_of) = of(label).max_by_key(|&&at| (labels[at].entry.at, at)) else {
                continue;
            };
            let one = &labels[newest_of].entry;
            let balance = sizes[label as usize] as f32 / group.len() as f32;
            let weight = balance * recency(one.at, newest, taking.half_life_days);
            match label {
                Label::Spam => taken.spam += 1,
                Label::Ham => taken.ham += 1,
            }
            taken.merged += sizes[label as usize] - 1;
            kinds.note_outline(&one.features, &one.outline);
            rows.push(row(one, weight, &labels[group[0]].entry));
        }
    }
    for one in labels {
        if let (Label::Spam, Some(kind), Some(comment)) =
            (one.entry.label, one.entry.kind, one.text)
        {
            named.push(categories::Row::of(&Features::of(&comment), kind));
        }
    }
    TrainingSet {
        rows,
        kinds,
        named,
        taken,
        last_seq,
    }
}

/// A label as a row to train on. The features of the first of its group name the group, so that
/// near copies are left out together.
fn row(entry: &LedgerEntry, weight: f32, first_of_group: &LedgerEntry) -> Prepared {
    let (ids, parts) = entry.outline.by_part(&entry.features);
    let first: Vec<u8> = first_of_group
        .features
        .iter()
        .flat_map(|id| id.to_le_bytes())
        .collect();
    let group = rapidhash::v3::rapidhash_v3(&first);
    Prepared {
        echo: entry.outline.echo.clone(),
        weight,
        language: entry.outline.language,
        is_foreign: entry.outline.is_foreign,
        skeleton: group,
        likeness: group,
        group,
        fields: entry.outline.fields,
        ..Prepared::of_buckets(&ids, parts, entry.label)
    }
}

/// The share of its weight that a label has left; times in milliseconds.
fn recency(at: Millis, newest: Millis, half_life_days: Option<f64>) -> f32 {
    half_life_days.map_or(1.0, |days| {
        let age_days = (newest - at).max(0) as f64 / DAY_MILLIS;
        0.5_f64.powf(age_days / days) as f32
    })
}

/// Refuses features that are out of order, which an outline could not follow, or beyond the last
/// bucket.
fn refuse_foreign(entry: &LedgerEntry) -> Result<(), Foreign> {
    let foreign = |why| {
        Err(Foreign {
            at: entry.seq,
            site: entry.site.clone(),
            why,
        })
    };
    if !entry.features.is_sorted_by(|a, b| a < b) {
        return foreign("its features are not in ascending order");
    }
    let is_ours = entry.features_version == FEATURES_VERSION;
    if is_ours
        && entry
            .features
            .last()
            .is_some_and(|&id| id >> FEATURE_BITS > 0)
    {
        return foreign("it has features that do not exist");
    }
    Ok(())
}

#[cfg(test)]
mod tests;
