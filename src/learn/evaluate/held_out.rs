//! The folder of our own training comments and of the public corpora (where there is one) in, their
//! held-out fifth out (`Example::is_held_out`), cleaned like the training set. No model is ever
//! trained on these rows.

use std::path::Path;

use crate::learn::train::catalogue::{Catalogue, CatalogueError, own_files};
use crate::learn::train::corpus::{self, BadLines, Example};

/// The held-out rows of our own comments, and of those corpora that may enter a model.
///
/// # Errors
///
/// If the catalogue, or a file of comments that is there, cannot be read.
pub fn held_out(
    training_data: &Path,
    corpora: Option<&Path>,
    seed: u64,
) -> Result<Vec<Example>, CatalogueError> {
    let mut rows = Vec::new();
    for file in own_files(training_data)? {
        rows.extend(corpus::read_all(&file, BadLines::Refuse)?);
    }
    if let Some(folder) = corpora {
        let catalogue = Catalogue::read(&training_data.join("corpora.toml"))?;
        for corpus in catalogue.shipping() {
            if corpus.file(folder).is_file() {
                rows.extend(corpus.examples(folder, seed)?);
            }
        }
    }
    rows.retain(|row| row.label.is_some() && row.is_held_out());
    Ok(rows)
}
