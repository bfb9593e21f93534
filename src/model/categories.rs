//! Features of a spam comment in, its category out: a naive Bayes of many classes, fitted by
//! linfa-bayes. Pure. It is never asked about ham.
//!
//! A class is judged by its complement (Rennie et al. 2003): the topics of all *other* kinds of
//! spam. A class of a hundred rows has few rows, its complement has many. Words count the same
//! wherever they are: in the text, the name, the address of a link. A Vietnamese word is two
//! syllables, so pairs count there, joined as host names join them. See docs/DECISIONS.md, "A
//! second naive Bayes names the kind of spam".

use std::collections::{BTreeMap, HashMap};
use std::hash::BuildHasherDefault;

use super::complement::fit_language;
use super::counts::SpreadId;
use super::topics::{Group, LANGUAGES, Topic, language_of, topics};
use crate::features::Features;
use crate::verdict::Category;

pub use super::topics::Row;

/// Categories with fewer rows than this are not learnt.
pub const FEWEST_ROWS: usize = 10;

/// An answer is explained by at most this many words.
pub const MOST_CLUES: usize = 3;

/// The factor of scores before they become probabilities is `SHARPNESS / sqrt(n + CALM)` for a
/// comment with `n` topics: topics depend on each other, so their sum is too sure.
const SHARPNESS: f64 = 6.0;
const CALM: f64 = 10.0;

/// No category is named unless its probability is this far above chance (docs/DECISIONS.md, "A kind
/// of spam is a hint and never changes a verdict").
const ABOVE_CHANCE: f64 = 0.26;

/// A weight of 1 is kept as this many steps.
const STEPS: f64 = 512.0;

/// The evidence that tells one category of spam from another.
#[derive(Debug, Clone, PartialEq)]
pub struct Categories {
    pub(super) classes: Vec<Category>,
    /// Added for each known topic: one number for each class, by language.
    pub(super) base: [Vec<f32>; LANGUAGES],
    /// Where the evidence of a topic lies in `evidence`: its start and its length.
    pub(super) topics: HashMap<u32, (u32, u8), BuildHasherDefault<SpreadId>>,
    pub(super) evidence: Vec<Evidence>,
}

/// The evidence of one topic for one class that has it, by language, in steps ([`STEPS`] are 1).
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Evidence {
    pub(super) class: u8,
    pub(super) weight: [i16; LANGUAGES],
}

/// A category and why.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// The category.
    pub category: Category,
    /// Its probability, 0 to 1.
    pub probability: f64,
    /// Words of the comment that speak for it, strongest first, at most `MOST_CLUES`.
    pub clues: Vec<String>,
}

impl Categories {
    /// Learns from rows; `None` unless there are two categories with `FEWEST_ROWS` each.
    pub fn fit(rows: &[Row]) -> Option<Self> {
        let mut sizes: BTreeMap<Category, usize> = BTreeMap::new();
        for row in rows {
            *sizes.entry(row.category).or_default() += 1;
        }
        sizes.retain(|_, &mut size| size >= FEWEST_ROWS);
        let classes: Vec<Category> = sizes.into_keys().collect();
        if classes.len() < 2 {
            return None;
        }
        let mut columns: BTreeMap<u32, usize> = BTreeMap::new();
        let rows: Vec<(&Row, usize)> = rows
            .iter()
            .filter_map(|row| Some((row, classes.binary_search(&row.category).ok()?)))
            .collect();
        for (row, _) in &rows {
            columns.extend(row.topics.iter().map(|&id| (id, 0)));
        }
        for (at, column) in columns.values_mut().enumerate() {
            *column = at;
        }
        let parts = [0, 1].map(|language| fit_language(&rows, &columns, classes.len(), language));
        let mut found = Self {
            base: [0, 1].map(|language| parts[language].1.clone()),
            topics: HashMap::default(),
            evidence: Vec::new(),
            classes,
        };
        for (&id, &column) in &columns {
            let start = found.evidence.len();
            for class in 0..found.classes.len() {
                let weight = [0, 1].map(|language| parts[language].0[[class, column]]);
                if weight.iter().any(|&weight| weight > 0.0) {
                    found.evidence.push(Evidence {
                        class: class as u8,
                        weight: weight.map(|weight| (weight * STEPS).round() as i16),
                    });
                }
            }
            let size = found.evidence.len() - start;
            found.topics.insert(id, (start as u32, size as u8));
        }
        Some(found)
    }

    /// The categories it knows.
    pub fn classes(&self) -> &[Category] {
        &self.classes
    }

    /// The category of a spam comment; `None` where none is likely enough.
    pub fn of(&self, features: &Features) -> Option<Found> {
        let topics = topics(features);
        let sure = ABOVE_CHANCE + 1.0 / self.classes.len() as f64;
        let (class, probability) = self
            .best(features, &topics)
            .filter(|&(_, probability)| probability >= sure)?;
        Some(Found {
            category: self.classes[class],
            probability,
            clues: self.clues(features, &topics, class),
        })
    }

    /// The category that fits best, however badly; `None` if no topic is known. For measuring.
    pub fn nearest(&self, features: &Features) -> Option<Category> {
        self.best(features, &topics(features))
            .map(|(class, _)| self.classes[class])
    }

    fn best(&self, features: &Features, topics: &[Topic]) -> Option<(usize, f64)> {
        let language = language_of(features);
        let scores = self.scores(topics, language)?;
        let sharpness = SHARPNESS / (topics.len() as f64 + CALM).sqrt();
        let (best, most) = scores
            .iter()
            .copied()
            .enumerate()
            .max_by(|a, b| a.1.total_cmp(&b.1))?;
        let all: f64 = scores
            .iter()
            .map(|score| ((score - most) * sharpness).exp())
            .sum();
        Some((best, 1.0 / all))
    }

    /// Log-likelihoods up to a constant, by class; `None` if no topic is known.
    fn scores(&self, topics: &[Topic], language: usize) -> Option<Vec<f64>> {
        let mut sums = vec![0_i32; self.classes.len()];
        let mut known = 0_u32;
        for topic in topics {
            if let Some(evidence) = self.evidence_of(topic.id) {
                known += 1;
                for one in evidence {
                    sums[usize::from(one.class)] += i32::from(one.weight[language]);
                }
            }
        }
        let base = &self.base[language];
        (known > 0).then(|| {
            sums.iter()
                .zip(base)
                .map(|(&sum, &base)| f64::from(sum) / STEPS + f64::from(base) * f64::from(known))
                .collect()
        })
    }

    pub(super) fn evidence_of(&self, topic: u32) -> Option<&[Evidence]> {
        let &(start, size) = self.topics.get(&topic)?;
        self.evidence
            .get(start as usize..start as usize + usize::from(size))
    }

    fn clues(&self, features: &Features, topics: &[Topic], class: usize) -> Vec<String> {
        let language = language_of(features);
        let mut clues: Vec<(f64, &str)> = topics
            .iter()
            .filter(|topic| topic.group == Group::Words)
            .filter_map(|topic| {
                let weight = |one: &Evidence| f64::from(one.weight[language]);
                let evidence = self.evidence_of(topic.id)?;
                let own = evidence
                    .iter()
                    .find(|one| usize::from(one.class) == class)?;
                let mean = evidence.iter().map(weight).sum::<f64>() / self.classes.len() as f64;
                let text = features.text_of(&features.items[topic.at]);
                Some((weight(own) - mean, text))
            })
            .filter(|&(weight, _)| weight > 0.0)
            .collect();
        // Of equal weights the longer text comes first: it contains the shorter ones.
        let rank = |(weight, text): &(f64, &str)| (*weight, text.len());
        clues.sort_by(|a, b| {
            let (a, b) = (rank(a), rank(b));
            b.0.total_cmp(&a.0).then(b.1.cmp(&a.1))
        });
        let mut shown: Vec<String> = Vec::with_capacity(MOST_CLUES);
        for (_, text) in clues {
            // `vay tien` says all that `vay` and `tien` say.
            if shown.len() < MOST_CLUES
                && !shown
                    .iter()
                    .any(|s| s.contains(text) || text.contains(s.as_str()))
            {
                shown.push(text.to_owned());
            }
        }
        shown
    }
}

#[cfg(test)]
mod tests {
    use super::super::bayes;
    use super::super::complement::{ALPHA, OTHER_LANGUAGE};
    use super::*;
    use crate::comment::Comment;
    use crate::model::Model;
    use ndarray::Array2;

    const TEXTS: [(Category, &str); 3] = [
        (Category::Loans, "vay tiền nhanh giải ngân trong ngày"),
        (Category::Gambling, "nhà cái nổ hũ tài xỉu"),
        (Category::Gibberish, "qwpd zmxn"),
    ];

    fn features(text: &str) -> Features {
        Features::of(&Comment::from_text(text))
    }

    fn rows(of_each: usize) -> Vec<Row> {
        (0..of_each)
            .flat_map(|n| {
                TEXTS
                    .map(|(category, text)| Row::of(&features(&format!("{text} số {n}")), category))
            })
            .collect()
    }

    #[test]
    fn kinds_with_few_rows_are_left_out_and_one_kind_is_none() {
        assert_eq!(Categories::fit(&rows(FEWEST_ROWS - 1)), None);
        let mut some = rows(FEWEST_ROWS - 1);
        some.extend(
            rows(1)
                .into_iter()
                .filter(|row| row.category != Category::Gibberish),
        );
        let found = Categories::fit(&some).expect("two kinds are left");
        assert_eq!(found.classes(), [Category::Gambling, Category::Loans]);
        some.retain(|row| row.category == Category::Loans);
        assert_eq!(Categories::fit(&some), None);
    }

    #[test]
    fn marks_teencode_places_and_order_do_not_matter() {
        let categories = Categories::fit(&rows(20)).expect("three kinds");
        let of = |comment: &Comment| {
            let found = categories.of(&Features::of(comment));
            found.map(|found| found.category)
        };
        for text in [
            "vay tien nhanh",
            "V.a.y t.i.ề.n giải ngân",
            "giải ngân, vay nhanh nhé",
        ] {
            assert_eq!(
                of(&Comment::from_text(text)),
                Some(Category::Loans),
                "{text}"
            );
        }
        let mut praise = Comment::from_text("cảm ơn bạn");
        assert_eq!(of(&praise), None);
        praise.author.name = Some("Vay Tiền Nhanh".into());
        assert_eq!(of(&praise), Some(Category::Loans));
        praise.author.name = None;
        praise.author.url = Some("https://vaytien-giaingan.example".into());
        assert_eq!(of(&praise), Some(Category::Loans));
    }

    #[test]
    fn what_nobody_taught_has_no_category() {
        let categories = Categories::fit(&rows(20)).expect("three kinds");
        for text in ["", "!!!", "hôm qua trời mưa to"] {
            assert_eq!(categories.of(&features(text)), None, "{text:?}");
        }
    }

    #[test]
    fn clues_are_words_of_the_comment() {
        let categories = Categories::fit(&rows(20)).expect("three kinds");
        let found = categories
            .of(&features("ai cần vay tiền không"))
            .expect("loans");
        assert!(found.clues.contains(&"vay tien".to_owned()), "{found:?}");
        assert!((1..=MOST_CLUES).contains(&found.clues.len()), "{found:?}");
    }

    /// Every weight beside linfa's own: the sparse score is its complement score, up to a constant
    /// and rounding.
    #[test]
    fn the_sparse_score_is_linfas() {
        let rows = rows(12);
        let categories = Categories::fit(&rows).expect("three kinds");
        let comment = features("vay tiền ở nhà cái, tài xỉu zmxn số 3");
        let topics = topics(&comment);
        let language = language_of(&comment);
        let scores = categories.scores(&topics, language).expect("known");
        let mut columns: BTreeMap<u32, usize> = rows
            .iter()
            .flat_map(|row| row.topics.iter().map(|&id| (id, 0)))
            .collect();
        columns
            .values_mut()
            .enumerate()
            .for_each(|(at, column)| *column = at);
        let mut counts = Array2::<f64>::zeros((3, columns.len()));
        for row in &rows {
            let class = categories
                .classes
                .binary_search(&row.category)
                .expect("known");
            // All rows but the gibberish are Vietnamese, and all kinds have as many: balancing
            // changes only what the language does.
            let weight = if row.language == language {
                1.0
            } else {
                OTHER_LANGUAGE
            };
            row.topics
                .iter()
                .for_each(|id| counts[[class, columns[id]]] += weight);
        }
        let size = |class: usize| {
            rows.iter()
                .filter(|row| categories.classes[class] == row.category)
                .map(|row| {
                    if row.language == language {
                        1.0
                    } else {
                        OTHER_LANGUAGE
                    }
                })
                .sum::<f64>()
                .sqrt()
        };
        let mean = (size(0) + size(1) + size(2)) / 3.0;
        for class in 0..3 {
            counts
                .row_mut(class)
                .mapv_inplace(|n| n * mean / size(class));
        }
        let total = counts.sum_axis(ndarray::Axis(0));
        let fitted = bayes::fit_classes(&total - &counts, ALPHA);
        let theirs = |class: usize| {
            topics
                .iter()
                .filter_map(|topic| columns.get(&topic.id))
                .map(|&column| -fitted[class][column])
                .sum::<f64>()
        };
        for class in 1..3 {
            let (ours, theirs) = (scores[class] - scores[0], theirs(class) - theirs(0));
            let rounding = topics.len() as f64 / STEPS;
            assert!(
                (ours - theirs).abs() < rounding,
                "{class}: {ours} and {theirs}"
            );
        }
    }

    #[test]
    fn what_is_packed_comes_back_and_what_does_not_fit_is_refused() {
        let categories = Categories::fit(&rows(12)).expect("three kinds");
        assert_eq!(
            Categories::unpack(categories.pack()).as_ref(),
            Ok(&categories)
        );
        let mut packed = categories.pack();
        packed.evidence[0] = 3;
        assert!(Categories::unpack(packed).is_err());
        let mut packed = categories.pack();
        packed.weights[1].pop();
        assert!(Categories::unpack(packed).is_err());
    }

    #[test]
    fn the_shipped_ones_are_small_in_memory() {
        let shipped = Model::shipped();
        let categories = shipped.categories.expect("the shipped model has them");
        let slot = size_of::<(u32, (u32, u8))>() + 1;
        let bytes = categories.topics.capacity() * 8 / 7 * slot
            + categories.evidence.capacity() * size_of::<Evidence>();
        println!("{} topics, {bytes} bytes", categories.topics.len());
        assert!((10_000..2_000_000).contains(&bytes), "{bytes} bytes");
    }
}
