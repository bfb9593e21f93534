//! Features of one comment in, a score in log-odds and its reasons out: naive Bayes, weighted by a
//! regression, corrected by labels, calibrated. A loaded model does no input or output and never
//! changes.
//!
//! `log_odds = offset(language) + slope * (bias + sum over views v of evidence(v))`. The evidence
//! of a view is the sum over its features of `base(f) + belief(kind) * live(f)`, limited to the
//! view's reach. For the content, `base` is divided by a power of the content's length
//! (`evidence`).
//!
//! A long text counts as the same sum over its worst window, less a penalty, where that is higher
//! (`evidence`).
//! - `base(f) = u(f) * r(f)`: `r` is the naive-Bayes evidence in natural logarithms, fitted by
//!   linfa-bayes (`bayes`). `u` is the factor that the regression found for it (`weights`).
//! - `live(f)`: what labels since the training change about `r(f)` (`layers`). It is computed from
//!   counts, so a label can be taken back exactly.
//! - `slope` and `offset` turn the sum into calibrated log-odds (`calibrate`).

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
