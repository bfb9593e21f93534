//! Log-odds in, a verdict out: the verdicts and the cutoffs between them. It never knows a site.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::label::Label;

/// The verdict of the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Publish.
    Ham,
    /// Let a person decide.
    Unsure,
    /// Put into the spam folder.
    Spam,
    /// So clearly spam that a client may delete it unseen.
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

    /// The label that a person would give for this verdict; `None` for unsure.
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

/// Where ham ends and spam begins, in calibrated log-odds (natural logarithm);
/// `unsure <= spam <= discard`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Cutoffs {
    /// From here a person should look.
    pub unsure: f64,
    /// From here it is spam.
    pub spam: f64,
    /// From here it may be discarded.
    pub discard: f64,
}

impl Cutoffs {
    /// Cutoffs for a model that has no held-out comments to choose them by: probabilities .25, .75
    /// and .999.
    pub const UNMEASURED: Self = Self {
        unsure: -1.0986122886681098,
        spam: 1.0986122886681098,
        discard: 6.906754778648553,
    };

    /// The distance of log-odds from the unsure or the spam cutoff, whichever is nearer.
    pub fn distance(&self, log_odds: f64) -> f64 {
        let ends = [self.unsure, self.spam].map(|end| (log_odds - end).abs());
        ends[0].min(ends[1])
    }

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
