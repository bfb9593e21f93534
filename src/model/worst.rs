//! The sum of a comment's evidence, and of its worst part: good words elsewhere in a comment do not outweigh an offer in it.

/// A comment's evidence: of the whole comment, and of each part of its text.
#[derive(Debug, Clone, Default)]
pub struct Evidence {
    /// What speaks of the whole comment, the bias included.
    pub everywhere: f64,
    /// By part; empty for short texts.
    pub parts: Vec<f64>,
}

/// Parts next to each other that are judged together: an offer need not respect where we cut.
pub const WINDOW: usize = 2;

impl Evidence {
    /// Everything.
    pub fn whole(&self) -> f64 {
        self.everywhere + self.parts.iter().sum::<f64>()
    }

    /// The worst run of [`WINDOW`] parts with what speaks of the whole comment, less the penalty, if that is worse than everything together; and where it begins.
    pub fn worst(&self, penalty: f64) -> Option<(usize, f64)> {
        let whole = self.whole();
        self.parts
            .windows(WINDOW)
            .map(|window| self.everywhere + window.iter().sum::<f64>() - penalty)
            .enumerate()
            .max_by(|a, b| a.1.total_cmp(&b.1))
            .filter(|(_, worst)| *worst > whole)
    }

    /// What counts: the whole, or its worst part.
    pub fn sum(&self, penalty: f64) -> f64 {
        self.worst(penalty).map_or(self.whole(), |(_, worst)| worst)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn praise_before_an_offer_does_not_hide_it() {
        let padded = Evidence {
            everywhere: 1.0,
            parts: vec![-5.0, -4.0, 3.0, 2.0],
        };
        assert_eq!(padded.worst(1.0), Some((2, 5.0)));
        assert_eq!(padded.sum(1.0), 5.0);
        assert_eq!(padded.sum(100.0), padded.whole());
        let short = Evidence {
            everywhere: 2.0,
            parts: Vec::new(),
        };
        assert_eq!(short.sum(0.0), 2.0);
    }
}
