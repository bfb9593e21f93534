//! Sums by view and part in, the evidence of a comment out: views within their reach, the
//! constants, the signature's echo. Reads the model and changes nothing.

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

    /// Views within their reach, the signature's echo and the constants, as evidence.
    pub(super) fn pool(&self, sums: Sums, features: &Features, echo: f64) -> Evidence {
        let mut everywhere = self.constants(features) + echo;
        let live_scale = self.live_scale(features);
        for (view, reach) in View::ALL.into_iter().zip(self.settings.reach) {
            let sum = sums.by_view[view as usize].clamp(-reach, reach);
            everywhere += match view {
                // A network confirms what other labels say; alone it accuses nobody.
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

    /// What labels of the content are multiplied by, before its length is looked at; `None` for a
    /// model that knows nothing.
    fn live_scale(&self, features: &Features) -> Option<f64> {
        let influence = &self.settings.influence;
        let believed = if features.is_foreign() {
            influence.foreign
        } else {
            1.0
        };
        (!self.is_cold()).then(|| believed * influence.scale / self.settings.calibration.slope)
    }

    /// How far the trained weights of the signature are believed.
    pub(super) fn believed(&self, has_home: bool) -> f64 {
        if has_home {
            1.0
        } else {
            self.settings.name_alone
        }
    }

    /// The bias, and that of a signature where there is one.
    fn constants(&self, features: &Features) -> f64 {
        let is_signed = f64::from(u8::from(!features.echo.is_empty()));
        self.settings.bias
            + is_signed * self.believed(features.has_home()) * self.settings.signature_bias
    }

    /// What the text's evidence says of the signature of a comment with a home page.
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

    /// The same sum without labels, for the one who asks what the model thinks by itself.
    pub(super) fn trained_evidence(&self, features: &Features) -> Evidence {
        let sums = self.trained_sums(features, |_| ());
        let echo = self.echo(&features.echo, features.has_home());
        self.pool(sums, features, echo)
    }
}
