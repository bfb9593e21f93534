//! Features in, a score and its reasons out: gather the weights, sum them by view and part, pool, explain.

use super::counts::{Count, Counts};
use super::evidence::{self, Evidence, Sum};
use super::explain::Explanation;
use super::layers::{self, Balanced, LayerEvidence, Live, live_evidence};
use super::{Model, Score, uncap};
use crate::features::{Expert, Feature, Features, Kind, View};
use crate::verdict::{Carried, Clue, Layer};

/// One contribution to the sum; small, for there are hundreds.
struct Spoken {
    weight: f64,
    /// Place of its feature.
    at: u32,
    /// Part of the text it stands in, or [`EVERYWHERE`]; there are at most 64 (`features::parts`).
    part: u8,
    layer: Layer,
    length: Length,
}

/// How it is divided by the length of the content.
#[derive(Clone, Copy)]
enum Length {
    /// Not at all: it says nothing of the content.
    None,
    /// As trained evidence is.
    OfTrained,
    /// As labels are.
    OfLabels,
}

/// How far the operator's lists may move a score, in log-odds, whatever was labelled: a list never decides alone.
const REACH_OF_LISTS: f64 = 2.0;

/// What speaks of the whole comment.
const EVERYWHERE: u8 = u8::MAX;

/// Sums by view and part while features speak.
struct Sums {
    by_view: [f64; View::ALL.len()],
    content: Sum,
    parts: Vec<Sum>,
}

impl Sums {
    fn new(parts: usize) -> Self {
        Self {
            by_view: [0.0; View::ALL.len()],
            content: Sum::default(),
            parts: vec![Sum::default(); parts],
        }
    }

    /// Where a feature's content stands.
    #[inline]
    fn place(&mut self, part: Option<usize>) -> &mut Sum {
        match part {
            Some(part) => &mut self.parts[part],
            None => &mut self.content,
        }
    }
}

/// What labels say of a comment's features, looked up in one go: the tables are larger than the caches, and no look-up need wait for the one before.
struct Labels<'a> {
    shared: Balanced<'a>,
    site: Option<Balanced<'a>>,
    in_base: Vec<Count>,
    in_shared: Vec<Count>,
    in_site: Vec<Count>,
}

impl<'a> Labels<'a> {
    /// `None` where there are no labels at all.
    fn gather(model: &Model, features: &[Feature], live: Live<'a>) -> Option<Self> {
        if live.shared.is_empty() && live.site.is_none_or(Counts::is_empty) {
            return None;
        }
        let influence = &model.settings.influence;
        let shared = Balanced::of(live.shared, influence.shared_label);
        let site = live
            .site
            .map(|site| Balanced::of(site, influence.site_label));
        Some(Self {
            in_base: features
                .iter()
                .map(|feature| uncap(model.counts[feature.id as usize]))
                .collect(),
            in_shared: shared.of_all(features),
            in_site: site.map_or_else(Vec::new, |site| site.of_all(features)),
            shared,
            site,
        })
    }

    /// What they say of one, and how far that is believed.
    fn of(&self, model: &Model, at: usize, kind: Kind) -> Option<(LayerEvidence, f64)> {
        let influence = &model.settings.influence;
        let belief = influence.belief.get(kind as usize).copied()?;
        if belief <= 0.0 {
            return None;
        }
        let evidence = live_evidence(
            kind,
            self.in_base[at],
            model.settings.comments[kind.field() as usize],
            (&self.shared, self.in_shared[at]),
            self.site.as_ref().map(|site| (site, self.in_site[at])),
            influence,
        )?;
        Some((evidence, belief))
    }
}

impl Model {
    /// Scores a comment's features under the model and the labels since.
    pub fn score(&self, features: &Features, live: Live<'_>) -> Score {
        // All weights are fetched before any is looked at: the tables are larger than the caches, and a fetch need not wait for the one before.
        let weights: Vec<i16> = self.gather(features);
        let labels = Labels::gather(self, &features.items, live);
        let mut sums = Sums::new(features.parts());
        let believed = self.believed(features);
        let (mut known, mut identities) = (0, 0.0);
        let mut spoken: Vec<Spoken> = Vec::with_capacity(features.items.len());
        for (at, (feature, weight)) in features.items.iter().zip(weights).enumerate() {
            let mut trained = f64::from(weight) * f64::from(self.unit);
            let is_signature = feature.kind.view().expert() == Expert::Signature;
            if is_signature {
                trained *= believed;
            }
            let said = labels
                .as_ref()
                .and_then(|labels| labels.of(self, at, feature.kind));
            known += usize::from(trained != 0.0 || said.is_some());
            let view = feature.kind.view();
            let is_scaled = view.expert() == Expert::Content;
            let part = if is_scaled && !sums.parts.is_empty() {
                features.part_of(feature)
            } else {
                None
            };
            // What is left of the trained weight, and what labels put in its place: only the first is a matter of length.
            let (left, base) = said.map_or((trained, 0.0), |(evidence, belief)| {
                (evidence.left(trained), evidence.in_its_place(belief))
            });
            // Labels of names alone are believed as little as what the model knows of them.
            let share = if is_signature { believed } else { 1.0 };
            let base = base * share;
            let is_named = feature.kind.is_identity() || feature.kind == Kind::Whole;
            let (of_trained, of_labels) = match (is_scaled, is_named) {
                (true, false) => (Length::OfTrained, Length::OfLabels),
                (true, true) => (Length::OfTrained, Length::None),
                (false, _) => (Length::None, Length::None),
            };
            let mut speak = |weight: f64, layer: Layer, length: Length| {
                spoken.push(Spoken {
                    weight,
                    at: at as u32,
                    part: part.map_or(EVERYWHERE, |part| part as u8),
                    layer,
                    length,
                });
            };
            if left != 0.0 {
                speak(left, Layer::Base, of_trained);
            }
            if base != 0.0 {
                speak(base, Layer::Base, of_labels);
            }
            let mut live = base;
            if let Some((evidence, belief)) = said {
                let (shared, site) = (
                    belief * evidence.shared * share,
                    belief * evidence.site * share,
                );
                speak(shared, Layer::Shared, of_labels);
                speak(site, Layer::Site, of_labels);
                live += shared + site;
                if feature.kind.is_identity() {
                    identities += live;
                }
            }
            if is_scaled {
                let place = sums.place(part);
                *place.of(view) += left;
                if is_named {
                    place.named += live;
                } else {
                    place.live += live;
                }
                place.features += 1;
            } else {
                sums.by_view[view as usize] += left + live;
            }
        }
        let echo = self.echo(features);
        // Clues say of lists what counts, and not what labels alone would say.
        let reach = self.reach(View::Listed);
        let of_lists = reach / sums.by_view[View::Listed as usize].abs().max(reach);
        let mut evidence = self.pool(sums, features, echo);
        if self.is_cold() {
            evidence.everywhere += layers::bias_of_labels(live, &self.settings.influence);
        }
        let length = self.length(features);
        let heard = evidence.worst(self.settings.part_penalty);
        let raw = heard.sum * length;
        let log_odds = self.settings.calibration.log_odds(raw, features.language);
        let factor = self.settings.calibration.slope * length;
        let (mut explanation, mut carried) = (Explanation::new(features), Carried::default());
        for one in spoken {
            let is_heard = one.part == EVERYWHERE
                || heard.from.is_none_or(|from| {
                    (from..from + evidence::WINDOW).contains(&usize::from(one.part))
                });
            if is_heard {
                let at = one.at as usize;
                let weight = one.weight
                    * match one.length {
                        Length::None if features.items[at].kind == Kind::Listed => of_lists,
                        Length::None => 1.0,
                        Length::OfTrained => heard.scale,
                        Length::OfLabels => heard.live_scale,
                    };
                match one.layer {
                    Layer::Base => carried.base += weight.abs(),
                    Layer::Shared => carried.shared += weight.abs(),
                    Layer::Site => carried.site += weight.abs(),
                }
                explanation.hear(at, weight, one.layer);
            }
        }
        explanation.hear_echo(echo);
        let clues: Vec<Clue> = explanation.clues(factor);
        let rest = log_odds - clues.iter().map(|clue| clue.weight).sum::<f64>();
        let all = carried.base + carried.shared + carried.site;
        if all > 0.0 {
            for part in [&mut carried.base, &mut carried.shared, &mut carried.site] {
                *part /= all;
            }
        }
        Score {
            raw,
            log_odds,
            clues,
            rest,
            known,
            carried,
            identities: identities * factor,
        }
    }

    pub(super) fn gather(&self, features: &Features) -> Vec<i16> {
        features
            .items
            .iter()
            .map(|feature| self.weights[feature.id as usize])
            .collect()
    }

    /// What the whole sum is multiplied by.
    pub(super) fn length(&self, features: &Features) -> f64 {
        match self.settings.length_power {
            0.0 => 1.0,
            power => (features.items.len().max(1) as f64).powf(-power),
        }
    }

    /// How far a view may move the raw score.
    fn reach(&self, view: View) -> f64 {
        let of_lists = REACH_OF_LISTS / self.settings.calibration.slope;
        *self.settings.reach.get(view as usize).unwrap_or(&of_lists)
    }

    /// Views within their reach, the signature's echo and the constants, as evidence.
    fn pool(&self, sums: Sums, features: &Features, echo: f64) -> Evidence {
        let mut everywhere = self.constants(features) + echo;
        for view in View::ALL {
            let (sum, reach) = (sums.by_view[view as usize], self.reach(view));
            everywhere += sum.clamp(-reach, reach);
        }
        Evidence {
            everywhere,
            content: sums.content,
            parts: sums.parts,
            power: self.settings.content_power,
            live_scale: (!self.is_cold())
                .then(|| self.settings.influence.scale / self.settings.calibration.slope),
            most_of_words: features.is_foreign().then_some(self.settings.foreign_words),
        }
    }

    /// How far the trained weights of the signature are believed.
    fn believed(&self, features: &Features) -> f64 {
        if features.has_home() {
            1.0
        } else {
            self.settings.name_alone
        }
    }

    /// The bias, and that of a signature where there is one.
    fn constants(&self, features: &Features) -> f64 {
        let is_signed = f64::from(u8::from(!features.echo.is_empty()));
        self.settings.bias + is_signed * self.believed(features) * self.settings.signature_bias
    }

    /// What the text's evidence says of the signature of a comment with a home page.
    fn echo(&self, features: &Features) -> f64 {
        let ids = &features.echo;
        if self.settings.echo == 0.0 || ids.is_empty() || !features.has_home() {
            return 0.0;
        }
        let sum: i64 = ids
            .iter()
            .map(|&id| i64::from(self.weights[id as usize]))
            .sum();
        let scale = (ids.len() as f64).powf(-self.settings.content_power);
        sum as f64 * f64::from(self.unit) * scale * self.settings.echo
    }

    /// The same sum without labels, for the one who asks what the model thinks by itself.
    pub(super) fn trained_evidence(&self, features: &Features) -> Evidence {
        let mut sums = Sums::new(features.parts());
        let believed = self.believed(features);
        for (feature, weight) in features.items.iter().zip(self.gather(features)) {
            let mut weight = f64::from(weight) * f64::from(self.unit);
            let view = feature.kind.view();
            if view.expert() == Expert::Signature {
                weight *= believed;
            }
            if view.expert() == Expert::Content {
                let part = if sums.parts.is_empty() {
                    None
                } else {
                    features.part_of(feature)
                };
                let place = sums.place(part);
                *place.of(view) += weight;
                place.features += 1;
            } else {
                sums.by_view[view as usize] += weight;
            }
        }
        self.pool(sums, features, self.echo(features))
    }
}
