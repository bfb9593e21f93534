//! Features in, a score and its reasons out: naive Bayes, re-weighted offline, corrected live,
//! calibrated. Pure once loaded.
//!
//! `log_odds = offset(language) + slope * (bias + sum over views v of evidence(v))`, where the
//! evidence of a view is the sum over its features of `base(f) + belief(kind) * live(f)`, within
//! the view's reach; of the content, `base` is divided by a power of its length (`evidence`)
//!
//! or, where that is higher, the same sum over one window of a long text, less a penalty
//! (`evidence`);
//!
//! - `base(f) = u(f) * r(f)`: evidence fitted by linfa-bayes (`bayes`), believed as far as
//!   `weights` found;
//! - `live(f)`: what labels since then change about `r(f)` (`layers`), a sum over counts and so
//!   exactly reversible;
//! - `slope` and `offset` turn it into log-odds that mean what they say (`calibrate`).

pub mod adapt;
mod balanced;
mod base_score;
pub mod bayes;
pub mod calibrate;
pub mod card;
pub mod categories;
mod complement;
pub mod counts;
mod deal;
pub mod evidence;
mod explain;
pub mod file;
pub mod layers;
mod live_labels;
mod packed_categories;
mod parameters;
mod pool;
pub mod registry;
mod score;
mod settings;
pub mod stack;
mod summing;
mod sums;
mod topics;
pub mod weights;

pub use parameters::{Entry, Model};
pub use score::Score;
pub use settings::Settings;

pub use crate::verdict::MOST_CLUES;

#[cfg(test)]
mod tests {
    use super::counts::Counts;
    use super::layers::Live;
    use super::*;
    use crate::comment::Comment;
    use crate::features::Features;
    use crate::verdict::Label;

    fn score(model: &Model, text: &str, labels: &Counts) -> Score {
        let features = Features::of(&Comment::from_text(text));
        model.score(
            &features,
            Live {
                shared: labels,
                site: Some(labels),
            },
        )
    }

    #[test]
    fn clues_and_rest_add_up() {
        let mut labels = Counts::default();
        let features = Features::of(&Comment::from_text("vay tiền nhanh"));
        labels.add(&features.ids(), Label::Spam);
        let score = score(&Model::cold(), "vay tiền nhanh trong ngày", &labels);
        let sum: f64 = score.clues.iter().map(|c| c.weight).sum();
        assert!((sum + score.rest - score.log_odds).abs() < 1e-9);
        let words: Vec<&str> = score.clues.iter().map(|c| c.text.as_str()).collect();
        assert!(words.contains(&"vay tiền nhanh"), "{words:?}");
        assert!(score.clues.len() <= MOST_CLUES && score.log_odds > 1.0);
    }

    #[test]
    fn a_taken_back_label_leaves_the_old_score() {
        let mut labels = Counts::default();
        let model = Model::cold();
        labels.add(
            &Features::of(&Comment::from_text("hay quá")).ids(),
            Label::Ham,
        );
        let before = score(&model, "vay tiền hay quá", &labels);
        let ids = Features::of(&Comment::from_text("vay tiền")).ids();
        labels.add(&ids, Label::Spam);
        assert!(score(&model, "vay tiền hay quá", &labels).log_odds > before.log_odds);
        labels.subtract(&ids, Label::Spam);
        assert_eq!(score(&model, "vay tiền hay quá", &labels), before);
    }

    #[test]
    fn scores_are_finite_for_any_length() {
        let text = "vay tiền ".repeat(20_000);
        assert!(
            score(&Model::cold(), &text, &Counts::default())
                .log_odds
                .is_finite()
        );
        assert!(
            score(&Model::cold(), "", &Counts::default())
                .log_odds
                .is_finite()
        );
    }
}
