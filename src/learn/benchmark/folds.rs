//! All training rows in, one model for each of five folds of whole blogs out, trained on everything
//! except the fold. A blog is never split between folds.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::learn::benchmark::error::TaskError;
use crate::learn::benchmark::left_out_blogs::LeftOutBlogs;
use crate::learn::benchmark::parallel::in_parallel;
use crate::learn::benchmark::setting::Setting;
use crate::learn::train::fit;
use crate::model::Model;

/// Folds of whole blogs.
pub(super) const FOLDS: usize = 5;

/// Corpora whose groups are blogs.
pub(super) const QUEUES: [&str; 2] = ["blog_queues", "wp_comments"];

/// The models of all folds, trained once for all tasks of a run.
pub(super) fn left_out_blogs<'a>(setting: &'a Setting<'_>) -> Result<&'a LeftOutBlogs, TaskError> {
    if let Some(folds) = setting.shared.folds.get() {
        return Ok(folds);
    }
    let trained = train_all(setting)?;
    Ok(setting.shared.folds.get_or_init(|| trained))
}

fn train_all(setting: &Setting<'_>) -> Result<LeftOutBlogs, TaskError> {
    let mut sizes: BTreeMap<String, usize> = BTreeMap::new();
    for name in QUEUES {
        for row in setting.read(name)? {
            if row.label.is_some() {
                *sizes.entry(row.group.unwrap_or_default()).or_default() += 1;
            }
        }
    }
    let count = if setting.one_by_one {
        sizes.len()
    } else {
        FOLDS
    };
    let fold_of = in_folds(&sizes, count);
    let (training, rows, kinds) = setting.shipped_examples()?;
    let queues: Vec<bool> = training
        .taught
        .iter()
        .map(|taught| QUEUES.contains(&taught.corpus()))
        .collect();
    // Rows and examples stand side by side: they hold labelled examples alone.
    let folds: Vec<Option<usize>> = training
        .examples
        .iter()
        .zip(&training.sources)
        .map(|(row, &source)| {
            let blog = row.group.as_deref().unwrap_or("");
            queues[source].then(|| fold_of.get(blog).copied()).flatten()
        })
        .collect();
    drop(training);
    let done = AtomicUsize::new(0);
    (setting.progress)("models without a fold of blogs", 0, count);
    let trained = in_parallel(count, |fold| {
        let part = rows.iter().zip(&folds);
        let part = part.filter(|(_, of)| **of != Some(fold));
        let part = part.map(|(row, _)| row);
        let trained = fit::train(part, &kinds, &setting.config, Vec::new(), &|_, _, _| ());
        let so_far = done.fetch_add(1, Ordering::Relaxed) + 1;
        (setting.progress)("models without a fold of blogs", so_far, count);
        trained.map(|trained| trained.model)
    });
    let models = trained.into_iter().collect::<Result<Vec<Model>, _>>()?;
    Ok(LeftOutBlogs { fold_of, models })
}

/// Puts whole groups into folds of nearly the same size: the largest first, each into the smallest
/// fold so far; the hash of the name decides between equals, so that the order of a file does not
/// matter.
fn in_folds(sizes: &BTreeMap<String, usize>, folds: usize) -> BTreeMap<String, usize> {
    let mut groups: Vec<(&String, usize)> = sizes.iter().map(|(name, &n)| (name, n)).collect();
    groups.sort_by_key(|(name, n)| {
        let hash = rapidhash::v3::rapidhash_v3(name.as_bytes());
        (std::cmp::Reverse(*n), hash)
    });
    let mut filled = vec![0; folds];
    let mut fold_of = BTreeMap::new();
    for (name, n) in groups {
        let smallest = (0..folds).min_by_key(|&fold| filled[fold]).unwrap_or(0);
        filled[smallest] += n;
        fold_of.insert(name.clone(), smallest);
    }
    fold_of
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folds_hold_whole_groups_and_are_of_one_size() {
        let sizes: BTreeMap<String, usize> = (1..=60)
            .map(|n| (format!("blog {n}"), 300 / n + 50))
            .collect();
        let fold_of = in_folds(&sizes, 5);
        assert_eq!(fold_of, in_folds(&sizes, 5));
        let filled = (0..5).map(|fold| {
            let names = sizes.iter().filter(|(name, _)| fold_of[*name] == fold);
            names.map(|(_, n)| n).sum::<usize>()
        });
        let filled: Vec<usize> = filled.collect();
        let (least, most) = (filled.iter().min(), filled.iter().max());
        assert_eq!(filled.iter().sum::<usize>(), sizes.values().sum::<usize>());
        assert!(
            least
                .zip(most)
                .is_some_and(|(least, most)| most - least < 60),
            "{filled:?}"
        );
    }
}
