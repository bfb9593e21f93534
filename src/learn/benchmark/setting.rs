//! Folders, a model and a training configuration in, what every task reads and trains out. It runs
//! no task.

use std::path::PathBuf;
use std::sync::OnceLock;

use crate::learn::benchmark::error::TaskError;
use crate::learn::benchmark::left_out_blogs::LeftOutBlogs;
use crate::learn::train::catalogue::{HeldOut, TrainingExamples};
use crate::learn::train::corpus::{self, BadLines, CorpusError, Example};
use crate::learn::train::fit::{self, Progress, RowMeta, TrainConfig, TrainError};
use crate::learn::train::rows::{Kinds, Prepared};
use crate::model::Model;

/// What a task needs.
pub struct Setting<'a> {
    /// Folder of the public corpora.
    pub corpora: PathBuf,
    /// Folder of our own training comments and of the catalogue.
    pub training_data: PathBuf,
    /// The model that the tasks on a shipped model judge.
    pub model: Model,
    /// How models are trained.
    pub config: TrainConfig,
    /// Whether blogs are left out one by one, and not in folds of many: ten times as long.
    pub one_by_one: bool,
    /// File of cases from public reports; beside the folder of the corpora if it is not named.
    pub cases: Option<PathBuf>,
    /// Called with how far a long run is.
    pub progress: Progress<'a>,
    /// Called with what is more than figures: tables.
    pub tell: &'a (dyn Fn(&str) + Sync),
    /// Called with pictures: a name without ending, and SVG.
    pub draw: &'a (dyn Fn(&str, &str) + Sync),
    /// Models that more than one task needs, trained once.
    pub shared: Shared,
}

/// Models that more than one task needs.
#[derive(Default)]
pub struct Shared {
    pub(super) folds: OnceLock<LeftOutBlogs>,
}

impl Setting<'_> {
    /// All rows of a corpus of the corpora folder; `name` is the file name without its ending.
    ///
    /// # Errors
    ///
    /// If the file is missing, is no gzip, or has a line that is no example.
    pub(super) fn read(&self, name: &str) -> Result<Vec<Example>, CorpusError> {
        corpus::read_all(
            &self.corpora.join(format!("{name}.jsonl.gz")),
            BadLines::Refuse,
        )
    }

    /// All that the shipped model learns from: the examples, and one prepared row for each, in the
    /// same order.
    ///
    /// # Errors
    ///
    /// If the catalogue or one of its corpora is missing or broken.
    pub(super) fn shipped_examples(
        &self,
    ) -> Result<(TrainingExamples, Vec<Prepared>, Kinds), TaskError> {
        let mut training = TrainingExamples::gather(
            &self.training_data,
            Some(&self.corpora),
            HeldOut::LeaveOut,
            self.config.seed,
        )?;
        if self.config.dress {
            training.dress(self.config.seed);
        }
        let meta_of = |at| training.meta(at);
        let (rows, kinds) = fit::prepare(&training.examples, meta_of, self.progress);
        Ok((training, rows, kinds))
    }

    /// A model of these examples alone.
    ///
    /// # Errors
    ///
    /// If the examples hold no spam or no ham.
    pub fn train(&self, examples: &[Example]) -> Result<Model, TrainError> {
        let (rows, kinds) = fit::prepare(examples, |_| RowMeta::default(), self.progress);
        fit::train(&rows, &kinds, &self.config, Vec::new(), self.progress)
            .map(|trained| trained.model)
    }
}
