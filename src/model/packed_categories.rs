//! Tables of categories in, columns for a file out, and back. Columns that do not fit together are
//! refused, and never read in part.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::categories::{Categories, Evidence};
use super::topics::LANGUAGES;
use crate::verdict::Category;

/// Categories as columns. `steps` and `sizes` have one entry for each topic, `evidence` and each of
/// `weights` one for each pair of topic and class that has it, `base` one for each class.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Packed {
    pub(super) classes: Vec<Category>,
    pub(super) base: [Vec<f32>; LANGUAGES],
    /// Differences between ascending topics: small numbers, which take few bytes.
    pub(super) steps: Vec<u32>,
    /// Number of classes that have each topic.
    pub(super) sizes: Vec<u8>,
    pub(super) evidence: Vec<u8>,
    pub(super) weights: [Vec<i16>; LANGUAGES],
}

impl Categories {
    pub(super) fn pack(&self) -> Packed {
        let mut topics: Vec<(u32, &[Evidence])> = self
            .topics
            .keys()
            .map(|&id| (id, self.evidence_of(id).unwrap_or_default()))
            .collect();
        topics.sort_unstable_by_key(|&(id, _)| id);
        let mut before = 0;
        let all = || topics.iter().flat_map(|(_, evidence)| evidence.iter());
        Packed {
            classes: self.classes.clone(),
            base: self.base.clone(),
            steps: topics
                .iter()
                .map(|&(id, _)| id - std::mem::replace(&mut before, id))
                .collect(),
            sizes: topics.iter().map(|(_, e)| e.len() as u8).collect(),
            evidence: all().map(|one| one.class).collect(),
            weights: [0, 1].map(|language| all().map(|one| one.weight[language]).collect()),
        }
    }

    pub(super) fn unpack(packed: Packed) -> Result<Self, &'static str> {
        let classes = packed.classes.len();
        let entries: usize = packed.sizes.iter().map(|&size| usize::from(size)).sum();
        let fits = packed.steps.len() == packed.sizes.len()
            && packed.evidence.len() == entries
            && packed
                .weights
                .iter()
                .all(|weights| weights.len() == entries)
            && packed.base.iter().all(|base| base.len() == classes)
            && packed.evidence.iter().all(|&c| usize::from(c) < classes);
        if !fits {
            return Err("its categories do not fit together");
        }
        let (mut id, mut start) = (0_u32, 0_u32);
        let mut topics = HashMap::with_capacity_and_hasher(packed.steps.len(), Default::default());
        for (&step, &size) in packed.steps.iter().zip(&packed.sizes) {
            id = id.saturating_add(step);
            topics.insert(id, (start, size));
            start += u32::from(size);
        }
        let evidence = (0..entries)
            .map(|at| Evidence {
                class: packed.evidence[at],
                weight: [0, 1].map(|language: usize| packed.weights[language][at]),
            })
            .collect();
        Ok(Self {
            classes: packed.classes,
            base: packed.base,
            topics,
            evidence,
        })
    }
}
