//! A card in, a figure of it as a person reads it out: of the comments that the model's training
//! left out. Measures nothing.

use crate::model::card::{Card, Figures};

/// A share in percent; `-` where the card does not say it.
pub(super) fn percent(card: &Card, figure: fn(&Figures) -> Option<f64>) -> String {
    let share = card.left_out.as_ref().and_then(figure);
    share.map_or_else(|| "-".into(), |share| format!("{:.2} %", 100.0 * share))
}
