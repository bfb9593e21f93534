//! Features of one comment in, its base score out: what the trained weights alone say, without
//! labels, and how many of its features no training comment had. It never gives reasons.

use super::parameters::Model;
use crate::features::{Features, Kind};
use crate::verdict::BaseScore;

impl Model {
    /// Scores a comment without any label, in calibrated log-odds. The check just before has
    /// fetched the same weights into the caches, so this costs little more.
    pub fn base_score(&self, features: &Features) -> BaseScore {
        let unknown = features
            .items
            .iter()
            // A match of an operator's list says nothing of how new the text is.
            .filter(|feature| feature.kind != Kind::Listed)
            .map(|feature| feature.id as usize)
            // A feature that was seen as often in spam as in ham may have weight 0 and is known all
            // the same.
            .filter(|&id| self.weights[id] == 0 && self.counts[id] == [0; 2])
            .count() as u32;
        let pooled = self
            .trained_evidence(features)
            .window_max(self.settings.part_penalty);
        let raw = pooled.sum * self.length(features);
        let log_odds = self.settings.calibration.log_odds(raw, features.language);
        BaseScore {
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
            let (alone, scored) = (model.base_score(&features), model.score(&features, live));
            assert!((alone.log_odds - scored.log_odds).abs() < 1e-9, "{text}");
            assert!(alone.unknown as usize <= features.items.len() - scored.known);
        }
    }

    #[test]
    fn words_of_no_language_are_unknown() {
        let model = Model::shipped();
        let share = |text: &str| {
            let seen = model.base_score(&Features::of(&Comment::from_text(text)));
            f64::from(seen.unknown) / f64::from(seen.features)
        };
        let (known, unknown) = (
            share("Thanks for the post, it helped me a lot."),
            share("Qwzzxk vbnmpq zxcvqw qqkkzz wvxzqj zzkqvx."),
        );
        assert!(known < 0.05 && unknown > known + 0.1, "{known} {unknown}");
    }
}
