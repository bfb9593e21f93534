//! Rows in, the weight of each for the solver out, so that no single spammer, blog or language
//! decides alone. It reads no text.

use std::collections::HashMap;

use crate::learn::train::config::TrainConfig;
use crate::learn::train::rows::Prepared;
use crate::text::Language;
use crate::verdict::Label;

/// How many rows share a campaign or a group.
pub(super) struct Damping {
    campaigns: HashMap<(u64, Label), usize>,
    groups: HashMap<(u64, Label), usize>,
}

impl Damping {
    /// Counts rows that share a campaign or a group.
    pub(super) fn of(rows: &[&Prepared], config: &TrainConfig) -> Self {
        let count = |key: fn(&Prepared) -> u64, is_on: bool| {
            let mut counts = HashMap::new();
            for row in rows.iter().filter(|_| is_on) {
                *counts.entry((key(row), row.label)).or_default() += 1;
            }
            counts
        };
        Self {
            campaigns: count(|row| row.campaign, config.most_of_campaign > 0.0),
            groups: count(|row| row.group, config.most_of_group > 0.0),
        }
    }

    /// The factor of a row, 0 to 1: of rows with the same campaign or group, those beyond a number
    /// count all together as much as the square root of how many they are.
    fn of_row(&self, row: &Prepared, config: &TrainConfig) -> f64 {
        let share = |counts: &HashMap<(u64, Label), usize>, key: u64, most: f64| {
            let count = counts.get(&(key, row.label)).copied().unwrap_or(1) as f64;
            if most > 0.0 && count > most {
                (most / count).sqrt()
            } else {
                1.0
            }
        };
        // The square root, because fifty copies of one offer are more than one opinion and less
        // than fifty. Ham is not damped by its link, because honest people share links
        // (docs/DECISIONS.md, "Repeated campaigns and large blogs count less").
        let of_campaign = if row.campaign == 0 || row.label == Label::Ham {
            1.0
        } else {
            share(&self.campaigns, row.campaign, config.most_of_campaign)
        };
        of_campaign * share(&self.groups, row.group, config.most_of_group)
    }

    /// The weight of each row for the solver, in the order of `rows`: its own weight, its damping,
    /// and the balance of the two labels.
    pub(super) fn weights(&self, rows: &[&Prepared], config: &TrainConfig) -> Vec<f64> {
        let own: Vec<f64> = rows
            .iter()
            .map(|row| f64::from(row.weight) * self.of_row(row, config))
            .collect();
        let of_languages = self.balance_languages(rows, &own, config);
        let own: Vec<f64> = own.iter().zip(&of_languages).map(|(a, b)| a * b).collect();
        let all = |label: Label| sum(rows, &own, |row| row.label == label);
        let balance = (all(Label::Ham) / all(Label::Spam).max(1e-9))
            .clamp(1.0 / config.max_class_weight, config.max_class_weight);
        rows.iter()
            .zip(own)
            .map(|(row, weight)| match row.label {
                Label::Spam => weight * balance.max(1.0),
                Label::Ham => weight * (1.0 / balance).max(1.0),
            })
            .collect()
    }

    /// Brings the share of spam in each language nearer to that of all rows: a language with mostly
    /// spam in the training set must not become spam by itself.
    fn balance_languages(&self, rows: &[&Prepared], own: &[f64], config: &TrainConfig) -> Vec<f64> {
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
                        .clamp(1.0 / config.most_of_language, config.most_of_language)
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
