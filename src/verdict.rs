//! Verdicts of the machine and labels of people: the types that all rooms share. Machines give
//! verdicts, people give labels, and the two are never mixed.

mod assessment;
mod base_score;
mod category;
mod clue;
mod cutoffs;
mod label;
mod layer;
mod score_profile;
mod sigmoid;

pub use assessment::{Assessment, MOST_CLUES};
pub use base_score::BaseScore;
pub use category::Category;
pub use clue::Clue;
pub use cutoffs::{Cutoffs, Verdict};
pub use label::Label;
pub use layer::{Carried, Layer};
pub use score_profile::{SCORE_BINS, ScoreProfile, UNKNOWN_BINS, VerdictProfile};
pub use sigmoid::sigmoid;

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
