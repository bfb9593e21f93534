//! Features of a comment and counts of labels in, a score and its reasons out: sum, pool,
//! calibrate, explain. It reads counts of labels and never changes them.

use super::base_score::Weighed;
use super::evidence::Pooled;
use super::explain::Explanation;
use super::layers::{Live, bias_of_labels};
use super::parameters::Model;
use super::sums::{Contribution, Length, Sums};
use crate::features::{Features, Kind, View};
use crate::verdict::{BaseScore, Carried, Clue, Layer};

/// What a comment scored.
#[derive(Debug, Clone, PartialEq)]
pub struct Score {
    /// The score before calibration, in raw units.
    pub raw: f64,
    /// Calibrated log-odds of spam.
    pub log_odds: f64,
    /// Strongest clues, strongest first.
    pub clues: Vec<Clue>,
    /// What everything else adds, in log-odds; clues and rest sum to `log_odds`.
    pub rest: f64,
    /// Number of features that the model or a label knows.
    pub known: usize,
    /// The share of each layer in the evidence.
    pub carried: Carried,
    /// Whether any label touches the comment. If not, the score is the model's own.
    pub is_labelled: bool,
    /// What labels say of its links, numbers and addresses, in log-odds: whether what belongs to
    /// their owner was labelled before.
    pub identities: f64,
    /// The score of the model alone: the same pass gives both.
    pub alone: BaseScore,
}

impl Model {
    /// Scores a comment's features under the model and the labels since.
    ///
    /// ```
    /// use phin::comment::Comment;
    /// use phin::features::Features;
    /// use phin::model::{Model, counts::Counts, layers::Live};
    /// use phin::verdict::Label;
    ///
    /// let features = |text: &str| Features::of(&Comment::from_text(text));
    /// let mut labels = Counts::default();
    /// labels.add(&features("vay tiền nhanh").ids(), Label::Spam);
    /// let live = Live {
    ///     shared: &labels,
    ///     site: Some(&labels),
    /// };
    /// // A model that knows nothing learns from one label.
    /// let score = Model::cold().score(&features("vay tiền nhanh trong ngày"), live);
    /// assert!(score.is_labelled && score.log_odds > 1.0);
    /// ```
    pub fn score(&self, features: &Features, live: Live<'_>) -> Score {
        let mut summed = self.sum(features, live);
        let echo = self.echo(&features.echo, features.has_home());
        let of_lists = self.share_of_lists(&summed.sums);
        let mut evidence = self.pool(summed.sums, features, echo);
        let alone = match summed.trained {
            Some(trained) => {
                let trained = self.pool(trained, features, echo);
                self.base_of(&trained, features, summed.unknown)
            }
            None => self.base_of(&evidence, features, summed.unknown),
        };
        if self.is_cold() {
            // The bias of a model that was never trained comes from the labels.
            let bias = bias_of_labels(live, &self.settings.influence);
            summed.is_labelled |= bias != 0.0;
            evidence.everywhere += bias;
        }
        let length = self.length(features);
        let Weighed {
            pooled,
            raw,
            log_odds,
        } = self.weigh(&evidence, features);
        // What one raw unit is worth in log-odds.
        let factor = self.settings.calibration.slope * length;
        let scales = Scales { pooled, of_lists };
        let said = Said {
            contributions: &summed.contributions,
            echo,
            factor,
        };
        let (clues, carried) = match summed.is_labelled {
            true => scales.explained::<3>(features, &said),
            false => scales.explained::<1>(features, &said),
        };
        let rest = log_odds - clues.iter().map(|clue| clue.weight).sum::<f64>();
        Score {
            raw,
            log_odds,
            clues,
            rest,
            known: summed.known,
            carried,
            is_labelled: summed.is_labelled,
            identities: summed.identities * factor,
            alone,
        }
    }

    /// The factor of contributions of evidence lists, 0 to 1. Their sum is limited to the view's
    /// reach, and clues must show what counts.
    fn share_of_lists(&self, sums: &Sums) -> f64 {
        let reach = self.settings.reach[View::Listed as usize];
        reach / sums.by_view[View::Listed as usize].abs().max(reach)
    }
}

/// What contributions are multiplied by before they are shown.
struct Scales {
    pooled: Pooled,
    of_lists: f64,
}

/// What is explained.
struct Said<'a> {
    contributions: &'a [Contribution],
    /// What the text's evidence says of the signature, in raw units.
    echo: f64,
    /// What one raw unit is worth in log-odds.
    factor: f64,
}

impl Scales {
    /// The strongest reasons, and the shares of the layers in the evidence.
    fn explained<const LAYERS: usize>(
        &self,
        features: &Features,
        said: &Said<'_>,
    ) -> (Vec<Clue>, Carried) {
        let mut explanation = Explanation::<LAYERS>::new(features);
        let carried = self.explain(said.contributions, features, &mut explanation);
        explanation.add_echo(said.echo);
        (explanation.clues(said.factor), carried)
    }

    #[inline]
    fn of(&self, one: &Contribution, features: &Features) -> f64 {
        match one.length {
            Length::None if features.items[one.at as usize].kind == Kind::Listed => self.of_lists,
            Length::None => 1.0,
            Length::OfTrained => self.pooled.scale,
            Length::OfLabels => self.pooled.live_scale,
        }
    }

    /// Hands on the contributions that count: those of the window and those of the whole comment.
    /// Returns the shares of the layers in their absolute weights.
    fn explain<const LAYERS: usize>(
        &self,
        contributions: &[Contribution],
        features: &Features,
        explanation: &mut Explanation<'_, LAYERS>,
    ) -> Carried {
        let mut carried = Carried::default();
        for one in contributions {
            if one.part().is_some_and(|part| !self.pooled.counts(part)) {
                continue;
            }
            let weight = one.weight * self.of(one, features);
            match one.layer {
                Layer::Base => carried.base += weight.abs(),
                Layer::Shared => carried.shared += weight.abs(),
                Layer::Site => carried.site += weight.abs(),
            }
            explanation.add(one.at as usize, weight, one.layer);
        }
        let all = carried.base + carried.shared + carried.site;
        if all > 0.0 {
            for layer in [&mut carried.base, &mut carried.shared, &mut carried.site] {
                *layer /= all;
            }
        }
        carried
    }
}
