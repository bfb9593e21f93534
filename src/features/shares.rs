//! Shares of a label for each view. Numbers only: it never computes them; `model::deal` does.

use serde::{Deserialize, Serialize};

use super::view::View;

/// How much of a label each view learns, in sixteenths, 0 to 16. Whole numbers, so that what was
/// added can be subtracted exactly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shares([u8; View::ALL.len()]);

impl Shares {
    /// A whole label.
    pub const WHOLE: u8 = 16;

    /// The whole label for each view.
    pub const ALL: Self = Self([Self::WHOLE; View::ALL.len()]);

    /// The same without words and shape: only what a comment names is learnt (docs/DECISIONS.md,
    /// "An import teaches like a moderator").
    #[must_use]
    pub fn without_words(self) -> Self {
        [View::Text, View::Shape, View::SignatureShape]
            .into_iter()
            .fold(self, |shares, view| shares.with(view, 0.0))
    }

    /// The share of a view, in sixteenths: 0..=16.
    #[inline]
    pub fn of(&self, view: View) -> u32 {
        u32::from(self.0[view as usize].min(Self::WHOLE))
    }

    /// The same with another share for a view, given as a part of the whole label, 0..=1.
    #[must_use]
    pub fn with(mut self, view: View, share: f64) -> Self {
        let sixteenths = (share.clamp(0.0, 1.0) * f64::from(Self::WHOLE)).round();
        self.0[view as usize] = sixteenths as u8;
        self
    }
}

impl Default for Shares {
    fn default() -> Self {
        Self::ALL
    }
}
