//! The evidence of a comment in parts in, one sum in raw units (before calibration) out: that of
//! the whole comment, or the window max. It never sees features or labels. Good words elsewhere in
//! a comment do not outweigh an offer in one window (docs/DECISIONS.md, "A long comment is also
//! judged by its worst window").
//!
//! The trained evidence of the content is divided by a power of the number of its features.
//! Otherwise long comments would have large scores for their length alone (docs/DECISIONS.md,
//! "Content is divided by a power of its length"). Labels, signature and the rest are added as they
//! are.

use crate::features::View;

/// A comment's evidence, in raw units: of the whole comment, and of each part of its text.
#[derive(Debug, Clone, Default)]
pub struct Evidence {
    /// What belongs to the whole comment and does not depend on its length: bias, signature,
    /// sender, page, form, and labels of all of these.
    pub everywhere: f64,
    /// The content that lies in no part of the text: its links and its shape. All content, where
    /// the text is short.
    pub content: Sum,
    /// One sum for each part of the text, in its order; empty for short texts.
    pub parts: Vec<Sum>,
    /// The content's trained evidence is divided by the number of its features to this power; 0 to
    /// 1.
    pub power: f64,
    /// What labels say of the content is multiplied by this and divided by the root of the number
    /// of its features, but never made larger; `None` where it is added as it is.
    pub live_scale: Option<f64>,
    /// What the trained evidence of words may add at most. Set where no training data has the
    /// language of the text: there words alone must not make spam.
    pub most_of_words: Option<f64>,
}

/// Evidence of one piece of a comment, in raw units.
#[derive(Debug, Clone, Copy, Default)]
pub struct Sum {
    /// Sum of the trained weights of words.
    pub words: f64,
    /// Sum of the trained weights of all else: links, contacts, shape.
    pub trained: f64,
    /// Sum of what labels of words add.
    pub live: f64,
    /// Sum of what labels of the whole text and of things with a name add (hosts, numbers,
    /// addresses). It is not divided by the length: one of them is enough in a text of any length.
    pub named: f64,
    /// Number of features in the sum.
    pub features: u32,
}

impl Sum {
    /// The sum that takes a view's trained evidence.
    pub fn of(&mut self, view: View) -> &mut f64 {
        if view == View::Text {
            &mut self.words
        } else {
            &mut self.trained
        }
    }

    pub(super) fn plus(self, other: &Self) -> Self {
        Self {
            words: self.words + other.words,
            trained: self.trained + other.trained,
            live: self.live + other.live,
            named: self.named + other.named,
            features: self.features + other.features,
        }
    }
}

/// The part of a comment's evidence that counts, and how it was scaled.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pooled {
    /// The sum, in raw units.
    pub sum: f64,
    /// What the trained evidence of the content was multiplied by.
    pub scale: f64,
    /// What labels of the content were multiplied by.
    pub live_scale: f64,
    /// The first of the [`WINDOW`] parts that count; `None` where all do.
    pub from: Option<usize>,
}

impl Pooled {
    /// Whether the evidence in this part of the text counts.
    #[inline]
    pub(super) fn counts(&self, part: usize) -> bool {
        self.from
            .is_none_or(|from| (from..from + WINDOW).contains(&part))
    }
}

/// Neighbouring parts that are judged together. There are two, because an offer may lie across the
/// end of a part.
pub const WINDOW: usize = 2;

/// What labels of the content are multiplied by, for this number of features; at most 1.
pub(super) fn scale_of_labels(live_scale: Option<f64>, features: u32) -> f64 {
    live_scale.map_or(1.0, |scale| {
        (scale / f64::from(features.max(1)).sqrt()).min(1.0)
    })
}

impl Evidence {
    fn scale(&self, features: u32) -> f64 {
        if self.power == 0.0 {
            return 1.0;
        }
        f64::from(features.max(1)).powf(-self.power)
    }

    fn pooled(&self, parts: &[Sum], from: Option<usize>) -> Pooled {
        let sum = parts.iter().fold(self.content, Sum::plus);
        let scale = self.scale(sum.features);
        let live_scale = scale_of_labels(self.live_scale, sum.features);
        // Only the upper side is limited: words of an untaught language may still speak for a
        // comment.
        let words = (sum.words * scale).min(self.most_of_words.unwrap_or(f64::INFINITY));
        Pooled {
            sum: self.everywhere + sum.named + sum.live * live_scale + words + sum.trained * scale,
            scale,
            live_scale,
            from,
        }
    }

    /// The sum of everything.
    pub fn whole(&self) -> Pooled {
        self.pooled(&self.parts, None)
    }

    /// The sum that counts, in raw units: the sum of everything or, where it is higher, the highest
    /// sum of [`WINDOW`] neighbouring parts with what belongs to the whole comment, less `penalty`.
    pub fn window_max(&self, penalty: f64) -> Pooled {
        let whole = self.whole();
        self.parts
            .windows(WINDOW)
            .enumerate()
            .map(|(from, window)| {
                let pooled = self.pooled(window, Some(from));
                Pooled {
                    sum: pooled.sum - penalty,
                    ..pooled
                }
            })
            .fold(
                whole,
                |max, next| if next.sum > max.sum { next } else { max },
            )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sums(trained: &[f64]) -> Vec<Sum> {
        let sum = |&trained: &f64| Sum {
            words: trained,
            features: 4,
            ..Sum::default()
        };
        trained.iter().map(sum).collect()
    }

    #[test]
    fn praise_before_an_offer_does_not_hide_it() {
        let padded = Evidence {
            everywhere: 1.0,
            parts: sums(&[-5.0, -4.0, 3.0, 2.0]),
            ..Evidence::default()
        };
        let max = padded.window_max(1.0);
        assert_eq!((max.from, max.sum), (Some(2), 5.0));
        assert_eq!(padded.window_max(100.0), padded.whole());
        let short = Evidence {
            everywhere: 2.0,
            ..Evidence::default()
        };
        assert_eq!(short.window_max(0.0).sum, 2.0);
    }

    #[test]
    fn twice_the_features_of_the_same_kind_are_not_twice_as_loud() {
        let of = |trained: f64, features| Evidence {
            content: Sum {
                words: trained / 2.0,
                trained: trained / 2.0,
                live: 0.5,
                named: 0.5,
                features,
            },
            power: 0.5,
            ..Evidence::default()
        };
        assert_eq!(of(8.0, 16).whole().sum, 3.0);
        assert_eq!(of(32.0, 256).whole().sum, 3.0);
    }

    #[test]
    fn words_of_a_language_nobody_taught_make_no_spam() {
        let of = |words: f64| Evidence {
            content: Sum {
                words,
                trained: 1.0,
                ..Sum::default()
            },
            most_of_words: Some(0.5),
            ..Evidence::default()
        };
        assert_eq!([of(9.0), of(-9.0)].map(|e| e.whole().sum), [1.5, -8.0]);
    }

    #[test]
    fn labels_of_a_long_text_are_no_louder_for_its_length() {
        let of = |live: f64, features| Evidence {
            content: Sum {
                live,
                features,
                ..Sum::default()
            },
            live_scale: Some(2.0),
            ..Evidence::default()
        };
        assert_eq!(of(10.0, 100).whole().sum, 2.0);
        assert_eq!(of(100.0, 10_000).whole().sum, 2.0);
        // A number that was labelled counts as much in any text.
        let mut named = of(0.0, 10_000);
        named.content.named = 3.0;
        assert_eq!(named.whole().sum, 3.0);
        // A short text counts no more than its labels say.
        assert_eq!(of(3.0, 1).whole().sum, 3.0);
    }
}
