//! Features of one comment in, its base score out: what the trained weights alone say, without
//! labels, and how many of its features no training comment had. It never gives reasons.

use super::evidence::{Evidence, Pooled};
use super::parameters::Model;
use crate::features::Features;
use crate::verdict::BaseScore;

impl Model {
    /// Scores a comment without any label, in calibrated log-odds. A score with labels has this one
    /// beside it ([`super::Score::alone`]).
    pub fn base_score(&self, features: &Features) -> BaseScore {
        let weights = self.gather(features);
        let sums = self.trained_sums(features, &weights, |_| ());
        let echo = self.echo(&features.echo, features.has_home());
        let evidence = self.pool(sums, features, echo);
        self.base_of(&evidence, features, self.unknown(features, &weights))
    }

    /// The base score by the evidence of the trained weights alone.
    pub(super) fn base_of(
        &self,
        evidence: &Evidence,
        features: &Features,
        unknown: u32,
    ) -> BaseScore {
        let log_odds = self.weigh(evidence, features).log_odds;
        BaseScore {
            log_odds,
            verdict: self.settings.cutoffs(features.language).judge(log_odds),
            features: features.items.len() as u32,
            unknown,
        }
    }

    /// The evidence of a comment as one number, before and after calibration.
    pub(super) fn weigh(&self, evidence: &Evidence, features: &Features) -> Weighed {
        let pooled = evidence.window_max(self.settings.part_penalty);
        let raw = pooled.sum * self.length(features);
        Weighed {
            pooled,
            raw,
            log_odds: self.settings.calibration.log_odds(raw, features.language),
        }
    }
}

/// What evidence comes to.
pub(super) struct Weighed {
    pub(super) pooled: Pooled,
    pub(super) raw: f64,
    pub(super) log_odds: f64,
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
