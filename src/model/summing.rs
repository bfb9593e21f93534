//! Features and counts of labels in, what each feature adds and the sums out, in raw units. It
//! never limits or scales the sums; `pool` does.

use super::layers::{LayerEvidence, Live};
use super::live_labels::LiveLabels;
use super::parameters::Model;
use super::sums::{Contribution, Length, Role, Sums};
use crate::features::{Expert, Features, Kind};
use crate::verdict::Layer;

/// What all features of a comment add, before pooling.
pub(super) struct Summed {
    pub(super) sums: Sums,
    pub(super) contributions: Vec<Contribution>,
    /// Number of features that the model or a label knows.
    pub(super) known: usize,
    /// Whether a label touches the comment.
    pub(super) is_labelled: bool,
    /// What labels of things with a name add, in raw units.
    pub(super) identities: f64,
    /// The sums of the trained weights alone, where labels were looked up; else they are `sums`.
    pub(super) trained: Option<Sums>,
    /// Number of features that no training comment had.
    pub(super) unknown: u32,
}

/// What one feature adds, in raw units, before scaling by the length of the comment.
struct ByLayer {
    /// What is left of the trained weight.
    trained: f64,
    /// The model's log-odds, by the scale of labels, that replace the part of the weight that is
    /// gone.
    in_its_place: f64,
    shared: f64,
    site: f64,
}

impl ByLayer {
    /// `said` is the evidence of labels for the feature and its belief factor. `share` is the
    /// factor of the signature.
    #[inline]
    fn of(trained: f64, said: Option<(LayerEvidence, f64)>, share: f64) -> Self {
        let Some((evidence, belief)) = said else {
            return Self {
                trained,
                in_its_place: 0.0,
                shared: 0.0,
                site: 0.0,
            };
        };
        Self {
            trained: evidence.left(trained),
            in_its_place: evidence.in_its_place(belief) * share,
            shared: belief * evidence.shared * share,
            site: belief * evidence.site * share,
        }
    }

    /// All that labels add.
    #[inline]
    fn live(&self) -> f64 {
        self.in_its_place + (self.shared + self.site)
    }
}

impl Model {
    /// What the features of a comment add under the model and the labels since.
    pub(super) fn sum(&self, features: &Features, live: Live<'_>) -> Summed {
        let weights = self.gather(features);
        match LiveLabels::gather(self, &features.items, live) {
            Some(labels) => self.sum_labelled(features, &weights, &labels),
            None => self.sum_unlabelled(features, &weights),
        }
    }

    /// Where nobody labelled anything: most checks of a new site.
    fn sum_unlabelled(&self, features: &Features, weights: &[i16]) -> Summed {
        let mut contributions = Vec::with_capacity(features.items.len());
        let sums = self.trained_sums(features, weights, |one| contributions.push(one));
        Summed {
            sums,
            known: contributions.len(),
            contributions,
            is_labelled: false,
            identities: 0.0,
            trained: None,
            unknown: self.unknown(features, weights),
        }
    }

    fn sum_labelled(
        &self,
        features: &Features,
        weights: &[i16],
        labels: &LiveLabels<'_>,
    ) -> Summed {
        let believed = self.believed(features.has_home());
        let mut trained_sums = Sums::new(features.parts());
        let mut summed = Summed {
            sums: Sums::new(features.parts()),
            contributions: Vec::with_capacity(features.items.len()),
            known: 0,
            is_labelled: false,
            identities: 0.0,
            trained: None,
            unknown: self.unknown(features, weights),
        };
        for (at, (feature, &weight)) in features.items.iter().zip(weights).enumerate() {
            let role = Role::of(feature.kind);
            // Labels of a name alone have the same factor as its trained weights.
            let share = if role.is_signature { believed } else { 1.0 };
            let trained = f64::from(weight) * f64::from(self.unit) * share;
            let said = labels.of(self, at, feature.kind);
            summed.known += usize::from(trained != 0.0 || said.is_some());
            summed.is_labelled |= said.is_some();
            let part = summed.sums.part_of(features, feature, role.is_content);
            let adds = ByLayer::of(trained, said, share);
            summed.note(&adds, role, at, part);
            summed.sums.add(role, part, adds.trained, adds.live());
            trained_sums.add(role, part, trained, 0.0);
            if feature.kind.is_identity() {
                summed.identities += adds.live();
            }
        }
        summed.trained = Some(trained_sums);
        summed
    }

    /// The sums of the trained weights (`gather`). `tell` gets each contribution that is not 0.
    pub(super) fn trained_sums(
        &self,
        features: &Features,
        weights: &[i16],
        mut tell: impl FnMut(Contribution),
    ) -> Sums {
        let mut sums = Sums::new(features.parts());
        let believed = self.believed(features.has_home());
        for (at, (feature, &weight)) in features.items.iter().zip(weights).enumerate() {
            let view = feature.kind.view();
            let expert = view.expert();
            let is_scaled = expert == Expert::Content;
            let part = sums.part_of(features, feature, is_scaled);
            if is_scaled {
                sums.place(part).features += 1;
            }
            // Most character n-grams of a text have weight 0.
            if weight == 0 {
                continue;
            }
            let mut weight = f64::from(weight) * f64::from(self.unit);
            let mut length = Length::None;
            if is_scaled {
                *sums.place(part).of(view) += weight;
                length = Length::OfTrained;
            } else {
                if expert == Expert::Signature {
                    weight *= believed;
                }
                sums.by_view[view as usize] += weight;
            }
            tell(Contribution::new(weight, at, part, Layer::Base, length));
        }
        sums
    }

    /// The weights of all features. They are fetched in one loop: the table is larger than the
    /// caches, and this way no fetch waits for the one before.
    pub(super) fn gather(&self, features: &Features) -> Vec<i16> {
        features
            .items
            .iter()
            .map(|feature| self.weights[feature.id as usize])
            .collect()
    }

    /// Number of features that no training comment had.
    pub(super) fn unknown(&self, features: &Features, weights: &[i16]) -> u32 {
        features
            .items
            .iter()
            .zip(weights)
            // A feature that was seen as often in spam as in ham may have weight 0 and is known all
            // the same. A match of an operator's list says nothing of how new the text is.
            .filter(|&(feature, &weight)| {
                weight == 0
                    && self.counts[feature.id as usize] == [0; 2]
                    && feature.kind != Kind::Listed
            })
            .count() as u32
    }
}

impl Summed {
    /// Keeps what one feature adds, for the clues.
    #[inline]
    fn note(&mut self, adds: &ByLayer, role: Role, at: usize, part: Option<usize>) {
        let (of_trained, of_labels) = role.lengths();
        for (weight, layer, length) in [
            (adds.trained, Layer::Base, of_trained),
            (adds.in_its_place, Layer::Base, of_labels),
            (adds.shared, Layer::Shared, of_labels),
            (adds.site, Layer::Site, of_labels),
        ] {
            if weight != 0.0 {
                let one = Contribution::new(weight, at, part, layer, length);
                self.contributions.push(one);
            }
        }
    }
}
