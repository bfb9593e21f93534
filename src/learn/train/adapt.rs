//! A model and the training set of a ledger in, a candidate out, for an operator who has no
//! corpora. It reads no ledger and writes no file (docs/DECISIONS.md, "`phin train --ledger` adapts
//! an existing model").
//!
//! Counts add up. Weights move where the labels and the model disagree, most at features that the
//! model has seen little (`model/adapt.rs`). Bias, calibration and cutoffs stay: some hundred
//! labels of a few sites cannot say where one false positive in a thousand lies.

use serde::{Deserialize, Serialize};

use crate::features::{Expert, FEATURE_BITS, FEATURES_VERSION, FeatureId, Field, Shares};
use crate::learn::metrics::figures::ScoredExample;
use crate::learn::train::experts::Fitted;
use crate::learn::train::fit::Trained;
use crate::learn::train::from_ledger::TrainingSet;
use crate::learn::train::left_out_figures::figures;
use crate::learn::train::rows::{Kinds, Prepared, Progress};
use crate::model::adapt::adapt as adapt_weights;
use crate::model::card::Card;
use crate::model::counts::{Count, Counts};
use crate::model::weights::{Row, SolverOptions};
use crate::model::{Entry, Model, Settings};
use crate::verdict::{Label, sigmoid};

/// How far labels move a model.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AdaptConfig {
    /// Penalty on errors: larger follows the labels closer.
    pub cost: f64,
    /// Comments in which the model must have seen a feature for the prior variance of its weight to
    /// be half that of a feature it never saw.
    #[serde(rename = "firmness")]
    pub half_variance_at: f64,
    /// The factor of the move of a weight for features that nearly every comment of a site has
    /// alike (page, browser, length): otherwise they would lean to the commoner label.
    pub everywhere: f32,
    /// Rows of the rarer label count this many times more, at most.
    #[serde(rename = "most_balance")]
    pub max_class_weight: f64,
    /// Rounds of the solver.
    pub epochs: usize,
    /// Order of the rows.
    pub seed: u64,
    /// Parts left out in turn for the report.
    pub folds: u64,
}

impl Default for AdaptConfig {
    fn default() -> Self {
        Self {
            cost: 2.0,
            half_variance_at: 10.0,
            everywhere: 0.05,
            max_class_weight: 10.0,
            epochs: 60,
            seed: 1,
            folds: 4,
        }
    }
}

/// Why no candidate was made.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum RetrainError {
    /// No label can be learnt.
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

/// Adapts a model to the labels of a ledger. Its judgements on the rows each fold left out are in
/// the order of the folds.
///
/// # Errors
///
/// If no label teaches, or if the model cannot be adapted: it was never trained, or reads other
/// features.
pub fn retrain(
    from: &Model,
    training: &TrainingSet,
    config: &AdaptConfig,
    progress: Progress<'_>,
) -> Result<Trained, RetrainError> {
    if from.card.features_version != FEATURES_VERSION {
        return Err(RetrainError::OtherFeatures(from.card.features_version));
    }
    if from.settings.comments[Field::Text as usize].total() == 0 {
        return Err(RetrainError::Cold);
    }
    if training.rows.is_empty() {
        return Err(RetrainError::NothingToLearn);
    }
    let base = Base::of(from);
    let all: Vec<&Prepared> = training.rows.iter().collect();
    let left_out = leave_out(&base, &all, &training.kinds, config, progress);
    let folds = config.folds as usize;
    progress("moving the weights", folds, folds + 1);
    let weights = base.adapted(&all, &training.kinds, config);
    let entries = base.entries(&all, &weights);
    let mut settings = from.settings.clone();
    for row in &all {
        for (field, count) in settings.comments.iter_mut().enumerate() {
            *count.of(row.label) += u32::from(row.fields >> field & 1);
        }
    }
    let mut card = card(from, training, entries.len());
    card.seed = config.seed;
    card.left_out = Some(figures(&left_out));
    let mut model = Model::new(card, settings, entries);
    model.categories = from.categories.clone();
    Ok(Trained { model, left_out })
}

/// Has each fold judged by weights that the other folds moved.
fn leave_out(
    base: &Base<'_>,
    all: &[&Prepared],
    kinds: &Kinds,
    config: &AdaptConfig,
    progress: Progress<'_>,
) -> Vec<ScoredExample> {
    let mut left_out = Vec::with_capacity(all.len());
    for fold in 0..config.folds {
        let steps = config.folds as usize + 1;
        progress("checking on left-out labels", fold as usize, steps);
        let is_inside = |row: &&Prepared| row.fold(config.folds) == fold;
        let others: Vec<&Prepared> = all.iter().copied().filter(|r| !is_inside(r)).collect();
        let mut fitted = base.fitted();
        fitted.weights = base.adapted(&others, kinds, config);
        let inside = all.iter().filter(|row| is_inside(row));
        left_out.extend(inside.map(|row| score(&fitted, row, &base.from.settings)));
    }
    left_out
}

/// The card of the first model, with the ledger added to its training data. The score profiles stay
/// those of the first model: labels are given where something went wrong, and do not describe a
/// stream.
fn card(from: &Model, training: &TrainingSet, features: usize) -> Card {
    let mut card = from.card.clone();
    let of_ledger = training.taught();
    card.id = String::new();
    card.digest = String::new();
    card.ledger_seq = training.last_seq;
    card.spam += of_ledger.spam;
    card.ham += of_ledger.ham;
    card.features = features;
    card.corpora.push(of_ledger);
    card
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

    /// Its features with the counts of these rows added, and these weights.
    fn entries(&self, rows: &[&Prepared], weights: &[f32]) -> Vec<Entry> {
        let mut taught = Counts::default();
        for row in rows {
            // Counts are read with buckets in any order.
            taught.add(&row.buckets().collect::<Vec<_>>(), row.label);
        }
        (0..1_u32 << FEATURE_BITS)
            .map(|id| {
                let (old, new) = (self.counts[id as usize], taught.of(id));
                let count = Count {
                    spam: old.spam + new.spam / u32::from(Shares::WHOLE),
                    ham: old.ham + new.ham / u32::from(Shares::WHOLE),
                };
                let weight = weights[id as usize];
                Entry { id, count, weight }
            })
            .filter(|entry| entry.count.total() > 0 || entry.weight != 0.0)
            .collect()
    }

    /// Its weights, by bucket, after these rows have moved them.
    fn adapted(&self, rows: &[&Prepared], kinds: &Kinds, config: &AdaptConfig) -> Vec<f32> {
        let settings = &self.from.settings;
        let fitted = self.fitted();
        let buckets: Vec<Vec<FeatureId>> = rows.iter().map(|row| row.buckets().collect()).collect();
        let rows = solver_rows(rows, &buckets, &fitted, settings, config);
        let features = rows.iter().map(|(row, _)| row.ids.len()).sum::<usize>();
        let mean_features = (features / rows.len().max(1)).max(1) as f64;
        let deviations = self.deviations(kinds, mean_features, config);
        let options = SolverOptions {
            cost: config.cost,
            epochs: config.epochs,
            tolerance: 0.01,
            seed: config.seed,
        };
        let moved = adapt_weights(&rows, &deviations, &options);
        let slope = settings.calibration.slope.max(f64::MIN_POSITIVE);
        let mut weights = fitted.weights;
        for (weight, moved) in weights.iter_mut().zip(moved) {
            *weight += (f64::from(moved) / slope) as f32;
        }
        weights
    }

    /// How far each weight may move, by bucket: the root of its prior variance. A weight that the
    /// model has seen often moves little.
    fn deviations(&self, kinds: &Kinds, mean_features: f64, config: &AdaptConfig) -> Vec<f32> {
        // A comment has some hundred features, and each should move a little. So the deviation is
        // divided by the root of their number, less the division by length that the content has
        // already.
        let power = self.from.settings.content_power;
        let (share, content_share) = (mean_features.powf(-0.5), mean_features.powf(power - 0.5));
        (0..1_u32 << FEATURE_BITS)
            .map(|id| {
                let seen = f64::from(self.counts[id as usize].total());
                let share = match Expert::of(id) {
                    Expert::Content => content_share,
                    Expert::Signature | Expert::Circumstance => share,
                };
                let deviation = (share / (1.0 + seen / config.half_variance_at).sqrt()) as f32;
                match kinds.of(id) {
                    Some(kind) if kind.is_of_all_comments() => deviation * config.everywhere,
                    Some(kind) if kind.is_gram() => deviation * 0.5,
                    _ => deviation,
                }
            })
            .collect()
    }
}

/// Rows for the solver, each with the raw score that the model gave it before. `rows` and `buckets`
/// have the same length and order.
fn solver_rows<'a>(
    rows: &[&Prepared],
    buckets: &'a [Vec<FeatureId>],
    fitted: &Fitted,
    settings: &Settings,
    config: &AdaptConfig,
) -> Vec<(Row<'a>, f64)> {
    let of = |label| rows.iter().filter(|r| r.label == label).count() as f64;
    let balance = (of(Label::Ham) / of(Label::Spam).max(1.0))
        .clamp(1.0 / config.max_class_weight, config.max_class_weight);
    rows.iter()
        .zip(buckets)
        .map(|(row, ids)| {
            let class = match row.label {
                Label::Spam => balance.max(1.0),
                Label::Ham => (1.0 / balance).max(1.0),
            };
            let before = settings.calibration.log_odds(fitted.raw(row), row.language);
            let features = row.content.len();
            let row = Row {
                ids,
                label: row.label,
                weight: (f64::from(row.weight) * class) as f32,
                scale: (features.max(1) as f64).powf(-settings.content_power) as f32,
                scaled: features,
            };
            (row, before)
        })
        .collect()
}

/// What fitted weights say of a row that they did not learn.
fn score(fitted: &Fitted, row: &Prepared, settings: &Settings) -> ScoredExample {
    let log_odds = settings.calibration.log_odds(fitted.raw(row), row.language);
    ScoredExample {
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
    use super::*;
    use crate::comment::{Comment, CommentId, SiteId};
    use crate::features::{Features, Outline};
    use crate::learn::online::minhash;
    use crate::learn::train::from_ledger::{Taken, Taking, gather};
    use crate::model::counts::Counts;
    use crate::model::layers::Live;
    use crate::store::{LedgerEntry, Ruled, Ruling};

    fn training(texts: &[(String, Label)]) -> TrainingSet {
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
                sketch: minhash::sketch(&features),
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
        let training = training(&labelled());
        let config = AdaptConfig::default();
        let made = retrain(&from, &training, &config, &|_, _, _| {}).expect("retrains");
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
        let Taken { spam, ham, .. } = training.taken;
        assert_eq!(card.ledger_seq, 1_000);
        assert_eq!(
            card.spam + card.ham,
            old.spam + old.ham + (spam + ham) as u32
        );
        assert_eq!(made.left_out.len(), spam + ham);
        let again = retrain(&from, &training, &config, &|_, _, _| {}).expect("retrains");
        assert!(again.model.entries().eq(made.model.entries()));
    }

    #[test]
    fn without_a_label_or_a_model_there_is_a_sentence_and_no_candidate() {
        let none = training(&[]);
        let refused = |from: &Model, training: &TrainingSet| {
            let made = retrain(from, training, &AdaptConfig::default(), &|_, _, _| {});
            made.err().expect("refused")
        };
        assert_eq!(
            refused(&Model::shipped(), &none),
            RetrainError::NothingToLearn
        );
        assert_eq!(refused(&Model::cold(), &none), RetrainError::Cold);
    }
}
