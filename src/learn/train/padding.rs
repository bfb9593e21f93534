//! Rows in, each spam row again behind good words out, as the buckets of its content in ascending
//! order. They are never counted.

use rand::SeedableRng;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;

use crate::features::FeatureId;
use crate::learn::train::config::TrainConfig;
use crate::learn::train::rows::Prepared;
use crate::text::Language;
use crate::verdict::Label;

/// Every spam comment again, behind a sentence or two of an honest comment in its language: its
/// place among the rows, and the buckets of its content. The solver learns from these rows that
/// good words are no excuse.
pub(super) fn padded(rows: &[&Prepared], config: &TrainConfig) -> Vec<(usize, Vec<FeatureId>)> {
    if config.padding <= 0.0 {
        return Vec::new();
    }
    let mut random = StdRng::seed_from_u64(config.seed);
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
