//! The end of every training: what was counted in, a model folder with its card and a report out.
//! Never two trainings at a time in one folder.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use super::plain;
use super::progress::Steps;
use crate::learn::evaluate::report;
use crate::learn::metrics::figures::Report;
use crate::learn::train::accumulator::Accumulated;
use crate::learn::train::fit::{TrainConfig, Trained};

/// Held while a training writes into a folder; let go when dropped, also by a crash.
pub(super) struct Lock {
    folder: PathBuf,
    is_new: bool,
    _held: File,
}

const LOCK_FILE: &str = ".training";

impl Drop for Lock {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(self.folder.join(LOCK_FILE));
        // A training that failed leaves no folder behind; one that holds something stays.
        if self.is_new {
            let _ = std::fs::remove_dir(&self.folder);
        }
    }
}

/// Makes the folder and keeps others out of it.
///
/// # Errors
/// Another training has the folder, or it cannot be written.
pub(super) fn lock(folder: &Path) -> anyhow::Result<Lock> {
    let cannot = || format!("cannot write into {}", folder.display());
    let is_new = !folder.exists();
    std::fs::create_dir_all(folder).with_context(cannot)?;
    let held = File::create(folder.join(LOCK_FILE)).with_context(cannot)?;
    match held.try_lock() {
        Ok(()) => Ok(Lock {
            folder: folder.to_owned(),
            is_new,
            _held: held,
        }),
        Err(TryLockError::WouldBlock) => bail!(
            "another training writes into {}: wait for it, or say another --out",
            folder.display()
        ),
        Err(TryLockError::Error(error)) => Err(error).with_context(cannot),
    }
}

/// Trains, saves, reports.
///
/// # Errors
/// The comments make no model, or the folder cannot be written.
pub(super) fn finish(
    tally: &Accumulated,
    recipe: &TrainConfig,
    out: &Path,
    steps: &Steps,
) -> anyhow::Result<()> {
    let trained = tally.train(recipe, &|step, done, all| steps.show(step, done, all))?;
    write(trained, out, steps)?;
    if tally.sampled() < tally.comments() as usize {
        eprintln!(
            "counted {} comments; weights, calibration and cutoffs are fitted on a sample of {}",
            tally.comments(),
            tally.sampled()
        );
    }
    Ok(())
}

/// Saves a candidate and its report.
///
/// # Errors
/// The folder cannot be written.
pub(super) fn write(mut trained: Trained, out: &Path, steps: &Steps) -> anyhow::Result<()> {
    steps.clear();
    trained.model.save(out)?;
    let card = &trained.model.card;
    let found = Report::of(
        "comments left out of each part of the training",
        &card.id,
        &trained.left_out,
    );
    let folder = out.join("report");
    report::write_html(&found, &trained.left_out, &folder)
        .with_context(|| format!("cannot write the report into {}", folder.display()))?;
    eprint!("{}", plain::known(&found)?);
    println!(
        "{}  {} spam, {} ham, {} features -> {}",
        card.id,
        card.spam,
        card.ham,
        card.features,
        plain::path(out)
    );
    if let Some(categories) = &trained.model.categories {
        let names: Vec<&str> = categories.classes().iter().map(|c| c.as_str()).collect();
        eprintln!("categories: {}", names.join(", "));
    }
    Ok(())
}
