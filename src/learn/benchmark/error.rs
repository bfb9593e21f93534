//! Failures of corpora, catalogue and training in, one error for all tasks out. It handles none of
//! them.

use crate::learn::benchmark::task_list::names;
use crate::learn::train::catalogue::CatalogueError;
use crate::learn::train::corpus::CorpusError;
use crate::learn::train::fit::TrainError;

/// Why a task cannot be run.
#[derive(Debug, thiserror::Error)]
pub enum TaskError {
    /// Its corpus is missing or broken.
    #[error(transparent)]
    Corpus(#[from] CorpusError),
    /// The catalogue is missing or broken.
    #[error(transparent)]
    Catalogue(#[from] CatalogueError),
    /// Its corpus teaches nothing.
    #[error(transparent)]
    Train(#[from] TrainError),
    /// There is no such task.
    #[error("there is no task {0:?}; the tasks are {names}", names = names().collect::<Vec<_>>().join(", "))]
    Unknown(String),
}
