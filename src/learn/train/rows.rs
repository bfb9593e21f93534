//! Labelled examples in, rows to train on out: hashed features and what training must know beside
//! them. No text is kept.

use std::sync::atomic::{AtomicUsize, Ordering};

use serde::{Deserialize, Serialize};

use crate::features::{Expert, FEATURE_BITS, FeatureId, Features, Field, Kind, Outline, View};
use crate::text;
use crate::text::Language;
use crate::verdict::Label;

use crate::learn::train::corpus::Example;

/// An example, read into features.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Prepared {
    /// Buckets of the content, each once, by part of the text.
    pub content: Vec<FeatureId>,
    /// Where each part begins among them; empty for short texts.
    pub parts: Vec<u32>,
    /// Buckets of the signature.
    pub signature: Vec<FeatureId>,
    /// Buckets of the sender, the page and the form.
    pub circumstance: Vec<FeatureId>,
    /// The signature's words as buckets of the text (`Features::echo`).
    pub echo: Vec<FeatureId>,
    /// The label that a person gave.
    pub label: Label,
    /// How much it counts; 1 for most.
    pub weight: f32,
    /// Language of the text.
    pub language: Language,
    /// Whether that is one the shipped model was not taught.
    pub is_foreign: bool,
    /// Comments whose text looks the same share it.
    pub skeleton: u64,
    /// Comments whose text and signature look the same share it. One text under fifty signatures is
    /// fifty signatures.
    pub likeness: u64,
    /// Comments that belong together share it, and so land in the same fold: a blog's, a video's, a
    /// genre's; else those that look the same.
    pub group: u64,
    /// What copies of a campaign have in common: a hash of the domain of the home page, else of the
    /// first link; 0 for none.
    pub campaign: u64,
    /// Whether a text like it, with the same label, came before: then only its signature teaches.
    pub is_copy: bool,
    /// Which parts of a check it came with (`Features::fields`).
    pub fields: u16,
    /// Which source it came from, as the caller counts them.
    pub source: usize,
    /// How common such comments are in real streams; 1 for most.
    pub prevalence: f64,
}

/// What the caller knows of an example beyond the comment.
#[derive(Debug, Clone, Copy)]
pub struct RowMeta {
    /// How much it counts.
    pub weight: f32,
    /// Which source it came from.
    pub source: usize,
    /// How common such comments are in real streams.
    pub prevalence: f64,
}

impl Default for RowMeta {
    fn default() -> Self {
        Self {
            weight: 1.0,
            source: 0,
            prevalence: 1.0,
        }
    }
}

/// Progress of a long run, as steps done of all; of none, where nobody knows how many there are.
pub type Progress<'a> = &'a (dyn Fn(&str, usize, usize) + Sync);

/// What rows are told apart and kept together by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Keys {
    pub(crate) skeleton: u64,
    pub(crate) likeness: u64,
    pub(crate) group: u64,
}

impl Keys {
    pub(crate) fn of(example: &Example, reading: &text::Reading) -> Self {
        let skeleton = Example::skeleton_of(reading);
        Self {
            skeleton,
            likeness: Example::likeness_key_of(skeleton, &example.comment),
            group: example.group_key_of(|| skeleton),
        }
    }
}

fn hash(bytes: &[u8]) -> u64 {
    rapidhash::v3::rapidhash_v3(bytes)
}

impl Prepared {
    /// Reads one example, and the kinds of its features with it; `None` without a label.
    pub fn read(example: &Example, meta: RowMeta, kinds: &mut Kinds) -> Option<Self> {
        let label = example.label?;
        let reading = text::read(&example.comment.text);
        let features = Features::of_reading(&example.comment, &reading);
        let keys = Keys::of(example, &reading);
        Some(Self::of(&features, label, keys, meta, kinds))
    }

    /// The same from features that are there already.
    pub(crate) fn of(
        features: &Features,
        label: Label,
        keys: Keys,
        meta: RowMeta,
        kinds: &mut Kinds,
    ) -> Self {
        kinds.note(features);
        let campaign = |kind: Kind| features.items.iter().find(|f| f.kind == kind);
        let campaign = campaign(Kind::AuthorDomain)
            .or_else(|| campaign(Kind::Domain))
            .map_or(0, |domain| hash(features.text_of(domain).as_bytes()));
        let (ids, parts) = features.ids_by_part();
        let mut row = Self {
            label,
            weight: meta.weight,
            source: meta.source,
            prevalence: meta.prevalence,
            fields: features.fields(),
            language: features.language,
            is_foreign: features.is_foreign(),
            campaign,
            echo: features.echo.clone(),
            ..Self::of_buckets(&ids, parts, label)
        };
        (row.skeleton, row.likeness, row.group) = (keys.skeleton, keys.likeness, keys.group);
        row
    }

    /// A row of which only the buckets, by part of the text, and the label are known.
    pub(crate) fn of_buckets(ids: &[FeatureId], mut parts: Vec<u32>, label: Label) -> Self {
        let of = |expert: Expert| {
            ids.iter()
                .copied()
                .filter(move |&id| Expert::of(id) == expert)
        };
        // A person is known to one site, so a model learns no people.
        let is_nobody = |&id: &FeatureId| View::of(id) != View::People;
        let content: Vec<FeatureId> = of(Expert::Content).collect();
        // Buckets outside the content are in no part: they come before the first part, so the
        // starts move by their number.
        let others = (ids.len() - content.len()) as u32;
        parts.iter_mut().for_each(|start| *start -= others);
        Self {
            content,
            parts,
            signature: of(Expert::Signature).collect(),
            circumstance: of(Expert::Circumstance).filter(is_nobody).collect(),
            echo: Vec::new(),
            label,
            weight: 1.0,
            language: Language::Undetermined,
            is_foreign: false,
            skeleton: 0,
            likeness: 0,
            group: 0,
            campaign: 0,
            is_copy: false,
            fields: 0,
            source: 0,
            prevalence: 1.0,
        }
    }

    /// Whether it came with a home page.
    pub(crate) fn has_home(&self) -> bool {
        Field::Home.is_in(self.fields)
    }

    /// How many buckets it has, its echo apart.
    pub(crate) fn len(&self) -> usize {
        self.content.len() + self.signature.len() + self.circumstance.len()
    }

    /// All of them.
    pub(crate) fn buckets(&self) -> impl Iterator<Item = FeatureId> + '_ {
        let others = self.signature.iter().chain(&self.circumstance);
        self.content.iter().chain(others).copied()
    }

    /// The fold it is left out with.
    pub(crate) fn fold(&self, folds: u64) -> u64 {
        (self.group >> 7) % folds.max(1)
    }
}

/// All labelled examples as rows, with the kind of each bucket; unlabelled ones are left out.
/// `meta_of` tells what else is known of the example at a place. Uses all cores; the order stays.
pub fn prepare(
    examples: &[Example],
    meta_of: impl Fn(usize) -> RowMeta + Sync,
    progress: Progress<'_>,
) -> (Vec<Prepared>, Kinds) {
    let done = AtomicUsize::new(0);
    let mut kinds = Kinds::for_each_core();
    let rows = on_all_cores(examples, &mut kinds, |at, example, kinds| {
        let so_far = done.fetch_add(1, Ordering::Relaxed) + 1;
        if so_far.is_multiple_of(500) {
            progress("reading comments", so_far, examples.len());
        }
        Prepared::read(example, meta_of(at), kinds)
    });
    (rows.into_iter().flatten().collect(), Kinds::sum(kinds))
}

/// Does the same for each item on several threads, one for each entry of `kinds`. The results are
/// in the order of the items.
pub(crate) fn on_all_cores<T: Sync, R: Send>(
    items: &[T],
    kinds: &mut [Kinds],
    work: impl Fn(usize, &T, &mut Kinds) -> R + Sync,
) -> Vec<R> {
    let share = items.len().div_ceil(kinds.len().max(1)).max(1);
    std::thread::scope(|scope| {
        let parts = items.chunks(share).zip(kinds).enumerate();
        let handles: Vec<_> = parts
            .map(|(part, (chunk, kinds))| {
                let work = &work;
                scope.spawn(move || {
                    let items = chunk.iter().enumerate();
                    items
                        .map(|(at, item)| work(part * share + at, item, kinds))
                        .collect::<Vec<R>>()
                })
            })
            .collect();
        handles
            .into_iter()
            .flat_map(|handle| handle.join().expect("reading a comment does not panic"))
            .collect()
    })
}

/// The kind of feature in each bucket. Where two kinds fall together, a fact about the comment has
/// the bucket, because it is in thousands of comments and a character n-gram in two or three; else
/// the first in the order of kinds (docs/DECISIONS.md, "Disguise no longer costs honest people
/// much").
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kinds(Vec<u8>);

impl Default for Kinds {
    fn default() -> Self {
        Self(vec![u8::MAX; 1 << FEATURE_BITS])
    }
}

impl Kinds {
    /// Nothing seen yet, once for each core.
    pub(crate) fn for_each_core() -> Vec<Self> {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        vec![Self::default(); cores]
    }

    /// What all of them saw.
    pub(crate) fn sum(all: Vec<Self>) -> Self {
        all.into_iter()
            .reduce(|mut sum, kinds| {
                sum.merge(&kinds);
                sum
            })
            .unwrap_or_default()
    }

    pub(crate) fn of(&self, id: FeatureId) -> Option<Kind> {
        Kind::ALL.get(self.0[id as usize] as usize).copied()
    }

    pub(crate) fn field(&self, id: FeatureId) -> Field {
        self.of(id).map_or(Field::Text, Kind::field)
    }

    fn note(&mut self, features: &Features) {
        for feature in &features.items {
            self.settle(feature.id as usize, feature.kind as u8);
        }
    }

    /// Notes buckets of a comment whose text is gone.
    pub(crate) fn note_outline(&mut self, ids: &[FeatureId], outline: &Outline) {
        for (&id, &kind) in ids.iter().zip(&outline.kinds) {
            self.settle(id as usize, kind);
        }
    }

    /// Takes in what others saw.
    pub(crate) fn merge(&mut self, other: &Self) {
        for (at, &kind) in other.0.iter().enumerate() {
            self.settle(at, kind);
        }
    }

    fn settle(&mut self, at: usize, kind: u8) {
        if self.0[at] == kind {
            return;
        }
        let rank = |kind: u8| match Kind::ALL.get(kind as usize) {
            Some(known) => (!known.is_fact(), kind),
            None => (true, kind),
        };
        if rank(kind) < rank(self.0[at]) {
            self.0[at] = kind;
        }
    }

    /// One byte a bucket.
    pub(crate) fn to_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Back from [`Kinds::to_bytes`]; `None` if these are not as many.
    pub(crate) fn from_bytes(bytes: Vec<u8>) -> Option<Self> {
        (bytes.len() == 1 << FEATURE_BITS).then_some(Self(bytes))
    }
}
