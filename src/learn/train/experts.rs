//! Counts and rows in, a score function out. There is one expert for the content and one for the
//! signature: naive Bayes, weighted by a regression on the expert's own rows. A small logistic
//! regression (linfa-logistic) over what each says of rows it did not learn joins them. It neither
//! calibrates nor sets cutoffs.
//!
//! Two experts do better than one where it matters most, at few false positives: each has a bias of
//! its own, and a comment without a home page is judged by its text as if there were no home pages
//! (docs/DECISIONS.md, "Each view of a comment has buckets of its own").

use crate::features::{Expert, FEATURE_BITS, FeatureId, View};
use crate::learn::train::config::TrainConfig;
use crate::learn::train::feature_counts::Tables;
use crate::learn::train::padding::padded;
use crate::learn::train::row_weights::Damping;
use crate::learn::train::rows::{Kinds, Prepared};
use crate::model::bayes;
use crate::model::counts::Count;
use crate::model::evidence::{Evidence, Sum};
use crate::model::stack::{Opinions, Stack};
use crate::model::weights::{self, Evidence as Worth, Row, SolverOptions};
use crate::verdict::Label;

/// A fitted score function, before calibration.
#[derive(Debug, Clone)]
pub(crate) struct Fitted {
    /// `2^FEATURE_BITS` weights, one for each bucket.
    pub(crate) weights: Vec<f32>,
    pub(crate) bias: f64,
    pub(crate) signature_bias: f64,
    /// The factor of the text's evidence on the signature of a comment with a home page.
    pub(crate) echo: f64,
    /// See `Settings::name_alone`.
    pub(crate) name_alone: f64,
    pub(crate) content_power: f64,
    pub(crate) part_penalty: f64,
    /// See `Settings::foreign_words`.
    pub(crate) foreign_words: f64,
}

impl Fitted {
    fn sum(&self, ids: &[FeatureId]) -> f64 {
        ids.iter()
            .map(|&id| f64::from(self.weights[id as usize]))
            .sum()
    }

    fn content(&self, row: &Prepared, everywhere: f64) -> Evidence {
        let whole = row
            .parts
            .first()
            .map_or(row.content.len(), |&at| at as usize);
        let (outside, text) = row.content.split_at(whole);
        let trained = |ids: &[FeatureId]| {
            let (words, others): (Vec<FeatureId>, Vec<FeatureId>) =
                ids.iter().partition(|&&id| View::is_text(id));
            Sum {
                words: self.sum(&words),
                trained: self.sum(&others),
                live: 0.0,
                named: 0.0,
                features: ids.len() as u32,
            }
        };
        let ends = row.parts.iter().skip(1).map(|&end| end as usize - whole);
        let mut from = 0;
        Evidence {
            everywhere,
            content: trained(outside),
            parts: ends
                .chain((!row.parts.is_empty()).then_some(text.len()))
                .map(|end| trained(&text[std::mem::replace(&mut from, end)..end]))
                .collect(),
            power: self.content_power,
            live_scale: None,
            most_of_words: row.is_foreign.then_some(self.foreign_words),
        }
    }

    fn signature(&self, row: &Prepared) -> f64 {
        let signed = f64::from(u8::from(!row.echo.is_empty()));
        signed * self.signature_bias + self.sum(&row.signature)
    }

    fn echo(&self, row: &Prepared) -> f64 {
        if row.has_home() {
            self.sum(&row.echo) * scale_of(row.echo.len(), self.content_power)
        } else {
            0.0
        }
    }

    /// The raw score of a row, the same as [`crate::model::Model::score`] gives without labels.
    pub(crate) fn raw(&self, row: &Prepared) -> f64 {
        // A name beside a home page says more than a name alone. With two factors the AUC for
        // Vietnamese was .9643, with one .9627 (docs/DECISIONS.md, "A name without a home page
        // counts less").
        let believed = if row.has_home() { 1.0 } else { self.name_alone };
        let everywhere = self.bias
            + believed * self.signature(row)
            + self.sum(&row.circumstance)
            + self.echo * self.echo(row);
        self.content(row, everywhere)
            .window_max(self.part_penalty)
            .sum
    }

    /// What the experts say before they are joined.
    pub(crate) fn opinions(&self, row: &Prepared) -> Opinions {
        Opinions {
            content: self
                .content(row, self.bias)
                .window_max(self.part_penalty)
                .sum,
            signature: self.signature(row),
            echo: self.echo(row),
            has_home: row.has_home(),
        }
    }

    /// The two experts as one score, with the factors of `stack`.
    pub(crate) fn stacked(mut self, stack: &Stack) -> Self {
        for (id, weight) in self.weights.iter_mut().enumerate() {
            *weight *= match Expert::of(id as FeatureId) {
                Expert::Content => stack.content as f32,
                Expert::Signature => stack.signature as f32,
                Expert::Circumstance => 1.0,
            };
        }
        // The factors of the experts are inside the weights now. So the echo, which uses the
        // weights of the text, and a name alone, which uses those of the signature, are divided by
        // them.
        // Neither divides by zero: `Stack::fit` gives a positive factor for the content.
        self.echo = stack.echo / stack.content;
        self.name_alone = if stack.signature > 0.0 {
            stack.name_alone / stack.signature
        } else {
            0.0
        };
        self.bias = self.bias * stack.content + stack.bias;
        self.signature_bias *= stack.signature;
        self.part_penalty *= stack.content;
        self.foreign_words *= stack.content;
        self
    }
}

fn scale_of(features: usize, power: f64) -> f64 {
    (features.max(1) as f64).powf(-power)
}

/// Number of features of a usual row. A row divided by a power of its features needs a cost that is
/// larger by the square of that. Chosen so that one cost fits with and without the division
/// (docs/DECISIONS.md, "Content is divided by a power of its length").
const USUAL_FEATURES: f64 = 40.0;

/// Fits both experts on these rows.
pub(crate) fn fit(
    rows: &[&Prepared],
    tables: &Tables,
    kinds: &Kinds,
    config: &TrainConfig,
    content_power: f64,
) -> Fitted {
    let bayes = NaiveBayes::of(tables, kinds, config);
    let prior = prior(kinds, config);
    let damping = Damping::of(rows, config);
    // A copy of a text teaches no words again; its signature still does.
    let texts: Vec<&Prepared> = rows.iter().copied().filter(|row| !row.is_copy).collect();
    let padded = padded(&texts, config);
    let weights = damping.weights(&texts, config);
    let content = content_rows(&texts, &padded, &weights, config, content_power);
    let signed: Vec<&Prepared> = rows
        .iter()
        .copied()
        .filter(|row| !row.echo.is_empty())
        .collect();
    let signature = signature_rows(&signed, &damping.weights(&signed, config));
    let solve = |rows: &[Row<'_>], cost: f64| {
        let options = SolverOptions {
            cost,
            epochs: config.epochs,
            tolerance: 0.01,
            seed: config.seed,
        };
        weights::solve(rows, &bayes.evidence, prior.clone(), &options, |_| {})
    };
    let (of_content, bias) = solve(
        &content,
        config.cost * USUAL_FEATURES.powf(2.0 * content_power),
    );
    let has_both = |label: Label| signature.iter().any(|row| row.label == label);
    let (of_signature, signature_bias) = if has_both(Label::Spam) && has_both(Label::Ham) {
        solve(&signature, config.signature_cost)
    } else {
        (vec![0.0; BUCKETS], 0.0)
    };
    Fitted {
        weights: bayes.weights(&of_content, &of_signature),
        bias,
        signature_bias,
        echo: 0.0,
        name_alone: 1.0,
        content_power,
        part_penalty: config.part_penalty,
        // So that words and bias together say no more than the configured limit. Without one,
        // Cyrillic letters meant spam: 74 % of the honest comments of a Russian blog
        // (docs/DECISIONS.md, "Words of untaught languages cannot make spam").
        foreign_words: config.foreign_words - bias,
    }
}

/// Buckets of the feature hash.
const BUCKETS: usize = 1 << FEATURE_BITS;

/// The naive-Bayes evidence of each feature, by bucket, in natural logarithms, multiplied by the
/// factor of its kind.
struct NaiveBayes {
    /// The evidence that the solver sees in a row of each label, as `[ham, spam]`.
    evidence: Vec<Worth>,
    /// Log-odds of spam, of all rows.
    ratios: Vec<f32>,
}

impl NaiveBayes {
    fn of(tables: &Tables, kinds: &Kinds, config: &TrainConfig) -> Self {
        let comments = tables.by_field();
        let features = tables.sorted();
        let comments_of = |id| comments[kinds.field(id) as usize];
        let found = bayes::fit(&features, comments_of, config.alpha);
        let mut evidence: Vec<Worth> = vec![[0.0; 2]; BUCKETS];
        let mut ratios = vec![0.0_f32; BUCKETS];
        for (&(id, count), &ratio) in features.iter().zip(&found) {
            if Expert::of(id) == Expert::Circumstance {
                continue;
            }
            let kind_scale = kinds
                .of(id)
                .and_then(|kind| config.kind_scale.get(&kind))
                .copied()
                .unwrap_or(1.0);
            // Without the row itself: otherwise a feature that was seen once would confirm its own
            // label.
            let without = |own: Label| {
                let rest = match own {
                    Label::Spam => Count {
                        spam: count.spam.saturating_sub(1),
                        ..count
                    },
                    Label::Ham => Count {
                        ham: count.ham.saturating_sub(1),
                        ..count
                    },
                };
                bayes::log_ratio(rest, comments_of(id), config.alpha) as f32 * kind_scale
            };
            evidence[id as usize] = [without(Label::Ham), without(Label::Spam)];
            ratios[id as usize] = ratio as f32 * kind_scale;
        }
        Self { evidence, ratios }
    }

    /// Each ratio times the factor that its expert's rows found for it.
    fn weights(&self, of_content: &[f32], of_signature: &[f32]) -> Vec<f32> {
        let ratios = self.ratios.iter().enumerate();
        ratios
            .map(|(id, ratio)| {
                ratio
                    * match Expert::of(id as FeatureId) {
                        Expert::Content => of_content[id],
                        Expert::Signature => of_signature[id],
                        Expert::Circumstance => 0.0,
                    }
            })
            .collect()
    }
}

/// The start value of each factor, by bucket.
fn prior(kinds: &Kinds, config: &TrainConfig) -> Vec<f32> {
    (0..BUCKETS as FeatureId)
        .map(|id| match (Expert::of(id), kinds.of(id)) {
            (_, Some(kind)) if kind.is_gram() => config.gram_prior,
            (Expert::Signature, _) => config.signature_prior,
            _ => config.prior,
        })
        .collect()
}

/// The rows of the content's expert: each text, and after them each spam comment again behind good
/// words.
fn content_rows<'a>(
    texts: &[&'a Prepared],
    padded: &'a [(usize, Vec<FeatureId>)],
    weights: &[f64],
    config: &TrainConfig,
    content_power: f64,
) -> Vec<Row<'a>> {
    let row = |ids: &'a [FeatureId], label: Label, weight: f64| Row {
        ids,
        label,
        weight: weight as f32,
        scale: scale_of(ids.len(), content_power) as f32,
        scaled: ids.len(),
    };
    let mut rows: Vec<Row<'_>> = Vec::with_capacity(texts.len() + padded.len());
    rows.extend(
        texts
            .iter()
            .zip(weights)
            .map(|(text, &weight)| row(&text.content, text.label, weight)),
    );
    rows.extend(padded.iter().map(|(at, ids)| {
        let weight = weights[*at] * f64::from(config.padding);
        row(ids, Label::Spam, weight)
    }));
    rows
}

/// The rows of the signature's expert, which no length divides.
fn signature_rows<'a>(signed: &[&'a Prepared], weights: &[f64]) -> Vec<Row<'a>> {
    let rows = signed.iter().zip(weights);
    rows.map(|(row, &weight)| Row {
        ids: &row.signature,
        label: row.label,
        weight: weight as f32,
        scale: 1.0,
        scaled: 0,
    })
    .collect()
}
