//! `training-data/corpora.toml`: which public corpora there are, what each may teach, and how its
//! rows are cleaned before they do. In: a folder of corpora and of our own comments. Out: examples
//! with weights. It trains nothing.

mod list;
mod public_corpus;
mod training_examples;

pub(crate) use crate::learn::train::catalogue::list::own_files;
pub use crate::learn::train::catalogue::list::{Catalogue, CatalogueError};
pub use crate::learn::train::catalogue::public_corpus::{Corpus, Field, MadeUp, Teaches};
pub use crate::learn::train::catalogue::training_examples::{HeldOut, TrainingExamples};

#[cfg(test)]
mod tests;
