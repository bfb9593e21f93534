//! Our own comments and a folder of corpora in, all examples that teach a model out, with their
//! weights and sources. A corpus that is not in the folder is named and left out.

use std::collections::HashSet;
use std::path::Path;

use crate::learn::train::catalogue::list::{Catalogue, CatalogueError, own_files};
use crate::learn::train::corpus::{self, BadLines, Example};
use crate::learn::train::dress::{Wardrobe, dress};
use crate::learn::train::rows::RowMeta;
use crate::model::card::Taught;
use crate::verdict::Label;

/// What teaches a model.
#[derive(Debug, Default)]
pub struct TrainingExamples {
    /// The examples, labelled.
    pub examples: Vec<Example>,
    /// How much each counts.
    pub weights: Vec<f32>,
    /// Which of `taught` each came from.
    pub sources: Vec<usize>,
    /// How common such comments are in real streams, by source.
    pub prevalence: Vec<f64>,
    /// What came from where.
    pub taught: Vec<Taught>,
    /// Corpora that were not found.
    pub absent: Vec<String>,
}

/// Whether rows that judge models are kept out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeldOut {
    /// They and their near-duplicates are left out, as for everything that ships.
    LeaveOut,
    /// All rows teach: the caller keeps his own test rows elsewhere.
    Keep,
}

impl TrainingExamples {
    /// Our own training comments and, if a folder is given, every public corpus in it that may
    /// ship.
    ///
    /// # Errors
    ///
    /// If the catalogue, or a file of comments that is there, cannot be read.
    pub fn gather(
        training_data: &Path,
        corpora: Option<&Path>,
        held_out: HeldOut,
        seed: u64,
    ) -> Result<Self, CatalogueError> {
        let mut training = Self::default();
        for file in own_files(training_data)? {
            let name = file
                .strip_prefix(training_data)
                .unwrap_or(&file)
                .display()
                .to_string();
            let rows = corpus::read_all(&file, BadLines::Refuse)?;
            training.take(
                &format!("training-data/{name}"),
                "MIT OR Apache-2.0",
                rows,
                OWN_WEIGHT,
                OWN_PREVALENCE,
            );
        }
        if let Some(folder) = corpora {
            let catalogue = Catalogue::read(&training_data.join("corpora.toml"))?;
            for corpus in catalogue.shipping() {
                if corpus.file(folder).is_file() {
                    let rows = corpus.examples(folder, seed)?;
                    for (name, rows) in corpus.sources(rows) {
                        training.take(&name, &corpus.licence, rows, corpus.weight, 1.0);
                    }
                } else {
                    training.absent.push(corpus.name.clone());
                }
            }
        }
        if held_out == HeldOut::LeaveOut {
            training.leave_out_held_out();
        }
        Ok(training)
    }

    /// Adds the rows of one source.
    pub fn take(
        &mut self,
        name: &str,
        licence: &str,
        rows: Vec<Example>,
        weight: f32,
        prevalence: f64,
    ) {
        let source = self.taught.len();
        self.prevalence.push(prevalence);
        self.taught.push(Taught {
            name: name.to_owned(),
            licence: licence.to_owned(),
            spam: 0,
            ham: 0,
        });
        for row in rows {
            self.note(source, row.label, 1);
            if row.label.is_some() {
                self.weights.push(weight);
                self.sources.push(source);
                self.examples.push(row);
            }
        }
    }

    fn note(&mut self, source: usize, label: Option<Label>, by: i32) {
        let taught = &mut self.taught[source];
        match label {
            Some(Label::Spam) => taught.spam = taught.spam.saturating_add_signed(by),
            Some(Label::Ham) => taught.ham = taught.ham.saturating_add_signed(by),
            None => {}
        }
    }

    /// Dresses every row as a blog would send it, so that what a row lacks says nothing.
    pub fn dress(&mut self, draw: u64) {
        for example in &mut self.examples {
            *example = dress(example, Wardrobe::of_group(example.group_key()), draw);
        }
    }

    /// What is known of the example at a place.
    pub fn meta(&self, at: usize) -> RowMeta {
        let source = self.sources[at];
        RowMeta {
            weight: self.weights[at],
            source,
            prevalence: self.prevalence[source],
        }
    }

    /// Takes out rows that judge models, and rows that look the same under the same signature.
    fn leave_out_held_out(&mut self) {
        let judges: HashSet<u64> = self
            .examples
            .iter()
            .filter(|row| row.is_held_out())
            .map(Example::likeness_key)
            .collect();
        let all = std::mem::take(self);
        self.taught = all.taught;
        self.prevalence = all.prevalence;
        self.absent = all.absent;
        for ((row, weight), source) in all.examples.into_iter().zip(all.weights).zip(all.sources) {
            if row.is_held_out() || judges.contains(&row.likeness_key()) {
                self.note(source, row.label, -1);
            } else {
                self.examples.push(row);
                self.weights.push(weight);
                self.sources.push(source);
            }
        }
    }
}

/// Our own comments count more, because they are few, cover what the corpora lack, and have the
/// fields of a real check.
const OWN_WEIGHT: f32 = 4.0;

/// Our own honest comments are chosen to be hard. In a real stream one of them comes with hundreds
/// of plain ones. They must not decide alone where Vietnamese spam begins, because cutoffs are set
/// for the rate of false positives of a real stream.
// At a fifth they alone decided the cutoff of Vietnamese; at a tenth .66 of vi_smishing are caught
// instead of .54 (docs/DECISIONS.md, "Groups of languages have cutoffs of their own").
const OWN_PREVALENCE: f64 = 0.1;
