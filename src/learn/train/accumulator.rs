//! Labelled examples in, one by one, all that a model is made of out: counts of all, a sample of
//! rows, and the categories of spam. Its memory grows with the number of words, not of comments.
//! Parts of an input, added up, give the same bytes as the whole (docs/DECISIONS.md, "Shards of a
//! training set merge to the same bytes"). It fits nothing before the end.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};

use crate::features::Features;
use crate::model::card::Taught;
use crate::model::categories::{self, Categories};
use crate::verdict::{Category, Label};

use crate::learn::train::categories::category_of;
use crate::learn::train::corpus::Example;
use crate::learn::train::feature_counts::Tables;
use crate::learn::train::fit::{Material, TrainConfig, TrainError, Trained, train_on};
use crate::learn::train::rows::{self, Keys, Kinds, Prepared, Progress, RowMeta};
use crate::learn::train::sample::{Row, Sample};

/// Which comments of an input are counted here: those of one shard of so many. Near-duplicates meet
/// in one shard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Shard {
    /// Counted from 1.
    number: u32,
    of: u32,
}

impl Shard {
    /// All comments.
    pub const WHOLE: Self = Self { number: 1, of: 1 };

    /// One of so many; `None` unless `1 <= number <= of`.
    pub fn of(number: u32, of: u32) -> Option<Self> {
        (1..=of).contains(&number).then_some(Self { number, of })
    }

    /// Its number, counted from 1, and how many there are.
    pub fn parts(self) -> (u32, u32) {
        (self.number, self.of)
    }

    fn holds(self, skeleton: u64) -> bool {
        // The upper half: the lower bits choose folds.
        (skeleton >> 32) as u32 % self.of == self.number - 1
    }
}

/// What was counted so far.
#[derive(Debug)]
pub struct Accumulated {
    pub(crate) shard: Shard,
    pub(crate) tables: Tables,
    pub(crate) kinds: Kinds,
    pub(crate) sample: Vec<Row>,
    pub(crate) named: BTreeMap<(usize, Category, u64), categories::Row>,
    pub(crate) taught: Vec<Taught>,
    /// Number of labelled comments read, counted or not, and a sum over their texts. All parts of
    /// one input have the same two.
    pub(crate) input: Input,
}

/// What identifies an input.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Input {
    pub(crate) comments: u64,
    pub(crate) sum: u64,
}

/// Counts examples.
#[derive(Debug)]
pub struct Accumulator {
    accumulated: Accumulated,
    sample: Sample,
    seen: HashSet<(u64, Label)>,
    seen_texts: HashSet<(u64, Label)>,
    seen_named: HashSet<(u64, Category)>,
    kinds: Vec<Kinds>,
    at: usize,
}

/// One example, read.
struct Read {
    row: Prepared,
    named: Option<(Category, categories::Row)>,
}

/// Number of comments that all cores read together: enough to keep the cores busy, and few enough
/// to need little memory.
pub const BATCH: usize = 4_096;

impl Accumulator {
    /// Nothing counted yet.
    pub fn new(shard: Shard, config: &TrainConfig) -> Self {
        Self {
            accumulated: Accumulated::empty(shard),
            sample: Sample::new(config.most_rows),
            seen: HashSet::new(),
            seen_texts: HashSet::new(),
            seen_named: HashSet::new(),
            kinds: Kinds::for_each_core(),
            at: 0,
        }
    }

    /// A further source, with its licence as far as stated; returns its number.
    pub fn source(&mut self, name: &str, licence: &str) -> usize {
        self.accumulated.taught.push(Taught {
            name: name.to_owned(),
            licence: licence.to_owned(),
            spam: 0,
            ham: 0,
        });
        self.accumulated.taught.len() - 1
    }

    /// Reads a batch on all cores and counts it, in its order.
    pub fn take(&mut self, batch: &[(Example, RowMeta)]) {
        let shard = self.accumulated.shard;
        let read = rows::on_all_cores(batch, &mut self.kinds, |_, (example, meta), kinds| {
            let label = example.label?;
            let reading = crate::text::read(&example.comment.text);
            let keys = Keys::of(example, &reading);
            let skeleton = keys.skeleton;
            if !shard.holds(skeleton) {
                return Some((skeleton, label, None));
            }
            let features = Features::of_reading(&example.comment, &reading);
            let named = category_of(example)
                .map(|category| (category, categories::Row::of(&features, category)));
            let row = Prepared::of(&features, label, keys, *meta, kinds);
            Some((skeleton, label, Some(Read { row, named })))
        });
        for (skeleton, label, read) in read.into_iter().flatten() {
            let at = self.at;
            self.at += 1;
            let input = &mut self.accumulated.input;
            input.comments += 1;
            // Turned by its place: the same rows in another order are another input.
            input.sum = input.sum.wrapping_add(
                crate::learn::train::sample::place_of(skeleton, label).rotate_left(at as u32 % 64),
            );
            let Some(Read { mut row, named }) = read else {
                continue;
            };
            let taught = &mut self.accumulated.taught[row.source];
            match label {
                Label::Spam => taught.spam += 1,
                Label::Ham => taught.ham += 1,
            }
            if let Some((category, named)) = named
                && self.seen_named.insert((skeleton, category))
            {
                self.accumulated
                    .named
                    .insert((at, category, skeleton), named);
            }
            // A row counts once for each text and signature; the same text under another signature
            // counts for its signature alone.
            if row.weight > 0.0 && self.seen.insert((row.likeness, label)) {
                row.is_copy = !self.seen_texts.insert((skeleton, label));
                self.accumulated.tables.add(&row);
                self.sample.offer(Row { at, row });
            }
        }
    }

    /// What was counted.
    pub fn done(self) -> Accumulated {
        Accumulated {
            sample: self.sample.into_rows(),
            kinds: Kinds::sum(self.kinds),
            ..self.accumulated
        }
    }
}

impl Accumulated {
    pub(crate) fn empty(shard: Shard) -> Self {
        Self {
            shard,
            tables: Tables::default(),
            kinds: Kinds::default(),
            sample: Vec::new(),
            named: BTreeMap::new(),
            taught: Vec::new(),
            input: Input::default(),
        }
    }

    /// Comments counted, near-duplicates once.
    pub fn comments(&self) -> u32 {
        self.tables.comments().total()
    }

    /// Rows that weights are fitted on.
    pub fn sampled(&self) -> usize {
        self.sample.len()
    }

    /// Trains a candidate, kinds of spam and all.
    ///
    /// # Errors
    ///
    /// If what was accumulated holds no spam or no ham.
    pub fn train(
        &self,
        config: &TrainConfig,
        progress: Progress<'_>,
    ) -> Result<Trained, TrainError> {
        let material = Material {
            tables: Cow::Borrowed(&self.tables),
            rows: self.sample.iter().map(|row| &row.row).collect(),
            kinds: &self.kinds,
            taught: self.taught.clone(),
        };
        let mut trained = train_on(material, config, progress)?;
        trained.model.categories = self.categories(&[]);
        Ok(trained)
    }

    /// The model of spam categories from the rows counted here and some more.
    pub fn categories(&self, more: &[categories::Row]) -> Option<Categories> {
        let rows: Vec<categories::Row> = self.named.values().chain(more).cloned().collect();
        Categories::fit(&rows)
    }
}
