//! A [`Comparison`] in, the decision whether a candidate may replace the live model out, with its
//! reasons in words. It promotes nothing.

use serde::{Deserialize, Serialize};

use crate::learn::evaluate::comparison::{Comparison, Difference, Part, Side, Z95};

/// How much worse a candidate may be, and how sure one must be of it. A refusal needs a difference
/// beyond the margin by its whole interval: noise refuses no candidate, and a difference that may
/// be noise is stated beside the decision.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Margins {
    /// Share of ham that may be called spam in addition: .001, a tenth of a point.
    pub false_positives: f64,
    /// Share of spam that may be called ham in addition: .01, one point.
    pub missed_spam: f64,
    /// Share of all that may be wrong or unsure in addition: .02. Without this margin a model that
    /// is unsure of everything would make no mistake. "Unsure" alone has no margin: where the live
    /// model was wrong, unsure is better.
    pub not_right: f64,
    /// Nats a comment by which the logarithmic loss may rise: .05.
    pub log_loss: f64,
    /// With fewer ham or spam than this (50 of each), nothing is said of a slice. With fewer among
    /// all comments the decision is no.
    pub least: u64,
    /// Standard errors to each side for all comments and for languages: 1.96, a 95 % interval.
    pub sure: f64,
    /// The same for single sites: 3.29, a 99.9 % interval, because of forty sites one would seem
    /// worse by chance.
    pub sure_of_site: f64,
}

impl Default for Margins {
    fn default() -> Self {
        Self {
            false_positives: 0.001,
            missed_spam: 0.01,
            not_right: 0.02,
            log_loss: 0.05,
            least: 50,
            sure: Z95,
            sure_of_site: 3.29,
        }
    }
}

/// Why a candidate may not take the live model's place.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, thiserror::Error)]
pub enum Refusal {
    /// Too little to judge by.
    #[error(
        "there is too little to compare the models on: {ham} ham and {spam} spam that neither was trained on, and {least} of each are needed"
    )]
    NothingToJudgeOn {
        /// Ham there is.
        ham: u64,
        /// Spam there is.
        spam: u64,
        /// Needed of each.
        least: u64,
    },
    /// Something is worse beyond its margin.
    #[error("the candidate is worse: {}", .0.join("; "))]
    Worse(
        /// What, one clause each.
        Vec<String>,
    ),
}

/// Whether the candidate may take the live model's place.
///
/// # Errors
///
/// If there are too few comments of one class, or if any figure is worse beyond its margin; the
/// error says which.
pub fn decide(comparison: &Comparison, margins: &Margins) -> Result<(), Refusal> {
    let all = comparison.all();
    if all.ham < margins.least || all.spam < margins.least {
        return Err(Refusal::NothingToJudgeOn {
            ham: all.ham,
            spam: all.spam,
            least: margins.least,
        });
    }
    let worse: Vec<String> = comparison
        .sides
        .iter()
        .flat_map(|side| worse(side, margins))
        .collect();
    if worse.is_empty() {
        Ok(())
    } else {
        Err(Refusal::Worse(worse))
    }
}

/// What is worse beyond its margin, in words; false positives first.
fn worse(side: &Side, margins: &Margins) -> Vec<String> {
    let sure = match side.part {
        Part::Site(_) => margins.sure_of_site,
        Part::All | Part::Language(_) => margins.sure,
    };
    let beyond = |difference: &Option<Difference>, margin: f64| {
        difference.filter(|d| d.value - sure * d.error > margin)
    };
    let mut found = Vec::new();
    let shares = [
        (
            "false positives",
            &side.false_positives,
            margins.false_positives,
        ),
        ("missed spam", &side.missed_spam, margins.missed_spam),
        ("wrong or unsure", &side.not_right, margins.not_right),
    ];
    for (name, shares, margin) in shares {
        if let Some(d) = beyond(&shares.difference, margin) {
            found.push(format!(
                "{}: {name} {} of {} instead of {}, {:+.2} points (at least {:+.2}; {:.2} are allowed)",
                side.part,
                shares.candidate.hits,
                shares.candidate.of,
                shares.live.hits,
                100.0 * d.value,
                100.0 * (d.value - sure * d.error),
                100.0 * margin,
            ));
        }
    }
    if let Some(d) = beyond(&side.log_loss.difference, margins.log_loss) {
        found.push(format!(
            "{}: log loss {:+.3} nats (at least {:+.3}; {:.3} are allowed)",
            side.part,
            d.value,
            d.value - sure * d.error,
            margins.log_loss
        ));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learn::evaluate::comparison::Pair;
    use crate::learn::evaluate::comparison::tests::{pairs, row};
    use crate::verdict::{Label, Verdict};

    fn decided(pairs: &[Pair]) -> Result<(), Refusal> {
        let margins = Margins::default();
        decide(&Comparison::of("a", "b", pairs, margins.least), &margins)
    }

    #[test]
    fn noise_among_few_labels_refuses_nobody() {
        for (n, candidate, live) in [(50, 2, 0), (50, 5, 3), (1_000, 4, 1), (10_000, 20, 12)] {
            assert_eq!(decided(&pairs(n, candidate, live, None)), Ok(()), "{n}");
        }
    }

    #[test]
    fn real_harm_is_refused_in_words_however_few_the_labels() {
        for (n, candidate, live) in [(50, 12, 0), (1_000, 20, 2), (10_000, 60, 10)] {
            let refusal = decided(&pairs(n, candidate, live, None)).expect_err("worse");
            let words = refusal.to_string();
            let says = format!("all: false positives {candidate} of {n} instead of {live}");
            assert!(words.contains(&says), "{words}");
        }
    }

    #[test]
    fn a_model_that_doubts_everything_makes_no_mistake_and_is_refused() {
        let mut doubting = pairs(200, 0, 0, None);
        for pair in &mut doubting {
            pair.candidate = row(pair.live.label, Verdict::Unsure);
        }
        let words = decided(&doubting).expect_err("no use").to_string();
        assert!(
            words.contains("wrong or unsure 400 of 400 instead of 0"),
            "{words}"
        );
    }

    #[test]
    fn doubt_where_the_live_model_let_spam_through_refuses_nobody() {
        let mut doubting = pairs(300, 0, 0, None);
        let missed = |p: &&mut Pair| p.live.is_spam();
        for pair in doubting.iter_mut().filter(missed).take(60) {
            pair.live = row(Label::Spam, Verdict::Ham);
            pair.candidate = row(Label::Spam, Verdict::Unsure);
        }
        assert_eq!(decided(&doubting), Ok(()));
        for pair in doubting.iter_mut().filter(missed).take(60) {
            pair.live = row(Label::Spam, Verdict::Spam);
        }
        let words = decided(&doubting).expect_err("worse").to_string();
        assert!(words.contains("wrong or unsure 60 of 600"), "{words}");
    }

    #[test]
    fn spam_let_through_is_refused_and_fewer_mistakes_never_are() {
        let mut letting = pairs(300, 0, 0, None);
        for pair in letting.iter_mut().filter(|p| p.live.is_spam()).take(20) {
            pair.candidate = row(Label::Spam, Verdict::Ham);
        }
        let words = decided(&letting).expect_err("worse").to_string();
        assert!(
            words.contains("missed spam 20 of 300 instead of 0"),
            "{words}"
        );
        for pair in &mut letting {
            std::mem::swap(&mut pair.live, &mut pair.candidate);
        }
        assert_eq!(decided(&letting), Ok(()));
    }

    #[test]
    fn one_site_that_suffers_refuses_though_all_together_do_not() {
        let mut mixed = pairs(20_000, 0, 0, None);
        mixed.extend(pairs(60, 18, 0, Some("http://small.example")));
        let words = decided(&mixed).expect_err("a site is hurt").to_string();
        assert!(
            words.contains("site http://small.example: false positives 18 of 60"),
            "{words}"
        );
        assert!(!words.contains("all: false"), "{words}");
        // With a label fewer than needed nothing is said of it.
        let mut mixed = pairs(20_000, 0, 0, None);
        mixed.extend(pairs(49, 15, 0, Some("http://small.example")));
        let compared = Comparison::of("a", "b", &mixed, 50);
        assert_eq!(
            compared.too_few,
            [Part::Site("http://small.example".to_owned())]
        );
        assert_eq!(decide(&compared, &Margins::default()), Ok(()));
    }

    #[test]
    fn of_forty_sites_that_differ_by_chance_none_refuses() {
        let mut all = Vec::new();
        for site in 0..40 {
            // Each model errs twice in a hundred; by chance one site meets five of one and none of
            // the other.
            let (candidate, live) = if site == 7 { (6, 0) } else { (2, 2) };
            all.extend(pairs(
                100,
                candidate,
                live,
                Some(&format!("http://{site}.example")),
            ));
        }
        assert_eq!(decided(&all), Ok(()));
    }

    #[test]
    fn nothing_to_judge_on_is_a_refusal() {
        let words = decided(&[]).expect_err("nothing").to_string();
        assert!(words.contains("0 ham and 0 spam"), "{words}");
        assert!(decided(&pairs(49, 0, 0, None)).is_err());
    }
}
