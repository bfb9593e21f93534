//! Labelled examples in, the model of spam categories out, and its results on rows left out. It
//! never says whether a comment is spam.

use std::collections::{BTreeMap, HashSet};

use crate::features::Features;
use crate::model::categories::{Categories, Row};
use crate::verdict::{Category, Label};

use crate::learn::train::corpus::Example;

/// The category that a person gave a spam comment. A kind with any other name is `Other`, and ham
/// has none.
pub fn category_of(example: &Example) -> Option<Category> {
    let kind = example.kind.as_deref()?;
    (example.label == Some(Label::Spam)).then(|| kind.parse().unwrap_or(Category::Other))
}

/// A spam comment of known kind, read.
struct Read {
    features: Features,
    category: Category,
    skeleton: u64,
    /// Its place among the examples.
    at: usize,
}

fn read(examples: &[Example]) -> Vec<Read> {
    let named = examples.iter().enumerate();
    named
        .filter_map(|(at, example)| {
            Some(Read {
                category: category_of(example)?,
                features: Features::of(&example.comment),
                skeleton: example.skeleton(),
                at,
            })
        })
        .collect()
}

fn fit_read<'a>(rows: impl Iterator<Item = &'a Read>) -> Option<Categories> {
    let mut seen = HashSet::new();
    let rows: Vec<Row> = rows
        .filter(|row| seen.insert((row.skeleton, row.category)))
        .map(|row| Row::of(&row.features, row.category))
        .collect();
    Categories::fit(&rows)
}

/// Learns from the spam whose kind is stated, near-duplicates once; `None` if too little is.
pub fn fit(examples: &[Example]) -> Option<Categories> {
    fit_read(read(examples).iter())
}

/// One comment of known kind, judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Named {
    /// The category that a person gave.
    pub truth: Category,
    /// The most likely category, however unlikely.
    pub nearest: Option<Category>,
    /// The category that a check would name.
    pub said: Option<Category>,
}

impl Named {
    /// Judges an example; `None` if nobody named its kind.
    pub fn of(categories: &Categories, example: &Example) -> Option<Self> {
        let truth = category_of(example)?;
        Some(Self::judge(
            categories,
            &Features::of(&example.comment),
            truth,
        ))
    }

    fn judge(categories: &Categories, features: &Features, truth: Category) -> Self {
        Self {
            truth,
            nearest: categories.nearest(features),
            said: categories.of(features).map(|found| found.category),
        }
    }

    /// An example about which nothing can be said.
    pub fn unknown(example: &Example) -> Option<Self> {
        category_of(example).map(|truth| Self {
            truth,
            nearest: None,
            said: None,
        })
    }
}

/// How well kinds are told apart.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Figures {
    /// Share of comments whose nearest category is the true one.
    pub accuracy: f64,
    /// Mean F1 of the categories that occur.
    pub macro_f1: f64,
    /// Share of comments about which something is said.
    pub answered: f64,
    /// Share of the answers that are right.
    pub precision: f64,
}

impl Figures {
    /// Figures of judged comments; 0 where there is nothing to divide by.
    pub fn of(named: &[Named]) -> Self {
        let share = |part: usize, of: usize| part as f64 / of.max(1) as f64;
        let count = |that: &dyn Fn(&Named) -> bool| named.iter().filter(|one| that(one)).count();
        let mut f1 = Vec::new();
        for &category in Category::ALL {
            let is = count(&|one| one.truth == category);
            let called = count(&|one| one.nearest == Some(category));
            let both = count(&|one| one.truth == category && one.nearest == Some(category));
            if is > 0 {
                f1.push(share(2 * both, is + called));
            }
        }
        let answered = count(&|one| one.said.is_some());
        Self {
            accuracy: share(count(&|one| one.nearest == Some(one.truth)), named.len()),
            macro_f1: f1.iter().sum::<f64>() / f1.len().max(1) as f64,
            answered: share(answered, named.len()),
            precision: share(count(&|one| one.said == Some(one.truth)), answered),
        }
    }
}

/// Which rows leave the training together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Split {
    /// Near-duplicates.
    Texts,
    /// Rows of one genre, which resemble each other; and near-duplicates.
    Genres,
}

/// Judges every row by what was learnt from the other folds; by fold, each with the place of its
/// row.
pub fn cross_validate(examples: &[Example], split: Split, folds: u64) -> Vec<Vec<(usize, Named)>> {
    let rows = read(examples);
    let mut fold_of: BTreeMap<u64, u64> = BTreeMap::new();
    for row in &rows {
        let example = &examples[row.at];
        let key = match split {
            Split::Texts => row.skeleton,
            Split::Genres => {
                let kind = example.kind.as_deref().unwrap_or("");
                let genre = example.genre.as_deref().unwrap_or("");
                rapidhash::v3::rapidhash_v3(format!("{kind} {genre}").as_bytes())
            }
        };
        fold_of.entry(row.skeleton).or_insert((key >> 7) % folds);
    }
    let judge = |fold: u64| {
        let inside = |row: &&Read| fold_of[&row.skeleton] == fold;
        let Some(categories) = fit_read(rows.iter().filter(|row| !inside(row))) else {
            return Vec::new();
        };
        rows.iter()
            .filter(inside)
            .map(|row| {
                (
                    row.at,
                    Named::judge(&categories, &row.features, row.category),
                )
            })
            .collect()
    };
    (0..folds).map(judge).collect()
}

/// The confusion matrix as a table of counts: a row for each true category, a column for each
/// nearest one.
pub fn confusion(named: &[Named]) -> String {
    let mut table = format!("{:<14}", "");
    for category in Category::ALL {
        table.push_str(&format!("{:>7.6}", category.as_str()));
    }
    for &truth in Category::ALL {
        table.push_str(&format!("\n{:<14}", truth.as_str()));
        for &nearest in Category::ALL {
            let count = named
                .iter()
                .filter(|one| one.truth == truth && one.nearest == Some(nearest))
                .count();
            table.push_str(&format!("{count:>7}"));
        }
    }
    table + "\n"
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::comment::Comment;
    use crate::learn::train::corpus::{BadLines, read_all};

    fn example(label: Label, kind: Option<&str>) -> Example {
        Example {
            comment: Comment::from_text("vay"),
            label: Some(label),
            kind: kind.map(str::to_owned),
            ..Example::default()
        }
    }

    #[test]
    fn only_spam_has_a_category_and_unknown_names_are_other() {
        let of = |label, kind| category_of(&example(label, kind));
        assert_eq!(of(Label::Spam, Some("loans")), Some(Category::Loans));
        assert_eq!(of(Label::Spam, Some("timeshare")), Some(Category::Other));
        assert_eq!(of(Label::Spam, None), None);
        assert_eq!(of(Label::Ham, Some("thanks")), None);
    }

    #[test]
    fn figures_count_what_is_right() {
        use Category::{Loans, Scam, Seo};
        let named = |truth, nearest, said| Named {
            truth,
            nearest: Some(nearest),
            said,
        };
        let found = Figures::of(&[
            named(Loans, Loans, Some(Loans)),
            named(Loans, Scam, None),
            named(Scam, Scam, Some(Scam)),
            named(Seo, Scam, Some(Scam)),
        ]);
        assert_eq!((found.accuracy, found.answered), (0.5, 0.75));
        assert!((found.precision - 2.0 / 3.0).abs() < 1e-9);
        // F1 of loans 2/3, of scam 2/4, of seo 0.
        assert!((found.macro_f1 - (2.0 / 3.0 + 0.5) / 3.0).abs() < 1e-9);
    }

    /// The figures of docs/DECISIONS.md, "A second naive Bayes names the kind of spam"; held-out
    /// rows take no part.
    #[test]
    fn kinds_are_told_apart_on_rows_left_out_of_the_training() {
        let mut rows = Vec::new();
        for lang in ["vi", "en"] {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
                .join("training-data")
                .join(lang);
            let files = std::fs::read_dir(&folder).expect("our comments are here");
            let mut files: Vec<_> = files.map(|file| file.expect("readable").path()).collect();
            files.sort();
            for file in files {
                let examples = read_all(&file, BadLines::Refuse).expect("good lines");
                let kept = examples
                    .into_iter()
                    .filter(|row| category_of(row).is_some() && !row.is_held_out());
                rows.extend(kept.map(|row| (lang, row)));
            }
        }
        let examples: Vec<Example> = rows.iter().map(|(_, row)| row.clone()).collect();
        for (split, floors) in [(Split::Texts, [0.55, 0.53]), (Split::Genres, [0.44, 0.48])] {
            let folds = cross_validate(&examples, split, 5);
            for (lang, floor) in ["vi", "en"].into_iter().zip(floors) {
                let of_lang = |fold: &[(usize, Named)]| -> Vec<Named> {
                    fold.iter()
                        .filter(|(at, _)| rows[*at].0 == lang)
                        .map(|&(_, named)| named)
                        .collect()
                };
                for (at, fold) in folds.iter().enumerate() {
                    let found = Figures::of(&of_lang(fold));
                    println!(
                        "{split:?} {lang} fold {at}: {} rows, {found:.3?}",
                        of_lang(fold).len()
                    );
                }
                let all: Vec<Named> = folds.iter().flat_map(|fold| of_lang(fold)).collect();
                let found = Figures::of(&all);
                println!(
                    "{split:?} {lang}: {} rows, {found:.3?}\n{}",
                    all.len(),
                    confusion(&all)
                );
                assert!(found.accuracy >= floor, "{split:?} {lang}: {found:?}");
                assert!(
                    found.precision > found.accuracy,
                    "{split:?} {lang}: {found:?}"
                );
            }
        }
    }
}
