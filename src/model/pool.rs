//! Sums by view and part of the text in, the evidence of a comment out: views limited to their
//! reach, the constants, the echo of the signature. It reads the model and never changes it.

use super::evidence::Evidence;
use super::parameters::Model;
use super::sums::Sums;
use crate::features::{FeatureId, Features, View};

impl Model {
    /// What the whole sum is multiplied by.
    pub(super) fn length(&self, features: &Features) -> f64 {
        match self.settings.length_power {
            0.0 => 1.0,
            power => (features.items.len().max(1) as f64).powf(-power),
        }
    }

    /// Sums limited to the reach of their view, the echo and the constants, as evidence.
    pub(super) fn pool(&self, sums: Sums, features: &Features, echo: f64) -> Evidence {
        let mut everywhere = self.constants(features) + echo;
        let live_scale = self.live_scale(features);
        for (view, reach) in View::ALL.into_iter().zip(self.settings.reach) {
            let sum = sums.by_view[view as usize].clamp(-reach, reach);
            everywhere += match view {
                // The sender only confirms what other labels say against a comment. Alone it adds
                // nothing against it: many people share a network (docs/DECISIONS.md, "Each view
                // learns its share of a spam label").
                View::Sender if !self.is_cold() => sum.min(sums.accusing(live_scale)),
                _ => sum,
            };
        }
        Evidence {
            everywhere,
            content: sums.content,
            parts: sums.parts,
            power: self.settings.content_power,
            live_scale,
            most_of_words: features.is_foreign().then_some(self.settings.foreign_words),
        }
    }

    /// What labels of the content are multiplied by before the number of features is known; `None`
    /// for a model without training.
    fn live_scale(&self, features: &Features) -> Option<f64> {
        let influence = &self.settings.influence;
        let believed = if features.is_foreign() {
            influence.foreign
        } else {
            1.0
        };
        // `scale` is in log-odds and the sum in raw units. The slope turns one into the other.
        (!self.is_cold()).then(|| believed * influence.scale / self.settings.calibration.slope)
    }

    /// The factor of the trained weights of the signature (docs/DECISIONS.md, "A name without a
    /// home page counts less").
    pub(super) fn believed(&self, has_home: bool) -> f64 {
        if has_home {
            1.0
        } else {
            self.settings.name_alone
        }
    }

    /// The bias, and that of the signature where there is one, in raw units.
    fn constants(&self, features: &Features) -> f64 {
        let is_signed = f64::from(u8::from(!features.echo.is_empty()));
        self.settings.bias
            + is_signed * self.believed(features.has_home()) * self.settings.signature_bias
    }

    /// What the text's evidence says of the words of a signature with a home page, in raw units.
    /// `ids` are the buckets that these words would have in the text.
    pub(super) fn echo(&self, ids: &[FeatureId], has_home: bool) -> f64 {
        if self.settings.echo == 0.0 || ids.is_empty() || !has_home {
            return 0.0;
        }
        let sum: i64 = ids
            .iter()
            .map(|&id| i64::from(self.weights[id as usize]))
            .sum();
        let scale = (ids.len() as f64).powf(-self.settings.content_power);
        sum as f64 * f64::from(self.unit) * scale * self.settings.echo
    }
}
