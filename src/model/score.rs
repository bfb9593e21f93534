//! Features in, a score and its reasons out: gather the weights, sum them by view and part, pool, explain.

use super::counts::{Count, Counts};
use super::evidence::{self, Evidence, Sum};
use super::explain::Explanation;
use super::layers::{self, Balanced, LayerEvidence, Live, live_evidence};
use super::parameters::{Model, uncap};
use crate::features::{Expert, Feature, FeatureId, Features, Kind, View};
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

impl Spoken {
    #[inline]
    fn new(weight: f64, at: usize, part: Option<usize>, layer: Layer, length: Length) -> Self {
        Self {
            weight,
            at: at as u32,
            part: part.map_or(EVERYWHERE, |part| part as u8),
            layer,
            length,
        }
    }
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

/// What speaks of the whole comment.
const EVERYWHERE: u8 = u8::MAX;

/// Sums by view and part while features speak.
struct Sums {
    by_view: [f64; View::ALL.len()],
    content: Sum,
    parts: Vec<Sum>,
    /// What labels of the signature add.
    signed: f64,
}

impl Sums {
    fn new(parts: usize) -> Self {
        Self {
            by_view: [0.0; View::ALL.len()],
            content: Sum::default(),
            parts: vec![Sum::default(); parts],
            signed: 0.0,
        }
    }

    /// What labels of the content and the signature say against the comment, in raw units; 0 if they speak for it.
    fn accusing(&self, live_scale: Option<f64>) -> f64 {
        let all = self.parts.iter().fold(self.content, Sum::plus);
        let live = all.live * evidence::scale_of_labels(live_scale, all.features);
        (live + all.named + self.signed).max(0.0)
    }

    /// The part of the text a feature stands in; `None` where it is no content, stands in no part, or the text has none.
    #[inline]
    fn part_of(&self, features: &Features, feature: &Feature, is_content: bool) -> Option<usize> {
        (is_content && !self.parts.is_empty())
            .then(|| features.part_of(feature))
            .flatten()
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
    /// Spam labels, of all or of the site, whichever are more.
    spam: f64,
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
        let spam_in = |counts: &Counts| f64::from(counts.comments().spam);
        Some(Self {
            spam: spam_in(live.shared).max(live.site.map_or(0.0, spam_in)),
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
        let mut in_shared = self.in_shared[at];
        if kind.is_person() {
            // Whom a site has approved, it knows; whom somebody called spam there, it does not know. Other sites have no say.
            in_shared = Count::default();
            if self.in_site.get(at).is_none_or(|count| count.spam > 0) {
                return None;
            }
        }
        let evidence = live_evidence(
            kind,
            self.in_base[at],
            model.settings.comments[kind.field() as usize],
            (&self.shared, in_shared),
            self.site.as_ref().map(|site| (site, self.in_site[at])),
            influence,
        )?;
        let in_favour = evidence.shared + evidence.site < 0.0;
        if model.is_cold() || !in_favour {
            return Some((evidence, belief));
        }
        if kind.is_easily_stolen() {
            return None;
        }
        // What all comments have speaks for a comment only as far as spam labels could have shown it in spam.
        let heard = if kind.is_of_all_comments() {
            self.spam / (self.spam + FEW_SPAM)
        } else if kind.view() == View::Text && kind != Kind::Whole {
            WORDS_IN_FAVOUR
        } else {
            1.0
        };
        Some((evidence, belief * heard))
    }
}

/// How far words of ham labels are believed. A spam label is dealt out, a ham label speaks whole for each view, and most labels of a site are ham: believed as
/// much, the common words of honest comments let a third more spam pass in the month (docs/DECISIONS.md, "How is a label dealt out?").
const WORDS_IN_FAVOUR: f64 = 0.7;

/// Spam labels after which a fact's evidence for a comment is half believed. Six approvals took a loan offer from spam to unsure by its length and capitals.
const FEW_SPAM: f64 = 4.0;

/// What features said, before it is put together.
struct Heard {
    sums: Sums,
    spoken: Vec<Spoken>,
    /// Features that the model or a label says something of.
    known: usize,
    /// Whether a label touches the comment.
    is_labelled: bool,
    /// What labels of things with a name add.
    identities: f64,
}

impl Model {
    /// Scores a comment's features under the model and the labels since.
    pub fn score(&self, features: &Features, live: Live<'_>) -> Score {
        let Heard {
            sums,
            spoken,
            known,
            mut is_labelled,
            identities,
        } = match Labels::gather(self, &features.items, live) {
            Some(labels) => self.hear(features, &labels),
            None => self.hear_unlabelled(features),
        };
        let echo = self.echo(&features.echo, features.has_home());
        // Clues say of lists what counts, and not what labels alone would say.
        let reach = self.settings.reach[View::Listed as usize];
        let of_lists = reach / sums.by_view[View::Listed as usize].abs().max(reach);
        let mut evidence = self.pool(sums, features, echo);
        if self.is_cold() {
            let bias = layers::bias_of_labels(live, &self.settings.influence);
            is_labelled |= bias != 0.0;
            evidence.everywhere += bias;
        }
        let length = self.length(features);
        let heard = evidence.window_max(self.settings.part_penalty);
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
            is_labelled,
            identities: identities * factor,
        }
    }

    /// What features say where nobody labelled anything.
    fn hear_unlabelled(&self, features: &Features) -> Heard {
        let mut spoken = Vec::with_capacity(features.items.len());
        let sums = self.trained_sums(features, |one| spoken.push(one));
        Heard {
            sums,
            known: spoken.len(),
            spoken,
            is_labelled: false,
            identities: 0.0,
        }
    }

    /// What features say, and what labels say of them.
    fn hear(&self, features: &Features, labels: &Labels<'_>) -> Heard {
        // All weights are fetched before any is looked at: the tables are larger than the caches, and a fetch need not wait for the one before.
        let weights: Vec<i16> = self.gather(features);
        let mut sums = Sums::new(features.parts());
        let believed = self.believed(features.has_home());
        let (mut known, mut is_labelled, mut identities) = (0, false, 0.0);
        let mut spoken: Vec<Spoken> = Vec::with_capacity(features.items.len());
        for (at, (feature, weight)) in features.items.iter().zip(weights).enumerate() {
            let view = feature.kind.view();
            let expert = view.expert();
            let (is_scaled, is_signature) =
                (expert == Expert::Content, expert == Expert::Signature);
            // Labels of names alone are believed as little as what the model knows of them.
            let share = if is_signature { believed } else { 1.0 };
            let trained = f64::from(weight) * f64::from(self.unit) * share;
            let said = labels.of(self, at, feature.kind);
            known += usize::from(trained != 0.0 || said.is_some());
            is_labelled |= said.is_some();
            let part = sums.part_of(features, feature, is_scaled);
            // What is left of the trained weight, and what labels put in its place: only the first is a matter of length.
            let (left, base) = said.map_or((trained, 0.0), |(evidence, belief)| {
                (evidence.left(trained), evidence.in_its_place(belief))
            });
            let base = base * share;
            let is_named = feature.kind.is_identity() || feature.kind == Kind::Whole;
            let (of_trained, of_labels) = match (is_scaled, is_named) {
                (true, false) => (Length::OfTrained, Length::OfLabels),
                (true, true) => (Length::OfTrained, Length::None),
                (false, _) => (Length::None, Length::None),
            };
            let mut speak = |weight: f64, layer: Layer, length: Length| {
                if weight != 0.0 {
                    spoken.push(Spoken::new(weight, at, part, layer, length));
                }
            };
            speak(left, Layer::Base, of_trained);
            speak(base, Layer::Base, of_labels);
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
                if is_signature {
                    sums.signed += live;
                }
            }
        }
        Heard {
            sums,
            spoken,
            known,
            is_labelled,
            identities,
        }
    }

    /// The sums of the trained weights; each that says something is told.
    fn trained_sums(&self, features: &Features, mut tell: impl FnMut(Spoken)) -> Sums {
        let mut sums = Sums::new(features.parts());
        let believed = self.believed(features.has_home());
        let weights = self.gather(features);
        for (at, (feature, weight)) in features.items.iter().zip(weights).enumerate() {
            let view = feature.kind.view();
            let expert = view.expert();
            let is_scaled = expert == Expert::Content;
            let part = sums.part_of(features, feature, is_scaled);
            if is_scaled {
                sums.place(part).features += 1;
            }
            // Most character n-grams of a text say nothing.
            if weight == 0 {
                continue;
            }
            let mut weight = f64::from(weight) * f64::from(self.unit);
            let mut length = Length::None;
            if is_scaled {
                *sums.place(part).of(view) += weight;
                length = Length::OfTrained;
            } else {
                if expert == Expert::Signature {
                    weight *= believed;
                }
                sums.by_view[view as usize] += weight;
            }
            tell(Spoken::new(weight, at, part, Layer::Base, length));
        }
        sums
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

    /// Views within their reach, the signature's echo and the constants, as evidence.
    fn pool(&self, sums: Sums, features: &Features, echo: f64) -> Evidence {
        let mut everywhere = self.constants(features) + echo;
        let live_scale = self.live_scale(features);
        for (view, reach) in View::ALL.into_iter().zip(self.settings.reach) {
            let sum = sums.by_view[view as usize].clamp(-reach, reach);
            everywhere += match view {
                // A network confirms what other labels say; alone it accuses nobody.
                View::Sender if !self.is_cold() => sum.min(sums.accusing(live_scale)),
                _ => sum,
            };
        }
        Evidence {
            everywhere,
            content: sums.content,
            parts: sums.parts,
            power: self.settings.content_power,
            live_scale,
            most_of_words: features.is_foreign().then_some(self.settings.foreign_words),
        }
    }

    /// What labels of the content are multiplied by, before its length is looked at; `None` for a model that knows nothing.
    fn live_scale(&self, features: &Features) -> Option<f64> {
        let influence = &self.settings.influence;
        let believed = if features.is_foreign() {
            influence.foreign
        } else {
            1.0
        };
        (!self.is_cold()).then(|| believed * influence.scale / self.settings.calibration.slope)
    }

    /// How far the trained weights of the signature are believed.
    pub(super) fn believed(&self, has_home: bool) -> f64 {
        if has_home {
            1.0
        } else {
            self.settings.name_alone
        }
    }

    /// The bias, and that of a signature where there is one.
    fn constants(&self, features: &Features) -> f64 {
        let is_signed = f64::from(u8::from(!features.echo.is_empty()));
        self.settings.bias
            + is_signed * self.believed(features.has_home()) * self.settings.signature_bias
    }

    /// What the text's evidence says of the signature of a comment with a home page.
    pub(super) fn echo(&self, ids: &[FeatureId], has_home: bool) -> f64 {
        if self.settings.echo == 0.0 || ids.is_empty() || !has_home {
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
        let sums = self.trained_sums(features, |_| ());
        let echo = self.echo(&features.echo, features.has_home());
        self.pool(sums, features, echo)
    }
}

/// What a comment scored.
#[derive(Debug, Clone, PartialEq)]
pub struct Score {
    /// Before calibration.
    pub raw: f64,
    /// Calibrated log-odds of spam.
    pub log_odds: f64,
    /// Strongest clues, strongest first.
    pub clues: Vec<Clue>,
    /// What everything else adds; clues and rest sum to `log_odds`.
    pub rest: f64,
    /// Features the model or a label knows.
    pub known: usize,
    /// How much of the evidence each layer carried.
    pub carried: Carried,
    /// Whether labels had anything to say. If not, the score is the model's own.
    pub is_labelled: bool,
    /// What labels say of its links, numbers and addresses, in log-odds: who they belong to has been told spam or ham before.
    pub identities: f64,
}
