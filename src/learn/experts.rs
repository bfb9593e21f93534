//! Counts and rows in, a score function out: one expert for the content and one for the signature, each naive Bayes re-weighted on its own rows, put together by
//! a small logistic regression over what each says of rows it did not learn (linfa-logistic).
//!
//! Apart they do better than in one bag where it matters most, among few false positives: each has a bias of its own, and a comment without a home page is
//! judged by its text as if there were no home pages (docs/DECISIONS.md, "Views").

use rand::SeedableRng;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;

use std::collections::HashMap;

use super::rows::{Kinds, Prepared};
use super::tables::Tables;
use super::train::Recipe;
use crate::features::{Expert, FEATURE_BITS, FeatureId, View};
use crate::model::bayes;
use crate::model::counts::Count;
use crate::model::evidence::{Evidence, Sum};
use crate::model::stack::{Opinions, Stack};
use crate::model::weights::{self, Evidence as Worth, Row, SolverOptions};
use crate::text::Language;
use crate::verdict::Label;

/// A fitted score function, before calibration.
#[derive(Debug, Clone)]
pub(super) struct Fitted {
    /// By bucket.
    pub(super) weights: Vec<f32>,
    pub(super) bias: f64,
    pub(super) signature_bias: f64,
    /// How far the text's evidence is believed of the signature of a comment with a home page.
    pub(super) echo: f64,
    /// See `Settings::name_alone`.
    pub(super) name_alone: f64,
    pub(super) content_power: f64,
    pub(super) part_penalty: f64,
    /// See `Settings::foreign_words`.
    pub(super) foreign_words: f64,
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

    /// The raw score of a row, as [`crate::model::Model::score`] has it without labels.
    pub(super) fn raw(&self, row: &Prepared) -> f64 {
        let believed = if row.has_home() { 1.0 } else { self.name_alone };
        let everywhere = self.bias
            + believed * self.signature(row)
            + self.sum(&row.circumstance)
            + self.echo * self.echo(row);
        self.content(row, everywhere)
            .window_max(self.part_penalty)
            .sum
    }

    /// What the experts say before they are put together.
    pub(super) fn opinions(&self, row: &Prepared) -> Opinions {
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

    /// The same as one score.
    pub(super) fn stacked(mut self, stack: &Stack) -> Self {
        for (id, weight) in self.weights.iter_mut().enumerate() {
            *weight *= match Expert::of(id as FeatureId) {
                Expert::Content => stack.content as f32,
                Expert::Signature => stack.signature as f32,
                Expert::Circumstance => 1.0,
            };
        }
        // The text's weights are louder by their factor now, those of the signature by theirs.
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

/// Features of a usual row: what is divided by a power of them needs a cost that is larger by its square. Chosen so that the cost fits both with and without
/// the division (docs/DECISIONS.md, "Length").
const USUAL_FEATURES: f64 = 40.0;

/// Fits both experts on these rows.
pub(super) fn fit(
    rows: &[&Prepared],
    tables: &Tables,
    kinds: &Kinds,
    recipe: &Recipe,
    content_power: f64,
) -> Fitted {
    let comments = tables.by_field();
    let features = tables.sorted();
    let comments_of = |id| comments[kinds.field(id) as usize];
    let ratios = bayes::fit(&features, comments_of, recipe.alpha);
    let buckets = 1_usize << FEATURE_BITS;
    let mut evidence: Vec<Worth> = vec![[0.0; 2]; buckets];
    let mut ratio_of = vec![0.0_f32; buckets];
    for (&(id, count), &ratio) in features.iter().zip(&ratios) {
        if Expert::of(id) == Expert::Circumstance {
            continue;
        }
        let loud = kinds
            .of(id)
            .and_then(|kind| recipe.loudness.get(&kind))
            .copied()
            .unwrap_or(1.0);
        let without = |count: Count, own: Label| {
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
            bayes::log_ratio(rest, comments_of(id), recipe.alpha) as f32 * loud
        };
        evidence[id as usize] = [without(count, Label::Ham), without(count, Label::Spam)];
        ratio_of[id as usize] = ratio as f32 * loud;
    }
    let prior: Vec<f32> = (0..buckets as FeatureId)
        .map(|id| match (Expert::of(id), kinds.of(id)) {
            (_, Some(kind)) if kind.is_gram() => recipe.gram_prior,
            (Expert::Signature, _) => recipe.signature_prior,
            _ => recipe.prior,
        })
        .collect();
    let damping = Damping::of(rows, recipe);
    let texts: Vec<&Prepared> = rows.iter().copied().filter(|row| !row.is_copy).collect();
    let padded = padded(&texts, recipe);
    let content_row =
        |ids: &'_ [FeatureId], label: Label, weight: f64| -> (usize, f32, Label, f32) {
            let scale = scale_of(ids.len(), content_power) as f32;
            (ids.len(), scale, label, weight as f32)
        };
    let weight_of = damping.weights(&texts, recipe);
    let mut content: Vec<Row<'_>> = Vec::with_capacity(texts.len() + padded.len());
    for (row, &weight) in texts.iter().zip(&weight_of) {
        let (scaled, scale, label, weight) = content_row(&row.content, row.label, weight);
        let ids = row.content.as_slice();
        content.push(Row {
            ids,
            label,
            weight,
            scale,
            scaled,
        });
    }
    for (at, ids) in &padded {
        let weight = weight_of[*at] * f64::from(recipe.padding);
        let (scaled, scale, label, weight) = content_row(ids, Label::Spam, weight);
        content.push(Row {
            ids,
            label,
            weight,
            scale,
            scaled,
        });
    }
    let signed: Vec<&Prepared> = rows
        .iter()
        .copied()
        .filter(|row| !row.echo.is_empty())
        .collect();
    let signature: Vec<Row<'_>> = signed
        .iter()
        .zip(damping.weights(&signed, recipe))
        .map(|(row, weight)| Row {
            ids: &row.signature,
            label: row.label,
            weight: weight as f32,
            scale: 1.0,
            scaled: 0,
        })
        .collect();
    let solve = |rows: &[Row<'_>], cost: f64| {
        let options = SolverOptions {
            cost,
            epochs: recipe.epochs,
            tolerance: 0.01,
            seed: recipe.seed,
        };
        weights::solve(rows, &evidence, prior.clone(), &options, |_| {})
    };
    let (of_content, bias) = solve(
        &content,
        recipe.cost * USUAL_FEATURES.powf(2.0 * content_power),
    );
    let has_both = |label: Label| signature.iter().any(|row| row.label == label);
    let (of_signature, signature_bias) = if has_both(Label::Spam) && has_both(Label::Ham) {
        solve(&signature, recipe.signature_cost)
    } else {
        (vec![0.0; buckets], 0.0)
    };
    let weights = ratio_of
        .iter()
        .enumerate()
        .map(|(id, ratio)| {
            ratio
                * match Expert::of(id as FeatureId) {
                    Expert::Content => of_content[id],
                    Expert::Signature => of_signature[id],
                    Expert::Circumstance => 0.0,
                }
        })
        .collect();
    Fitted {
        weights,
        bias,
        signature_bias,
        echo: 0.0,
        name_alone: 1.0,
        content_power,
        part_penalty: recipe.part_penalty,
        // So that words and bias together say no more than this.
        foreign_words: recipe.foreign_words - bias,
    }
}

/// How often rows share their campaign or their group, so that no single spammer and no single blog carries the rest.
struct Damping {
    campaigns: HashMap<(u64, Label), usize>,
    groups: HashMap<(u64, Label), usize>,
}

impl Damping {
    fn of(rows: &[&Prepared], recipe: &Recipe) -> Self {
        let count = |key: fn(&Prepared) -> u64, is_on: bool| {
            let mut counts = HashMap::new();
            for row in rows.iter().filter(|_| is_on) {
                *counts.entry((key(row), row.label)).or_default() += 1;
            }
            counts
        };
        Self {
            campaigns: count(|row| row.campaign, recipe.most_of_campaign > 0.0),
            groups: count(|row| row.group, recipe.most_of_group > 0.0),
        }
    }

    /// How much a row counts: of rows that have something in common beyond a number, all together as much as the square root of how many there are more.
    fn of_row(&self, row: &Prepared, recipe: &Recipe) -> f64 {
        let share = |counts: &HashMap<(u64, Label), usize>, key: u64, most: f64| {
            let count = counts.get(&(key, row.label)).copied().unwrap_or(1) as f64;
            if most > 0.0 && count > most {
                (most / count).sqrt()
            } else {
                1.0
            }
        };
        let of_campaign = if row.campaign == 0 || row.label == Label::Ham {
            1.0
        } else {
            share(&self.campaigns, row.campaign, recipe.most_of_campaign)
        };
        of_campaign * share(&self.groups, row.group, recipe.most_of_group)
    }

    /// How much each row counts for the solver: its own weight, its damping, and the balance of the two labels.
    fn weights(&self, rows: &[&Prepared], recipe: &Recipe) -> Vec<f64> {
        let own: Vec<f64> = rows
            .iter()
            .map(|row| f64::from(row.weight) * self.of_row(row, recipe))
            .collect();
        let of_languages = self.balance_languages(rows, &own, recipe);
        let own: Vec<f64> = own.iter().zip(&of_languages).map(|(a, b)| a * b).collect();
        let all = |label: Label| sum(rows, &own, |row| row.label == label);
        let balance = (all(Label::Ham) / all(Label::Spam).max(1e-9))
            .clamp(1.0 / recipe.most_balance, recipe.most_balance);
        rows.iter()
            .zip(own)
            .map(|(row, weight)| match row.label {
                Label::Spam => weight * balance.max(1.0),
                Label::Ham => weight * (1.0 / balance).max(1.0),
            })
            .collect()
    }

    /// What brings the share of spam of each language nearer to that of all: a language of which mostly spam is known is no spam for that.
    fn balance_languages(&self, rows: &[&Prepared], own: &[f64], recipe: &Recipe) -> Vec<f64> {
        let ratio = |language: Option<Language>| {
            let of = |label: Label| {
                sum(rows, own, |row| {
                    row.label == label && language.is_none_or(|l| l == row.language)
                })
            };
            (of(Label::Spam) + 1.0) / (of(Label::Ham) + 1.0)
        };
        let all = ratio(None);
        let mut factors: HashMap<Language, f64> = HashMap::new();
        rows.iter()
            .map(|row| {
                let factor = *factors.entry(row.language).or_insert_with(|| {
                    (all / ratio(Some(row.language)))
                        .sqrt()
                        .clamp(1.0 / recipe.most_of_language, recipe.most_of_language)
                });
                match row.label {
                    Label::Spam => factor,
                    Label::Ham => 1.0 / factor,
                }
            })
            .collect()
    }
}

fn sum(rows: &[&Prepared], weights: &[f64], keep: impl Fn(&Prepared) -> bool) -> f64 {
    rows.iter()
        .zip(weights)
        .filter(|(row, _)| keep(row))
        .map(|(_, weight)| weight)
        .sum()
}

/// Every spam comment once more, behind a sentence or two of an honest one in its language: what its content is then, and its place among the rows.
/// The solver learns from them that good words do not excuse; nothing is counted.
fn padded(rows: &[&Prepared], recipe: &Recipe) -> Vec<(usize, Vec<FeatureId>)> {
    if recipe.padding <= 0.0 {
        return Vec::new();
    }
    let mut random = StdRng::seed_from_u64(recipe.seed);
    let donors = Language::GROUPS.map(|language| {
        let honest = rows.iter().filter(|row| {
            row.label == Label::Ham
                && row.language.group() == language
                && row.parts.len() > PADDING_PARTS
        });
        honest.collect::<Vec<_>>()
    });
    let spam = rows
        .iter()
        .enumerate()
        .filter(|(_, row)| row.label == Label::Spam);
    spam.filter_map(|(at, row)| {
        let of_language = Language::GROUPS
            .iter()
            .position(|l| *l == row.language.group())?;
        let donor = donors[of_language].choose(&mut random)?;
        let (from, to) = (donor.parts[0] as usize, donor.parts[PADDING_PARTS] as usize);
        let mut ids = [&row.content, &donor.content[from..to]].concat();
        ids.sort_unstable();
        ids.dedup();
        Some((at, ids))
    })
    .collect()
}

/// Parts of an honest comment put before a spam comment.
const PADDING_PARTS: usize = 2;
