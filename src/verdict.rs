//! What we think, and what people say. Machines give verdicts, people give labels; the two never mix.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

mod clue;
mod portrait;

pub use clue::Clue;
pub use portrait::{Portrait, Profile, SCORE_BINS, UNKNOWN_BINS, Unaided};

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

macro_rules! categories {
    ($($name:ident: $code:literal, $en:literal, $vi:literal;)*) => {
        /// What spam is about. The order is part of the format of models and ledgers: append only.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum Category {
            $(#[doc = $en] $name,)*
        }

        impl Category {
            /// All categories, in order.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// Its name in headers, JSON and training data: `forged-papers`.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code),* }
            }

            /// What a person calls it, in English.
            pub fn name_en(self) -> &'static str {
                match self { $(Self::$name => $en),* }
            }

            /// What a person calls it, in Vietnamese.
            pub fn name_vi(self) -> &'static str {
                match self { $(Self::$name => $vi),* }
            }
        }
    };
}

categories! {
    Gambling: "gambling", "gambling and betting", "cờ bạc, cá độ";
    Loans: "loans", "loans and credit", "vay tiền, tín dụng";
    Adult: "adult", "adult content and dating", "nội dung người lớn";
    Pharma: "pharma", "medicines and beauty treatments", "thuốc, làm đẹp";
    Seo: "seo", "links and promotion of websites", "đặt liên kết, SEO";
    Scam: "scam", "phishing and other scams", "lừa đảo";
    Jobs: "jobs", "jobs and easy money", "việc làm, kiếm tiền dễ";
    ForgedPapers: "forged-papers", "forged papers", "giấy tờ, bằng cấp giả";
    Crypto: "crypto", "coins and investments", "tiền số, đầu tư";
    Gibberish: "gibberish", "gibberish", "vô nghĩa";
    Other: "other", "other advertising", "quảng cáo khác";
}

impl fmt::Display for Category {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Category {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let known = Self::ALL.iter().find(|category| category.as_str() == text);
        known.copied().ok_or_else(|| {
            let names: Vec<&str> = Self::ALL.iter().map(|category| category.as_str()).collect();
            format!(
                "{text:?} is no kind of spam; expected one of {}",
                names.join(", ")
            )
        })
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

    /// How far log-odds lie from the nearer end of the unsure.
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

/// Number of clues an assessment shows at most.
pub const MOST_CLUES: usize = 8;

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
    /// The strongest reasons, strongest first, at most [`MOST_CLUES`]; one that forced the verdict comes before all.
    pub clues: Vec<Clue>,
    /// What all other features and the bias add; clues and rest sum to `log_odds`.
    pub rest: f64,
    /// Id of the model that judged.
    pub model: String,
    /// What the spam is about; `None` for ham, and where nothing fits well enough.
    #[serde(default)]
    pub category: Option<Category>,
    /// Pieces of the comment that spoke for the category, strongest first, at most three.
    #[serde(default)]
    pub category_clues: Vec<String>,
    /// How much of the evidence of model and labels each layer carried.
    #[serde(default)]
    pub carried: Carried,
}

/// Log-odds of 99 %: where a verdict that was forced comes to lie unless it lay farther out already.
const FORCED: f64 = 4.59511985013459;

/// What a forced verdict adds at least, so that it shows among the clues of a comment that was as good as certain.
const LEAST_FORCE: f64 = 1.0;

impl Assessment {
    /// Adds a clue that is none of the model's: log-odds and probability move by its weight, and clues and rest still sum to them.
    /// The verdict stays until [`judge`](Self::judge).
    pub fn add(&mut self, clue: Clue) {
        let weaker = |other: &Clue| other.weight.abs() < clue.weight.abs();
        let place = self.clues.iter().position(weaker);
        self.insert(place.unwrap_or(self.clues.len()), clue);
    }

    /// Gives the verdict that the log-odds have under these cutoffs.
    pub fn judge(&mut self, cutoffs: &Cutoffs) {
        self.verdict = cutoffs.judge(self.log_odds);
    }

    /// Forces the verdict to one side, whatever all else says. The clue becomes the first; its weight becomes what was needed, so that the
    /// log-odds, the probability and the verdict agree. Spam stays discard where it was, and becomes discard nowhere.
    pub fn force(&mut self, label: Label, cutoffs: &Cutoffs, mut clue: Clue) {
        let before = self.log_odds;
        clue.weight = match label {
            Label::Ham => {
                let ham = (-FORCED).min(cutoffs.unsure - LEAST_FORCE);
                ham.min(before - LEAST_FORCE) - before
            }
            Label::Spam => {
                let spam = cutoffs.spam.max(FORCED).max(before + LEAST_FORCE);
                let blatant = before >= cutoffs.discard;
                let most = if blatant {
                    f64::INFINITY
                } else {
                    cutoffs.discard.next_down().max(cutoffs.spam)
                };
                spam.min(most) - before
            }
        };
        self.insert(0, clue);
        self.judge(cutoffs);
    }

    fn insert(&mut self, place: usize, clue: Clue) {
        self.log_odds += clue.weight;
        self.probability = sigmoid(self.log_odds);
        self.clues.insert(place, clue);
        self.rest += self
            .clues
            .drain(self.clues.len().min(MOST_CLUES)..)
            .map(|clue| clue.weight)
            .sum::<f64>();
    }
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
    fn a_category_has_one_name_everywhere() {
        for &category in Category::ALL {
            assert_eq!(category.as_str().parse(), Ok(category));
            assert_eq!(
                serde_json::to_value(category).expect("plain"),
                category.as_str()
            );
        }
        let error = "spam".parse::<Category>().expect_err("no category");
        assert!(error.contains("forged-papers"), "{error}");
    }

    #[test]
    fn sigmoid_stays_finite_at_the_ends() {
        assert_eq!(sigmoid(-1e308), 0.0);
        assert_eq!(sigmoid(1e308), 1.0);
        assert_eq!(sigmoid(0.0), 0.5);
    }

    const CUTOFFS: Cutoffs = Cutoffs {
        unsure: -2.0,
        spam: 1.0,
        discard: 5.0,
    };

    fn clue(weight: f64) -> Clue {
        Clue {
            reason: "so".into(),
            reason_vi: "vậy".into(),
            text: format!("{weight}"),
            weight,
            layer: Layer::Base,
            place: None,
        }
    }

    fn assessment(log_odds: f64) -> Assessment {
        let clues: Vec<Clue> = (1..=MOST_CLUES)
            .rev()
            .map(|n| clue(n as f64 / 10.0))
            .collect();
        let rest = log_odds - clues.iter().map(|clue| clue.weight).sum::<f64>();
        Assessment {
            verdict: CUTOFFS.judge(log_odds),
            probability: sigmoid(log_odds),
            log_odds,
            lang: "en".into(),
            clues,
            rest,
            model: String::new(),
            category: None,
            category_clues: Vec::new(),
            carried: Carried::default(),
        }
    }

    #[track_caller]
    fn adds_up(assessment: &Assessment) {
        let sum: f64 = assessment.clues.iter().map(|clue| clue.weight).sum();
        assert!(
            (sum + assessment.rest - assessment.log_odds).abs() < 1e-9,
            "{assessment:?}"
        );
        assert_eq!(assessment.probability, sigmoid(assessment.log_odds));
        assert_eq!(assessment.verdict, CUTOFFS.judge(assessment.log_odds));
        assert!(assessment.clues.len() <= MOST_CLUES);
    }

    #[test]
    fn a_clue_from_outside_takes_its_place_and_all_adds_up() {
        let mut assessment = assessment(0.0);
        assessment.add(clue(0.65));
        assessment.add(clue(-3.0));
        assessment.add(clue(0.01));
        assessment.judge(&CUTOFFS);
        adds_up(&assessment);
        let texts: Vec<&str> = assessment.clues.iter().map(|c| c.text.as_str()).collect();
        assert_eq!(texts[..3], ["-3", "0.8", "0.7"]);
        assert_eq!(texts[3], "0.65");
        assert_eq!(assessment.verdict, Verdict::Ham);
    }

    #[test]
    fn force_moves_every_score_to_its_side_and_all_adds_up() {
        for log_odds in [-40.0, -4.0, -2.0, 0.0, 1.0, 4.0, 4.99999, 5.0, 40.0] {
            let (mut spam, mut ham) = (assessment(log_odds), assessment(log_odds));
            spam.force(Label::Spam, &CUTOFFS, clue(0.0));
            adds_up(&spam);
            let blatant = log_odds >= CUTOFFS.discard;
            let expected = if blatant {
                Verdict::Discard
            } else {
                Verdict::Spam
            };
            assert_eq!(spam.verdict, expected, "from {log_odds}");
            assert!(
                spam.clues[0].text == "0" && spam.clues[0].weight > 0.0,
                "{spam:?}"
            );
            ham.force(Label::Ham, &CUTOFFS, clue(0.0));
            adds_up(&ham);
            assert_eq!(ham.verdict, Verdict::Ham, "from {log_odds}");
            assert!(ham.clues[0].weight < 0.0 && ham.probability < 0.02);
        }
    }
}
