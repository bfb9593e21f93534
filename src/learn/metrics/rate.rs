//! Counts in, a share and its 95 % interval out. It never rounds.

use serde::{Deserialize, Serialize};

use crate::learn::metrics::scored_example::ScoredExample;

/// So many of so many.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rate {
    /// How many did.
    pub hits: u64,
    /// How many could have.
    pub of: u64,
}

impl Rate {
    /// Counts the rows for which `hit` holds.
    pub fn count<'a>(
        rows: impl IntoIterator<Item = &'a ScoredExample>,
        hit: impl Fn(&ScoredExample) -> bool,
    ) -> Self {
        rows.into_iter().fold(Self::default(), |rate, row| Self {
            hits: rate.hits + u64::from(hit(row)),
            of: rate.of + 1,
        })
    }

    /// The share, in 0..=1; `None` of nothing.
    pub fn value(&self) -> Option<f64> {
        (self.of > 0).then(|| self.hits as f64 / self.of as f64)
    }

    /// 95 % Wilson score interval (Wilson 1927): honest for few rows and for rates near 0. Of
    /// nothing it is 0 to 1.
    pub fn wilson(&self) -> (f64, f64) {
        let Some(p) = self.value() else {
            return (0.0, 1.0);
        };
        wilson(p, self.of as f64)
    }
}

/// 95 % Wilson score interval of a share of so many; they need not be a whole number, nor the hits.
pub fn wilson(share: f64, n: f64) -> (f64, f64) {
    const Z: f64 = 1.959963984540054;
    let spread = Z * (share * (1.0 - share) / n + Z * Z / (4.0 * n * n)).sqrt();
    let (centre, scale) = (share + Z * Z / (2.0 * n), 1.0 + Z * Z / n);
    // Exact at the ends, where rounding would leave a 1e-17.
    let low = if share == 0.0 {
        0.0
    } else {
        (centre - spread) / scale
    };
    let high = if share == 1.0 {
        1.0
    } else {
        (centre + spread) / scale
    };
    (low, high)
}
