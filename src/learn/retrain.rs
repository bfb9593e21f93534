//! A model and the lessons of a ledger in, a candidate out: where no corpora are, as with an operator who has the binary alone. Pure.
//!
//! Counts add up. Weights move where the labels and the model disagree, most at features that the model has seen little (`model/adapt.rs`). Bias, calibration
//! and cutoffs stay: some hundred labels of a few sites cannot say where a share of false positives of one in a thousand lies.

use serde::{Deserialize, Serialize};

use super::evaluate::Judged;
use super::experts::Fitted;
use super::lessons::Lessons;
use super::rows::{Kinds, Prepared, Progress};
use super::train::{Trained, figures};
use crate::features::{Expert, FEATURE_BITS, FEATURES_VERSION, FeatureId, Field, Shares};
use crate::model::adapt::adapt;
use crate::model::counts::{Count, Counts};
use crate::model::weights::{Row, SolverOptions};
use crate::model::{Entry, Model, Settings};
use crate::verdict::{Label, sigmoid};

/// How far labels move a model.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Pulling {
    /// Penalty on errors: larger follows the labels closer.
    pub cost: f64,
    /// Comments in which the model must have seen a feature to give way half as easily as one that it never saw.
    pub firmness: f64,
    /// The same factor for features that nearly every comment of a site has alike (page, browser, length): they would lean to the commoner label.
    pub everywhere: f32,
    /// Rows of the rarer label count so many times more, at most.
    pub most_balance: f64,
    /// Rounds of the solver.
    pub epochs: usize,
    /// Order of the rows.
    pub seed: u64,
    /// Parts left out in turn for the report.
    pub folds: u64,
}

impl Default for Pulling {
    fn default() -> Self {
        Self {
            cost: 2.0,
            firmness: 10.0,
            everywhere: 0.05,
            most_balance: 10.0,
            epochs: 60,
            seed: 1,
            folds: 4,
        }
    }
}

/// Why no candidate was made.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum RetrainError {
    /// No label teaches.
    #[error("no label teaches anything, so there is no new model")]
    NothingToLearn,
    /// The model reads comments differently.
    #[error(
        "the model to start from reads features of version {0}, this phin of version {FEATURES_VERSION}; start from the shipped one"
    )]
    OtherFeatures(u32),
    /// The model has nothing to be moved.
    #[error("the model to start from was never trained; start from the shipped one")]
    Cold,
}

/// Retrains a model. Its judgements on the rows each fold left out are in the order of the folds.
pub fn retrain(
    from: &Model,
    lessons: &Lessons,
    pulling: &Pulling,
    progress: Progress<'_>,
) -> Result<Trained, RetrainError> {
    if from.card.features_version != FEATURES_VERSION {
        return Err(RetrainError::OtherFeatures(from.card.features_version));
    }
    if from.settings.comments[Field::Text as usize].total() == 0 {
        return Err(RetrainError::Cold);
    }
    if lessons.rows.is_empty() {
        return Err(RetrainError::NothingToLearn);
    }
    let base = Base::of(from);
    let all: Vec<&Prepared> = lessons.rows.iter().collect();
    let mut left_out = Vec::with_capacity(all.len());
    for fold in 0..pulling.folds {
        let steps = pulling.folds as usize + 1;
        progress("checking on left-out labels", fold as usize, steps);
        let is_inside = |row: &&Prepared| row.fold(pulling.folds) == fold;
        let part: Vec<&Prepared> = all.iter().copied().filter(|r| !is_inside(r)).collect();
        let mut fitted = base.fitted();
        fitted.weights = base.pulled(&part, &lessons.kinds, pulling);
        let judged = all.iter().filter(|row| is_inside(row));
        left_out.extend(judged.map(|row| judge(&fitted, row, &from.settings)));
    }
    progress(
        "moving the weights",
        pulling.folds as usize,
        pulling.folds as usize + 1,
    );
    let weights = base.pulled(&all, &lessons.kinds, pulling);
    let (mut settings, mut card) = (from.settings.clone(), from.card.clone());
    let mut taught = Counts::default();
    for row in &all {
        // Counts are read with buckets in any order.
        taught.add(&row.buckets().collect::<Vec<_>>(), row.label);
        for (field, count) in settings.comments.iter_mut().enumerate() {
            *count.of(row.label) += u32::from(row.fields >> field & 1);
        }
    }
    let entries: Vec<Entry> = (0..1_u32 << FEATURE_BITS)
        .map(|id| {
            let (old, new) = (base.counts[id as usize], taught.of(id));
            let count = Count {
                spam: old.spam + new.spam / u32::from(Shares::WHOLE),
                ham: old.ham + new.ham / u32::from(Shares::WHOLE),
            };
            let weight = weights[id as usize];
            Entry { id, count, weight }
        })
        .filter(|entry| entry.count.total() > 0 || entry.weight != 0.0)
        .collect();
    let of_ledger = lessons.taught();
    card.id = String::new();
    card.digest = String::new();
    card.seed = pulling.seed;
    card.ledger_seq = lessons.last_seq;
    card.spam += of_ledger.spam;
    card.ham += of_ledger.ham;
    card.features = entries.len();
    card.corpora.push(of_ledger);
    card.left_out = Some(figures(&left_out));
    // The portraits stay those of the model this one began as: labels are said where something went wrong, and are no picture of a stream.
    let mut model = Model::new(card, settings, entries);
    model.categories = from.categories.clone();
    Ok(Trained { model, left_out })
}

/// The model to start from, by bucket.
struct Base<'a> {
    from: &'a Model,
    weights: Vec<f32>,
    counts: Vec<Count>,
}

impl<'a> Base<'a> {
    fn of(from: &'a Model) -> Self {
        let mut weights = vec![0.0; 1 << FEATURE_BITS];
        let mut counts = vec![Count::default(); 1 << FEATURE_BITS];
        for entry in from.entries() {
            weights[entry.id as usize] = entry.weight;
            counts[entry.id as usize] = entry.count;
        }
        Self {
            from,
            weights,
            counts,
        }
    }

    fn fitted(&self) -> Fitted {
        let settings = &self.from.settings;
        Fitted {
            weights: self.weights.clone(),
            bias: settings.bias,
            signature_bias: settings.signature_bias,
            echo: settings.echo,
            name_alone: settings.name_alone,
            content_power: settings.content_power,
            part_penalty: settings.part_penalty,
            foreign_words: settings.foreign_words,
        }
    }

    /// Its weights after these rows have pulled.
    fn pulled(&self, rows: &[&Prepared], kinds: &Kinds, pulling: &Pulling) -> Vec<f32> {
        let settings = &self.from.settings;
        let fitted = self.fitted();
        let of = |label| rows.iter().filter(|r| r.label == label).count() as f64;
        let balance = (of(Label::Ham) / of(Label::Spam).max(1.0))
            .clamp(1.0 / pulling.most_balance, pulling.most_balance);
        let buckets: Vec<Vec<FeatureId>> = rows.iter().map(|row| row.buckets().collect()).collect();
        let rows: Vec<(Row<'_>, f64)> = rows
            .iter()
            .zip(&buckets)
            .map(|(row, ids)| {
                let class = match row.label {
                    Label::Spam => balance.max(1.0),
                    Label::Ham => (1.0 / balance).max(1.0),
                };
                let weight = (f64::from(row.weight) * class) as f32;
                let before = settings.calibration.log_odds(fitted.raw(row), row.language);
                let features = row.content.len();
                let row = Row {
                    ids,
                    label: row.label,
                    weight,
                    scale: (features.max(1) as f64).powf(-settings.content_power) as f32,
                    scaled: features,
                };
                (row, before)
            })
            .collect();
        // Of a comment's some hundred features each is to give way a little.
        let longest = rows.iter().map(|(row, _)| row.ids.len()).sum::<usize>() / rows.len().max(1);
        // What is divided by the length already shares by that.
        let longest = longest.max(1) as f64;
        let (share, content_share) = (
            longest.powf(-0.5),
            longest.powf(settings.content_power - 0.5),
        );
        let give: Vec<f32> = (0..1_u32 << FEATURE_BITS)
            .map(|id| {
                let seen = f64::from(self.counts[id as usize].total());
                let share = match Expert::of(id) {
                    Expert::Content => content_share,
                    Expert::Signature | Expert::Circumstance => share,
                };
                let firm = (share / (1.0 + seen / pulling.firmness).sqrt()) as f32;
                match kinds.of(id) {
                    Some(kind) if kind.is_of_all_comments() => firm * pulling.everywhere,
                    Some(kind) if kind.is_gram() => firm * 0.5,
                    _ => firm,
                }
            })
            .collect();
        let options = SolverOptions {
            cost: pulling.cost,
            epochs: pulling.epochs,
            tolerance: 0.01,
            seed: pulling.seed,
        };
        let moved = adapt(&rows, &give, &options);
        let slope = settings.calibration.slope.max(f64::MIN_POSITIVE);
        let mut weights = fitted.weights;
        for (weight, moved) in weights.iter_mut().zip(moved) {
            *weight += (f64::from(moved) / slope) as f32;
        }
        weights
    }
}

fn judge(fitted: &Fitted, row: &Prepared, settings: &Settings) -> Judged {
    let log_odds = settings.calibration.log_odds(fitted.raw(row), row.language);
    Judged {
        label: row.label,
        log_odds,
        probability: sigmoid(log_odds),
        verdict: settings.cutoffs(row.language).judge(log_odds),
        lang: row.language,
        group: None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::lessons::{Taken, Taking, gather};
    use super::*;
    use crate::comment::{Comment, CommentId, SiteId};
    use crate::features::{Features, Outline};
    use crate::learn::copies;
    use crate::model::counts::Counts;
    use crate::model::layers::Live;
    use crate::store::{LedgerEntry, Ruled, Ruling};

    fn lessons(texts: &[(String, Label)]) -> Lessons {
        let site = SiteId::parse("blog.example").expect("a site");
        let labels = texts.iter().zip(1..).map(|((text, label), seq)| {
            let comment = Comment::from_text(text.as_str());
            let features = Features::of(&comment);
            LedgerEntry {
                checked: None,
                seq,
                event: seq,
                at: 0,
                comment: CommentId::of(&site, &comment),
                site: site.clone(),
                label: *label,
                machine: None,
                reporter: None,
                key_name: "mine".into(),
                features: features.ids(),
                features_version: FEATURES_VERSION,
                kind: None,
                sketch: copies::sketch(&features),
                outline: Outline::of(&features),
                shares: Shares::ALL,
            }
        });
        let vouched = Ruling {
            seq: 1_000,
            event: 1_000,
            at: 0,
            ruled: Ruled::Vouch {
                key_name: "mine".into(),
            },
        };
        gather(
            labels,
            &[vouched],
            Default::default(),
            |_, _| None,
            Taking::default(),
        )
        .expect("our own labels")
    }

    fn log_odds(model: &Model, text: &str) -> f64 {
        let features = Features::of(&Comment::from_text(text));
        let (shared, site) = (Counts::default(), None);
        let live = Live {
            shared: &shared,
            site,
        };
        model.score(&features, live).log_odds
    }

    /// Thirty comments about one thing, no two near copies, and as many about another.
    fn labelled() -> Vec<(String, Label)> {
        let topics = [
            "garden", "river", "engine", "letter", "winter", "market", "teacher", "bridge",
            "kitchen", "harbour",
        ];
        let mut texts = Vec::new();
        for (at, topic) in topics.iter().enumerate() {
            for other in topics.iter().cycle().skip(at + 1).take(3) {
                texts.push((
                    format!("the {topic} has zorbling plinths and the {other} wants flumpets"),
                    Label::Spam,
                ));
                texts.push((
                    format!("my {other} near the {topic} was repaired by an old quillwright"),
                    Label::Ham,
                ));
            }
        }
        texts
    }

    #[test]
    fn what_labels_say_moves_the_shipped_model_and_honest_comments_stay_where_they_are() {
        let from = Model::shipped();
        let lessons = lessons(&labelled());
        let pulling = Pulling::default();
        let made = retrain(&from, &lessons, &pulling, &|_, _, _| {}).expect("retrains");
        let spam = "some zorbling plinths and flumpets for everyone";
        let (before, after) = (log_odds(&from, spam), log_odds(&made.model, spam));
        assert!(after > before + 1.0, "{before} -> {after}");
        for honest in [
            "Thanks for the article, the second half helped me a lot with my own setup.",
            "Bài viết rất hay, cảm ơn tác giả đã chia sẻ kinh nghiệm chăm cây.",
        ] {
            let (before, after) = (log_odds(&from, honest), log_odds(&made.model, honest));
            assert!(
                (after - before).abs() < 0.5,
                "{honest}: {before} -> {after}"
            );
        }
        let (card, old) = (&made.model.card, &from.card);
        let Taken { spam, ham, .. } = lessons.taken;
        assert_eq!(card.ledger_seq, 1_000);
        assert_eq!(
            card.spam + card.ham,
            old.spam + old.ham + (spam + ham) as u32
        );
        assert_eq!(made.left_out.len(), spam + ham);
        let again = retrain(&from, &lessons, &pulling, &|_, _, _| {}).expect("retrains");
        assert!(again.model.entries().eq(made.model.entries()));
    }

    #[test]
    fn without_a_label_or_a_model_there_is_a_sentence_and_no_candidate() {
        let none = lessons(&[]);
        let refused = |from: &Model, lessons: &Lessons| {
            let made = retrain(from, lessons, &Pulling::default(), &|_, _, _| {});
            made.err().expect("refused")
        };
        assert_eq!(
            refused(&Model::shipped(), &none),
            RetrainError::NothingToLearn
        );
        assert_eq!(refused(&Model::cold(), &none), RetrainError::Cold);
    }
}
