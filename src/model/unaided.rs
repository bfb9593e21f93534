//! What a model thinks by itself, and how much of a comment it has never seen: the trained weights alone, whatever was labelled since. Features in, no reasons out.

use super::{Model, worst};
use crate::features::Features;
use crate::verdict::Unaided;

impl Model {
    /// Scores a comment without any label. The weights were fetched by the check just before, so that this costs little more.
    pub fn unaided(&self, features: &Features) -> Unaided {
        let mut evidence = worst::Evidence {
            everywhere: self.settings.bias,
            parts: vec![0.0; features.parts()],
        };
        let mut unknown = 0;
        for feature in &features.items {
            let weight = self.weights[feature.id as usize];
            if weight == 0 {
                // What was seen as often in spam as in ham weighs nothing, and is known all the same.
                unknown += u32::from(self.counts[feature.id as usize] == [0; 2]);
                continue;
            }
            let weight = f64::from(weight) * f64::from(self.unit);
            let place = match features.part_of(feature) {
                Some(part) if !evidence.parts.is_empty() => &mut evidence.parts[part],
                _ => &mut evidence.everywhere,
            };
            *place += weight;
        }
        let length = (features.items.len().max(1) as f64).powf(self.settings.length_power);
        let raw = evidence.sum(self.settings.part_penalty) / length;
        let log_odds = self.settings.calibration.log_odds(raw, features.language);
        Unaided {
            log_odds,
            verdict: self.settings.cutoffs(features.language).judge(log_odds),
            features: features.items.len() as u32,
            unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::comment::Comment;
    use crate::model::counts::Counts;
    use crate::model::layers::Live;

    #[test]
    fn without_labels_it_is_what_the_model_says() {
        let model = Model::shipped();
        let (none, long) = (Counts::default(), "hôm nay trời đẹp quá, ".repeat(30));
        let live = Live {
            shared: &none,
            site: None,
        };
        for text in [
            "vay tiền nhanh, zalo 0912 000 345",
            "Thanks, that helped me a lot.",
            "",
            &format!("{long} vay tiền nhanh http://x.example/a zalo 0912 000 345"),
        ] {
            let features = Features::of(&Comment::from_text(text));
            let (alone, scored) = (model.unaided(&features), model.score(&features, live));
            assert!((alone.log_odds - scored.log_odds).abs() < 1e-9, "{text}");
            assert!(alone.unknown as usize <= features.items.len() - scored.known);
        }
    }

    #[test]
    fn words_of_no_language_are_unknown() {
        let model = Model::shipped();
        let share = |text: &str| {
            let seen = model.unaided(&Features::of(&Comment::from_text(text)));
            f64::from(seen.unknown) / f64::from(seen.features)
        };
        let (known, unknown) = (
            share("Thanks for the post, it helped me a lot."),
            share("Qwzzxk vbnmpq zxcvqw qqkkzz wvxzqj zzkqvx."),
        );
        assert!(known < 0.2 && unknown > known + 0.2, "{known} {unknown}");
    }
}
