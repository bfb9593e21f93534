//! Raw scores with labels in, calibrated log-odds (Platt scaling through linfa-logistic) and
//! cutoffs for a stated share of false positives out. It never sees a comment.

use linfa::DatasetBase;
use linfa::traits::Fit;
use linfa_logistic::LogisticRegression;
use ndarray::{Array1, Array2};
use serde::{Deserialize, Serialize};

use crate::text::Language;
use crate::verdict::{Cutoffs, Label};

/// A raw score and its label, from a model that did not learn the comment.
#[derive(Debug, Clone, Copy)]
pub struct Scored {
    /// Score before calibration.
    pub raw: f64,
    /// Language of the comment.
    pub language: Language,
    /// The label that a person gave.
    pub label: Label,
    /// The weight of the comment when cutoffs are set: how common such comments are in real
    /// streams; 1 for most.
    pub prevalence: f64,
}

/// `log_odds = slope * raw + intercept + of_language[group]`. Log-odds are natural logarithms.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Calibration {
    /// Factor of the raw score; positive.
    pub slope: f64,
    /// Constant.
    pub intercept: f64,
    /// Added for each group of languages, in the order of `Language::GROUPS`; 0 where there are too
    /// few comments to fit it.
    pub of_language: [f64; GROUPS],
}

impl Calibration {
    /// Log-odds are the raw scores.
    pub const IDENTITY: Self = Self {
        slope: 1.0,
        intercept: 0.0,
        of_language: [0.0; GROUPS],
    };

    /// What is added to `slope * raw` for a language, in log-odds.
    pub fn offset(&self, language: Language) -> f64 {
        self.intercept + self.of_language[language.group_at()]
    }

    /// Calibrated log-odds of a raw score.
    pub fn log_odds(&self, raw: f64, language: Language) -> f64 {
        self.slope * raw + self.offset(language)
    }

    /// Fits slope and offsets. Falls back to the identity when a class is missing or the fitted
    /// slope is not positive.
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
        // Raw scores reach hundreds. The solver works best with values near one, so they are
        // divided by their root mean square.
        let scale = (scored.iter().map(|s| s.raw * s.raw).sum::<f64>() / scored.len() as f64)
            .sqrt()
            .max(1e-9);
        let mut facts = Array2::zeros((scored.len(), 1 + GROUPS));
        for (row, s) in scored.iter().enumerate() {
            let group = s.language.group_at();
            facts[[row, 0]] = s.raw / scale;
            // English and foreign languages have no constant of their own: the intercept stands for
            // them. What is usual in the foreign languages of some blogs says nothing of those of
            // others (docs/DECISIONS.md, "Groups of languages have cutoffs of their own").
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
        // linfa takes the more frequent class as positive. Here spam is positive, so signs may have
        // to be turned.
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

/// With fewer comments of a class than this, nothing is fitted.
const FEWEST: usize = 10;

/// Shares of ham at which cutoffs are set, 0 to 1 (docs/DECISIONS.md, "Cutoffs are set at one false
/// positive in 1,000 for each language").
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

/// Cutoffs such that at most the stated shares of ham lie above them; `None` where there is too
/// little ham to tell.
pub fn cutoffs(
    scored: &[Scored],
    calibration: &Calibration,
    rates: CutoffRates,
) -> Option<Cutoffs> {
    Tail::of(scored, calibration, None).cutoffs(rates, None)
}

/// The same for each group of languages, in the order of `Language::GROUPS`. Where a group has too
/// little ham, its cutoffs are those of `of_all`.
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

/// Ham as pairs of log-odds and weight, highest log-odds first; `all` is the sum of the weights.
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

    /// The cutoff for this rate: just above the first ham, from the top, with which more than
    /// `rate` of all ham would have passed.
    fn above(&self, rate: f64) -> f64 {
        let mut passed = 0.0;
        let first_below = self.ham.iter().find(|(_, prevalence)| {
            passed += prevalence;
            passed > self.all * rate
        });
        first_below.map_or(0.0, |(log_odds, _)| *log_odds) + MARGIN
    }

    /// Cutoffs are limited to what their verdict means. Nothing is spam below even odds, nothing is
    /// ham above even odds, nothing is discarded below 99 % (log-odds 4.6), and nothing is unsure
    /// below 5 % (log-odds -3).
    fn cutoffs(&self, rates: CutoffRates, of_all: Option<Cutoffs>) -> Option<Cutoffs> {
        let errors = self.all * rates.spam;
        // Expected false positives decide whether the ham of this group is enough to set a cutoff.
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

/// With fewer expected false positives than this, the ham of a language does not say where its
/// cutoff lies: a limit between the second and the third of 1,500 is chance.
const FEWEST_ERRORS: f64 = 5.0;
// Added to the log-odds of a ham comment, so that the comment itself lies below the cutoff.

const MARGIN: f64 = 1e-6;

/// Added to the discard cutoff, in log-odds (a factor of 2.7 in the odds). Its rate is so small
/// that a handful of comments decide where it lies.
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
