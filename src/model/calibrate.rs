//! Raw scores in, log-odds that mean what they say out (Platt scaling through linfa-logistic), and the cutoffs for a stated share of false positives.

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

/// `log_odds = slope * raw + intercept + (vi if Vietnamese)`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Calibration {
    /// Factor of the raw score; positive.
    pub slope: f64,
    /// Constant.
    pub intercept: f64,
    /// Added for Vietnamese.
    pub vietnamese: f64,
}

impl Calibration {
    /// Takes raw scores as they are.
    pub const IDENTITY: Self = Self {
        slope: 1.0,
        intercept: 0.0,
        vietnamese: 0.0,
    };

    /// What is added to `slope * raw` for a language.
    pub fn offset(&self, language: Language) -> f64 {
        self.intercept
            + if language == Language::Vietnamese {
                self.vietnamese
            } else {
                0.0
            }
    }

    /// Calibrated log-odds of a raw score.
    pub fn log_odds(&self, raw: f64, language: Language) -> f64 {
        self.slope * raw + self.offset(language)
    }

    /// Fits slope and offsets. Falls back to the identity when a class is missing or the scores carry no order.
    pub fn fit(scored: &[Scored]) -> Self {
        let spam = scored.iter().filter(|s| s.label == Label::Spam).count();
        if spam < FEWEST || scored.len() - spam < FEWEST {
            return Self::IDENTITY;
        }
        let vietnamese = scored.iter().filter(|s| s.language == Language::Vietnamese);
        let spam_in_vietnamese = vietnamese
            .clone()
            .filter(|s| s.label == Label::Spam)
            .count();
        let both_in_vietnamese =
            spam_in_vietnamese >= FEWEST && vietnamese.count() - spam_in_vietnamese >= FEWEST;
        // Raw scores reach hundreds; the solver wants them near one.
        let scale = (scored.iter().map(|s| s.raw * s.raw).sum::<f64>() / scored.len() as f64)
            .sqrt()
            .max(1e-9);
        let mut facts = Array2::zeros((scored.len(), 2));
        for (row, s) in scored.iter().enumerate() {
            facts[[row, 0]] = s.raw / scale;
            facts[[row, 1]] = f64::from(u8::from(
                both_in_vietnamese && s.language == Language::Vietnamese,
            ));
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
            vietnamese: sign * fitted.params()[1],
        }
    }
}

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
            spam: 0.0012,
            discard: 0.0001,
            unsure: 0.02,
        }
    }
}

/// Cutoffs such that at most the stated shares of ham lie above; `None` where too few comments tell (fewer than one expected error).
pub fn cutoffs(
    scored: &[Scored],
    calibration: &Calibration,
    language: Option<Language>,
    rates: CutoffRates,
) -> Option<Cutoffs> {
    let mut ham: Vec<(f64, f64)> = scored
        .iter()
        .filter(|s| s.label == Label::Ham && language.is_none_or(|l| l == s.language.group()))
        .map(|s| (calibration.log_odds(s.raw, s.language), s.prevalence))
        .collect();
    let all: f64 = ham.iter().map(|(_, prevalence)| prevalence).sum();
    if all * rates.spam < 1.0 {
        return None;
    }
    ham.sort_unstable_by(|a, b| b.0.total_cmp(&a.0));
    let above = |rate: f64| {
        let mut passed = 0.0;
        let first_below = ham.iter().find(|(_, prevalence)| {
            passed += prevalence;
            passed > all * rate
        });
        first_below.map_or(0.0, |(log_odds, _)| *log_odds)
    };
    // A cutoff lies just above the last ham that must not cross it, and never on the wrong side of its own meaning:
    // nothing is spam that is more likely ham, nothing is discarded below 99 %, nothing is doubted below 5 %.
    let spam = (above(rates.spam) + MARGIN).max(0.0);
    let discard = (above(rates.discard) + DISCARD_MARGIN).max(spam).max(4.6);
    let unsure = (above(rates.unsure) + MARGIN).clamp(-3.0, spam);
    Some(Cutoffs {
        unsure,
        spam,
        discard,
    })
}

const MARGIN: f64 = 1e-6;

/// The rarest rate rests on a handful of comments; this keeps the discard cutoff clear of them (a factor of 2.7 in the odds).
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
    fn a_cutoff_lets_no_more_ham_through_than_stated() {
        let scores: Vec<Scored> = (0..2000)
            .map(|n| scored(f64::from(n) / 1000.0, Label::Ham))
            .collect();
        let cutoffs = cutoffs(
            &scores,
            &Calibration::IDENTITY,
            None,
            CutoffRates::default(),
        )
        .expect("enough ham");
        let above = scores.iter().filter(|s| s.raw >= cutoffs.spam).count();
        assert_eq!(above, 2);
        assert!(cutoffs.unsure <= cutoffs.spam && cutoffs.spam <= cutoffs.discard);
    }

    #[test]
    fn few_comments_set_no_cutoff() {
        assert_eq!(
            cutoffs(
                &[scored(0.0, Label::Ham); 500],
                &Calibration::IDENTITY,
                None,
                CutoffRates::default()
            ),
            None
        );
    }
}
