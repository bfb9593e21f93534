//! Contributions of features in, sums by view and part of the text out, in raw units. It only adds
//! up; limits and scales are in `pool`.

use super::evidence::{self, Sum};
use crate::features::{Expert, Feature, Features, Kind, View};
use crate::verdict::Layer;

/// One contribution to the sum. The type is small, because a comment has hundreds of them.
pub(super) struct Contribution {
    pub(super) weight: f64,
    /// Place of its feature in `Features::items`.
    pub(super) at: u32,
    /// Part of the text it is in, or [`EVERYWHERE`]. There are at most 64 parts
    /// (`features::parts`).
    part: u8,
    pub(super) layer: Layer,
    pub(super) length: Length,
}

impl Contribution {
    #[inline]
    pub(super) fn new(
        weight: f64,
        at: usize,
        part: Option<usize>,
        layer: Layer,
        length: Length,
    ) -> Self {
        Self {
            weight,
            at: at as u32,
            part: part.map_or(EVERYWHERE, |part| part as u8),
            layer,
            length,
        }
    }

    /// The part of the text it is in; `None` for what belongs to the whole comment.
    #[inline]
    pub(super) fn part(&self) -> Option<usize> {
        (self.part != EVERYWHERE).then_some(usize::from(self.part))
    }
}

/// How a contribution is divided by the length of the content.
#[derive(Clone, Copy)]
pub(super) enum Length {
    /// Not at all.
    None,
    /// As trained evidence is.
    OfTrained,
    /// As labels are.
    OfLabels,
}

/// Marks what belongs to the whole comment.
const EVERYWHERE: u8 = u8::MAX;

/// Where a feature's evidence belongs.
#[derive(Clone, Copy)]
pub(super) struct Role {
    view: View,
    pub(super) is_content: bool,
    pub(super) is_signature: bool,
    /// Whether it is the whole text or a thing with a name, whose labels are not divided by the
    /// length.
    is_named: bool,
}

impl Role {
    #[inline]
    pub(super) fn of(kind: Kind) -> Self {
        let view = kind.view();
        let expert = view.expert();
        Self {
            view,
            is_content: expert == Expert::Content,
            is_signature: expert == Expert::Signature,
            is_named: kind.is_identity() || kind == Kind::Whole,
        }
    }

    /// How its trained weight, and what labels add, are divided by the length of the content.
    #[inline]
    pub(super) fn lengths(self) -> (Length, Length) {
        match (self.is_content, self.is_named) {
            (true, false) => (Length::OfTrained, Length::OfLabels),
            (true, true) => (Length::OfTrained, Length::None),
            (false, _) => (Length::None, Length::None),
        }
    }
}

/// Sums by view and part of the text.
pub(super) struct Sums {
    pub(super) by_view: [f64; View::ALL.len()],
    pub(super) content: Sum,
    pub(super) parts: Vec<Sum>,
    /// What labels of the signature add.
    signed: f64,
}

impl Sums {
    pub(super) fn new(parts: usize) -> Self {
        Self {
            by_view: [0.0; View::ALL.len()],
            content: Sum::default(),
            parts: vec![Sum::default(); parts],
            signed: 0.0,
        }
    }

    /// What labels of the content and the signature add against the comment, in raw units; 0 if
    /// they speak for it.
    pub(super) fn accusing(&self, live_scale: Option<f64>) -> f64 {
        let all = self.parts.iter().fold(self.content, Sum::plus);
        let live = all.live * evidence::scale_of_labels(live_scale, all.features);
        (live + all.named + self.signed).max(0.0)
    }

    /// The part of the text a feature is in; `None` where it is not content, is in no part, or the
    /// text has no parts.
    #[inline]
    pub(super) fn part_of(
        &self,
        features: &Features,
        feature: &Feature,
        is_content: bool,
    ) -> Option<usize> {
        (is_content && !self.parts.is_empty())
            .then(|| features.part_of(feature))
            .flatten()
    }

    /// Adds the trained weight of one feature, and what labels add (`live`).
    #[inline]
    pub(super) fn add(&mut self, role: Role, part: Option<usize>, trained: f64, live: f64) {
        if !role.is_content {
            self.by_view[role.view as usize] += trained + live;
            if role.is_signature {
                self.signed += live;
            }
            return;
        }
        let place = self.place(part);
        *place.of(role.view) += trained;
        if role.is_named {
            place.named += live;
        } else {
            place.live += live;
        }
        place.features += 1;
    }

    /// The sum for a part of the text, or for content in no part.
    #[inline]
    pub(super) fn place(&mut self, part: Option<usize>) -> &mut Sum {
        match part {
            Some(part) => &mut self.parts[part],
            None => &mut self.content,
        }
    }
}
