//! What we think, and what people say. Machines give verdicts, people give labels; the two never mix.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What a person says about a comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Label {
    /// A comment to publish.
    Ham,
    /// A comment to hide.
    Spam,
}

impl Label {
    /// The other label.
    pub fn opposite(self) -> Self {
        match self {
            Self::Ham => Self::Spam,
            Self::Spam => Self::Ham,
        }
    }

    /// `ham` or `spam`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ham => "ham",
            Self::Spam => "spam",
        }
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Label {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "ham" => Ok(Self::Ham),
            "spam" => Ok(Self::Spam),
            other => Err(format!(
                "{other:?} is not a label; expected \"ham\" or \"spam\""
            )),
        }
    }
}

/// What the machine thinks of a comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Publish.
    Ham,
    /// Let a person decide.
    Unsure,
    /// Put into the spam folder.
    Spam,
    /// So blatant that nobody needs to see it.
    Discard,
}

impl Verdict {
    /// `ham`, `unsure`, `spam` or `discard`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ham => "ham",
            Self::Unsure => "unsure",
            Self::Spam => "spam",
            Self::Discard => "discard",
        }
    }

    /// The label this verdict would be, had a person said it; an unsure machine has none.
    pub fn side(self) -> Option<Label> {
        match self {
            Self::Ham => Some(Label::Ham),
            Self::Unsure => None,
            Self::Spam | Self::Discard => Some(Label::Spam),
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Where ham ends and spam begins, in calibrated log-odds (natural logarithm); `unsure <= spam <= discard`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Cutoffs {
    /// From here a person should look.
    pub unsure: f64,
    /// From here it is spam.
    pub spam: f64,
    /// From here it is blatant.
    pub discard: f64,
}

impl Cutoffs {
    /// Cutoffs for a model that has no held-out comments to choose them by: probabilities .25, .75 and .999.
    pub const UNMEASURED: Self = Self {
        unsure: -1.0986122886681098,
        spam: 1.0986122886681098,
        discard: 6.906754778648553,
    };

    /// The verdict for a comment of these log-odds.
    pub fn judge(&self, log_odds: f64) -> Verdict {
        if log_odds >= self.discard {
            Verdict::Discard
        } else if log_odds >= self.spam {
            Verdict::Spam
        } else if log_odds >= self.unsure {
            Verdict::Unsure
        } else {
            Verdict::Ham
        }
    }
}

/// One reason for a score.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Clue {
    /// What it says about the comment, in English words.
    pub reason: String,
    /// The same in Vietnamese.
    #[serde(default)]
    pub reason_vi: String,
    /// The piece of the comment it came from, normalised; empty for facts without a text.
    pub text: String,
    /// Log-odds it adds: positive for spam, negative for ham.
    pub weight: f64,
    /// Who taught it.
    pub layer: Layer,
}

/// The three summands of a score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Layer {
    /// The model.
    Base,
    /// Labels of all sites.
    Shared,
    /// Labels of this site.
    Site,
}

/// Everything we think about one comment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Assessment {
    /// The judgement.
    pub verdict: Verdict,
    /// Calibrated P(spam), in 0..=1.
    pub probability: f64,
    /// Calibrated log-odds; `probability = 1 / (1 + exp(-log_odds))`.
    pub log_odds: f64,
    /// Language of the text: `vi`, `en` or `und`.
    pub lang: String,
    /// The strongest reasons, strongest first, at most eight.
    pub clues: Vec<Clue>,
    /// What all other features and the bias add; clues and rest sum to `log_odds`.
    pub rest: f64,
    /// Id of the model that judged.
    pub model: String,
    /// How much of the evidence each layer carried.
    #[serde(default)]
    pub carried: Carried,
}

/// Shares of the layers in the absolute evidence of one comment; they sum to 1, or are all 0 where there was none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Carried {
    /// The model.
    pub base: f64,
    /// Labels of all sites.
    pub shared: f64,
    /// Labels of this site.
    pub site: f64,
}

/// `1 / (1 + exp(-x))`, finite for every finite `x`.
pub fn sigmoid(x: f64) -> f64 {
    if x >= 0.0 {
        1.0 / (1.0 + (-x).exp())
    } else {
        let e = x.exp();
        e / (1.0 + e)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verdict_starts_exactly_at_its_cutoff() {
        let cutoffs = Cutoffs {
            unsure: -1.0,
            spam: 2.0,
            discard: 5.0,
        };
        let judged: Vec<Verdict> = [-1.1, -1.0, 1.9, 2.0, 5.0]
            .iter()
            .map(|&x| cutoffs.judge(x))
            .collect();
        use Verdict::*;
        assert_eq!(judged, [Ham, Unsure, Unsure, Spam, Discard]);
    }

    #[test]
    fn sigmoid_stays_finite_at_the_ends() {
        assert_eq!(sigmoid(-1e308), 0.0);
        assert_eq!(sigmoid(1e308), 1.0);
        assert_eq!(sigmoid(0.0), 0.5);
    }
}
