//! Raw scores in, log-odds that mean what they say out (Platt scaling through linfa-logistic), and
//! the cutoffs for a stated share of false positives.

use linfa::DatasetBase;
use linfa::traits::Fit;
use linfa_logistic::LogisticRegression;
use ndarray::{Array1, Array2};
use serde::{Deserialize, Serialize};

use crate::text::Language;
use crate::verdict::{Cutoffs, Label};

/// A raw score with the truth, from a model that did not learn the comment.
#[derive(Debug, Clone, Copy)]
pub struct Scored {
    /// Score before calibration.
    pub raw: f64,
    /// Language of the comment.
    pub language: Language,
    /// What a person said.
    pub label: Label,
    /// How common such comments are in real streams; 1 for most.
    pub prevalence: f64,
}

/// `log_odds = slope * raw + intercept + that of the language`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Calibration {
    /// Factor of the raw score; positive.
    pub slope: f64,
    /// Constant.
    pub intercept: f64,
    /// Added for each language, in the order of `Language::GROUPS`; 0 where too few comments tell.
    pub of_language: [f64; GROUPS],
}

impl Calibration {
    /// Takes raw scores as they are.
    pub const IDENTITY: Self = Self {
        slope: 1.0,
        intercept: 0.0,
        of_language: [0.0; GROUPS],
    };

    /// What is added to `slope * raw` for a language.
    pub fn offset(&self, language: Language) -> f64 {
        self.intercept + self.of_language[language.group_at()]
    }

    /// Calibrated log-odds of a raw score.
    pub fn log_odds(&self, raw: f64, language: Language) -> f64 {
        self.slope * raw + self.offset(language)
    }

    /// Fits slope and offsets. Falls back to the identity when a class is missing or the scores
    /// carry no order.
    pub fn fit(scored: &[Scored]) -> Self {
        let spam = scored.iter().filter(|s| s.label == Label::Spam).count();
        if spam < FEWEST || scored.len() - spam < FEWEST {
            return Self::IDENTITY;
        }
        let has_both = Language::GROUPS.map(|group| {
            [Label::Spam, Label::Ham].into_iter().all(|label| {
                let of = |s: &&Scored| s.language.group() == group && s.label == label;
                scored.iter().filter(of).count() >= FEWEST
            })
        });
        // Raw scores reach hundreds; the solver wants them near one.
        let scale = (scored.iter().map(|s| s.raw * s.raw).sum::<f64>() / scored.len() as f64)
            .sqrt()
            .max(1e-9);
        let mut facts = Array2::zeros((scored.len(), 1 + GROUPS));
        for (row, s) in scored.iter().enumerate() {
            let group = s.language.group_at();
            facts[[row, 0]] = s.raw / scale;
            // English stands for the rest: one constant for each would be one too many. What is
            // usual in the languages of some blogs says nothing of those of others
            // (docs/DECISIONS.md, "Languages nobody taught").
            let is_apart = matches!(s.language, Language::Vietnamese | Language::Undetermined);
            facts[[row, 1 + group]] = f64::from(u8::from(has_both[group] && is_apart));
        }
        let labels = Array1::from_iter(scored.iter().map(|s| s.label == Label::Spam));
        let Ok(fitted) = LogisticRegression::default()
            .alpha(0.1)
            .max_iterations(200)
            .fit(&DatasetBase::new(facts, labels))
        else {
            return Self::IDENTITY;
        };
        // linfa takes the more frequent class as positive; ours is spam.
        let sign = if fitted.labels().pos.class { 1.0 } else { -1.0 };
        let slope = sign * fitted.params()[0] / scale;
        if !(slope.is_finite() && slope > 0.0) {
            return Self::IDENTITY;
        }
        Self {
            slope,
            intercept: sign * fitted.intercept(),
            of_language: std::array::from_fn(|at| sign * fitted.params()[1 + at]),
        }
    }
}

const GROUPS: usize = Language::GROUPS.len();

/// Comments of each class below which nothing is fitted.
const FEWEST: usize = 10;

/// Shares of ham at which cutoffs are set.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct CutoffRates {
    /// Share of ham that may be called spam.
    pub spam: f64,
    /// Share of ham that may be called discard.
    pub discard: f64,
    /// Share of ham that may be unsure or worse.
    pub unsure: f64,
}

impl Default for CutoffRates {
    fn default() -> Self {
        Self {
            spam: 0.0014,
            discard: 0.0001,
            unsure: 0.026,
        }
    }
}

/// Cutoffs such that at most the stated shares of ham lie above; `None` where too few comments
/// tell.
pub fn cutoffs(
    scored: &[Scored],
    calibration: &Calibration,
    rates: CutoffRates,
) -> Option<Cutoffs> {
    Tail::of(scored, calibration, None).cutoffs(rates, None)
}

/// The same of each language, in the order of `Language::GROUPS`; where too little ham tells,
/// `of_all` helps out.
pub fn cutoffs_by_language(
    scored: &[Scored],
    calibration: &Calibration,
    rates: CutoffRates,
    of_all: Cutoffs,
) -> [Cutoffs; GROUPS] {
    Language::GROUPS.map(|language| {
        Tail::of(scored, calibration, Some(language))
            .cutoffs(rates, Some(of_all))
            .unwrap_or(of_all)
    })
}

/// Ham by log-odds, highest first, with how common each is.
struct Tail {
    ham: Vec<(f64, f64)>,
    all: f64,
}

impl Tail {
    fn of(scored: &[Scored], calibration: &Calibration, language: Option<Language>) -> Self {
        let is_of = |s: &&Scored| language.is_none_or(|l| l == s.language.group());
        let mut ham: Vec<(f64, f64)> = scored
            .iter()
            .filter(|s| s.label == Label::Ham)
            .filter(is_of)
            .map(|s| (calibration.log_odds(s.raw, s.language), s.prevalence))
            .collect();
        ham.sort_unstable_by(|a, b| b.0.total_cmp(&a.0));
        Self {
            all: ham.iter().map(|(_, prevalence)| prevalence).sum(),
            ham,
        }
    }

    /// Just above the last ham that must not cross it.
    fn above(&self, rate: f64) -> f64 {
        let mut passed = 0.0;
        let first_below = self.ham.iter().find(|(_, prevalence)| {
            passed += prevalence;
            passed > self.all * rate
        });
        first_below.map_or(0.0, |(log_odds, _)| *log_odds) + MARGIN
    }

    /// A cutoff never lies on the wrong side of its own meaning: nothing is spam that is more
    /// likely ham, nor ham that is more likely spam; nothing is discarded below 99 %, nothing is
    /// doubted below 5 %.
    fn cutoffs(&self, rates: CutoffRates, of_all: Option<Cutoffs>) -> Option<Cutoffs> {
        let errors = self.all * rates.spam;
        let (spam, discard) = match of_all {
            Some(all) if errors < FEWEST_ERRORS => (all.spam, all.discard),
            _ if errors < 1.0 => return None,
            _ => (
                self.above(rates.spam).max(0.0),
                (self.above(rates.discard) + DISCARD_MARGIN).max(4.6),
            ),
        };
        let unsure = match of_all {
            Some(all) if self.all * rates.unsure < FEWEST_ERRORS => all.unsure,
            _ => self.above(rates.unsure).clamp(-3.0, 0.0),
        };
        Some(Cutoffs {
            unsure,
            spam,
            discard: discard.max(spam),
        })
    }
}

/// Expected errors of a language below which its ham does not say where a cutoff lies: one between
/// the second and the third of 1,500 is chance.
const FEWEST_ERRORS: f64 = 5.0;

const MARGIN: f64 = 1e-6;

/// The rarest rate rests on a handful of comments; this keeps the discard cutoff clear of them (a
/// factor of 2.7 in the odds).
const DISCARD_MARGIN: f64 = 1.0;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verdict::sigmoid;

    fn scored(raw: f64, label: Label) -> Scored {
        Scored {
            raw,
            language: Language::English,
            label,
            prevalence: 1.0,
        }
    }

    #[test]
    fn overconfident_scores_are_brought_down_to_what_happened() {
        // At raw = +10 nine in ten are spam, at -10 one in ten: the true log-odds are ±2.2.
        let scores: Vec<Scored> = (0..1000)
            .map(|n| {
                let high = n % 2 == 0;
                let spam = (n / 2) % 10 != 0;
                scored(
                    if high { 10.0 } else { -10.0 },
                    if spam == high {
                        Label::Spam
                    } else {
                        Label::Ham
                    },
                )
            })
            .collect();
        let calibration = Calibration::fit(&scores);
        let p = sigmoid(calibration.log_odds(10.0, Language::English));
        assert!((p - 0.9).abs() < 0.01, "{p}");
    }

    #[test]
    fn one_class_alone_calibrates_nothing() {
        assert_eq!(
            Calibration::fit(&[scored(1.0, Label::Ham); 50]),
            Calibration::IDENTITY
        );
    }

    #[test]
    fn each_language_that_is_told_apart_has_a_constant_of_its_own() {
        // The same score is spam nine times of ten in English, and once of ten elsewhere.
        let languages = [
            (Language::English, 9),
            (Language::Vietnamese, 1),
            (Language::Undetermined, 1),
            (Language::FOREIGN, 1),
        ];
        let scores: Vec<Scored> = languages
            .iter()
            .flat_map(|&(language, spam)| {
                (0..400).map(move |n| Scored {
                    language,
                    ..scored(
                        f64::from(n % 3 - 1),
                        if n / 3 % 10 < spam {
                            Label::Spam
                        } else {
                            Label::Ham
                        },
                    )
                })
            })
            .chain((0..60).map(|n| {
                // An order, so that there is a slope.
                let label = if n % 2 == 0 { Label::Spam } else { Label::Ham };
                scored(if n % 2 == 0 { 2.0 } else { -2.0 }, label)
            }))
            .collect();
        let calibration = Calibration::fit(&scores);
        let at_zero = languages.map(|(language, _)| calibration.log_odds(0.0, language));
        assert!(at_zero[0] - at_zero[1] > 2.0, "{at_zero:?}");
        assert!(at_zero[0] - at_zero[2] > 2.0, "{at_zero:?}");
        // One blog's French says nothing of another's Russian.
        assert_eq!(calibration.of_language[3], 0.0);
    }

    #[test]
    fn a_cutoff_lets_no_more_ham_through_than_stated() {
        let scores: Vec<Scored> = (0..2000)
            .map(|n| scored(f64::from(n) / 1000.0, Label::Ham))
            .collect();
        let rates = CutoffRates {
            spam: 0.001,
            ..CutoffRates::default()
        };
        let cutoffs = cutoffs(&scores, &Calibration::IDENTITY, rates).expect("enough ham");
        let above = scores.iter().filter(|s| s.raw >= cutoffs.spam).count();
        assert_eq!(above, 2);
        assert!(cutoffs.spam <= cutoffs.discard);
        // What is more likely spam is never ham, however much ham looks so.
        assert_eq!(cutoffs.unsure, 0.0);
    }

    #[test]
    fn few_comments_set_no_cutoff() {
        let few = [scored(0.0, Label::Ham); 500];
        assert_eq!(
            cutoffs(&few, &Calibration::IDENTITY, CutoffRates::default()),
            None
        );
    }

    #[test]
    fn a_language_with_little_ham_takes_the_cutoff_of_all() {
        let of = |language, n: i32, top: f64| {
            (0..n).map(move |at| Scored {
                language,
                ..scored(top - f64::from(at) / 1000.0, Label::Ham)
            })
        };
        let all: Vec<Scored> = of(Language::English, 9000, 4.0)
            .chain(of(Language::FOREIGN, 1000, 9.0))
            .collect();
        let rates = CutoffRates::default();
        let of_all = cutoffs(&all, &Calibration::IDENTITY, rates).expect("enough ham");
        let by_language = cutoffs_by_language(&all, &Calibration::IDENTITY, rates, of_all);
        let english = by_language[Language::English.group_at()];
        let foreign = by_language[Language::FOREIGN.group_at()];
        assert_eq!(foreign.spam, of_all.spam);
        assert!(english.spam < of_all.spam, "{by_language:?}");
    }
}
