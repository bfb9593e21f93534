//! The path of `corpora.toml`, or of a folder of our own comments, in; which corpora and files
//! there are out. It opens no corpus.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::learn::train::catalogue::public_corpus::{Corpus, Teaches};
use crate::learn::train::corpus::CorpusError;

/// All corpora known to the project.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Catalogue {
    corpus: Vec<Corpus>,
}

/// Why examples cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum CatalogueError {
    /// The catalogue cannot be read.
    #[error("cannot read {path}: {why}")]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// A corpus cannot be read.
    #[error(transparent)]
    Corpus(#[from] CorpusError),
}

impl Catalogue {
    /// Reads `corpora.toml`.
    ///
    /// # Errors
    ///
    /// If the file cannot be read or is no catalogue.
    pub fn read(path: &Path) -> Result<Self, CatalogueError> {
        let unreadable = |why: String| CatalogueError::Unreadable {
            path: path.to_owned(),
            why,
        };
        let text = std::fs::read_to_string(path).map_err(|e| unreadable(e.to_string()))?;
        toml::from_str(&text).map_err(|e| unreadable(e.to_string()))
    }

    /// The corpora that may enter the shipped model.
    pub fn shipping(&self) -> impl Iterator<Item = &Corpus> {
        self.corpus
            .iter()
            .filter(|c| c.ships && c.teaches != Teaches::Nothing)
    }

    /// A corpus by name.
    pub fn corpus(&self, name: &str) -> Option<&Corpus> {
        self.corpus.iter().find(|c| c.name == name)
    }
}

/// The `.jsonl` files below a folder, in order of name.
///
/// # Errors
///
/// If the folder or one below it cannot be read.
pub(crate) fn own_files(training_data: &Path) -> Result<Vec<PathBuf>, CatalogueError> {
    let unreadable = |path: &Path, e: std::io::Error| CatalogueError::Unreadable {
        path: path.to_owned(),
        why: e.to_string(),
    };
    let mut files = Vec::new();
    let mut folders = vec![training_data.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).map_err(|e| unreadable(&folder, e))? {
            let path = entry.map_err(|e| unreadable(&folder, e))?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "jsonl") {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}
