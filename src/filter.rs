//! Comment, model and labels in, verdict out: the pipeline of features, score, cutoffs, campaign,
//! lists and category, in one place. What a server, a replay or a benchmark adds around a comment
//! is passed in as [`Surroundings`]. Never does input or output.
//!
//! ```
//! use phin::{comment::Comment, filter, model::{Model, counts::Counts, layers::Live}};
//!
//! let model = Model::shipped();
//! let no_labels = Counts::default();
//! let live = Live { shared: &no_labels, site: None };
//! let comment = Comment::from_text("Thanks for the clear explanation, it helped me a lot.");
//! let assessment = filter::check(&model, &comment, live);
//! assert_eq!(assessment.verdict, phin::verdict::Verdict::Ham);
//! assert!((0.0..=1.0).contains(&assessment.probability));
//! ```

use crate::campaigns::{NeighbourEvidence, Outlook};
use crate::comment::Comment;
use crate::features::Features;
use crate::model::layers::Live;
use crate::model::{Model, Score};
use crate::text;
use crate::verdict::{Assessment, BaseScore, Clue, Cutoffs, Verdict, sigmoid};

/// Checks a comment with a model and the labels since its training.
pub fn check(model: &Model, comment: &Comment, live: Live<'_>) -> Assessment {
    assess(model, &Features::of(comment), live)
}

/// The same as [`check`] for a comment whose features are listed already.
pub fn assess(model: &Model, features: &Features, live: Live<'_>) -> Assessment {
    judge(model, features, live).assessment
}

/// The assessment of a comment, and its base score.
#[derive(Debug, Clone)]
pub struct Judged {
    /// The assessment by model and labels.
    pub assessment: Assessment,
    /// The score of the model alone.
    pub alone: Alone,
}

/// The base score of a comment, beside its score with labels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Alone {
    /// The score of the model alone.
    pub score: BaseScore,
    /// Whether labels touch the comment. If not, the two scores are the same.
    pub is_labelled: bool,
}

/// The same as [`assess`], and returns the base score.
pub fn judge(model: &Model, features: &Features, live: Live<'_>) -> Judged {
    let score = model.score(features, live);
    let cutoffs = model.settings.cutoffs(features.language);
    let log_odds = bounded(&score, cutoffs);
    let alone = Alone {
        score: score.alone,
        is_labelled: score.is_labelled,
    };
    let verdict = cutoffs.judge(log_odds);
    let mut assessment = Assessment {
        verdict,
        probability: sigmoid(log_odds),
        log_odds,
        lang: features.language.code().to_owned(),
        clues: score.clues,
        rest: score.rest + (log_odds - score.log_odds),
        model: model.card.id.clone(),
        category: None,
        category_clues: Vec::new(),
        carried: score.carried,
    };
    // The verdict so far is that of ham, which has no kind.
    categorise(model, features, Verdict::Ham, &mut assessment);
    Judged { assessment, alone }
}

/// Limits what labels may do to the score. Some platforms delete discarded comments unseen. So
/// labelled words alone do not discard a comment that the model alone takes for ham. Nor do they
/// make ham of a comment that the model alone would discard. A labelled link, number or address may
/// do both.
///
/// The score is limited and not the verdict, because others judge the same score again: a site's
/// own strictness, a campaign, a replay.
fn bounded(score: &Score, cutoffs: &Cutoffs) -> f64 {
    if !score.is_labelled {
        return score.log_odds;
    }
    let alone = &score.alone;
    match cutoffs.judge(score.log_odds) {
        Verdict::Discard if alone.log_odds < 0.0 && score.identities < KNOWN => {
            cutoffs.discard.next_down()
        }
        Verdict::Ham if alone.verdict == Verdict::Discard && score.identities > -KNOWN => {
            cutoffs.unsure
        }
        _ => score.log_odds,
    }
}

/// Log-odds that the labels of a comment's links, numbers and addresses must add to outweigh the
/// model.
const KNOWN: f64 = 2.0;

/// What judges a comment besides model and labels. A caller that lacks one of these keeps the
/// default, which skips the step.
pub trait Surroundings {
    /// The cutoffs that apply here, in log-odds.
    fn cutoffs(&self, model: &Model, features: &Features) -> Cutoffs {
        *model.settings.cutoffs(features.language)
    }

    /// The evidence of the comment's campaign. `own` is the verdict before it.
    fn campaign(&self, own: Verdict) -> Option<NeighbourEvidence> {
        let _ = own;
        None
    }

    /// The last step: if a list has an entry for the comment, the entry forces the verdict.
    fn lists(&self, assessment: &mut Assessment, cutoffs: &Cutoffs) {
        let _ = (assessment, cutoffs);
    }
}

/// The final assessment of a comment on its site, and what may follow.
#[derive(Debug, Clone)]
pub struct Judgement {
    /// Verdict, score and clues of the answer.
    pub assessment: Assessment,
    /// The score of the model alone.
    pub alone: Alone,
    /// The verdict of model and labels, before campaign and lists.
    pub with_labels: Verdict,
    /// The cutoffs that applied, in log-odds.
    pub cutoffs: Cutoffs,
    /// Whether more may be known of the comment soon.
    pub outlook: Outlook,
    /// Whether the evidence of the comment's campaign has just grown: its earlier comments should
    /// be judged again.
    pub campaign_grew: bool,
}

/// How near a cutoff an unsure comment must be so that one more label may change its verdict, in
/// log-odds. A label of the same site moves a near copy by more than this.
const NEAR: f64 = 0.5;

/// The steps after the score, in order: the cutoffs of the site, the campaign, the lists, the
/// category. The score is passed in, so that the caller holds no lock on the labels during these
/// steps.
pub fn settle(
    judged: Judged,
    model: &Model,
    features: &Features,
    around: &impl Surroundings,
) -> Judgement {
    let Judged {
        mut assessment,
        alone,
    } = judged;
    let cutoffs = around.cutoffs(model, features);
    let before = assessment.verdict;
    assessment.judge(&cutoffs);
    let with_labels = assessment.verdict;
    let heard = around.campaign(with_labels).unwrap_or_default();
    for clue in heard.clues(assessment.log_odds, &cutoffs) {
        assessment.add(clue);
        assessment.judge(&cutoffs);
    }
    around.lists(&mut assessment, &cutoffs);
    categorise(model, features, before, &mut assessment);
    let is_near = cutoffs.distance(assessment.log_odds) < NEAR;
    let outlook = match assessment.verdict {
        Verdict::Unsure if is_near => Outlook::MoreExpected,
        Verdict::Unsure => heard.outlook,
        _ => Outlook::Settled,
    };
    Judgement {
        assessment,
        alone,
        with_labels,
        cutoffs,
        outlook,
        campaign_grew: !heard.look_again.is_empty(),
    }
}

/// Sets or clears the kind of spam, as the verdict requires. Ham gets none: most comments are ham,
/// and the kind of a ham comment is of no use. `before` is the verdict for which it was set last:
/// the kind depends on the comment alone, so of what is not ham it is found once.
fn categorise(model: &Model, features: &Features, before: Verdict, assessment: &mut Assessment) {
    let found = match (&model.categories, before, assessment.verdict) {
        (Some(categories), Verdict::Ham, Verdict::Unsure | Verdict::Spam | Verdict::Discard) => {
            categories.of(features)
        }
        (_, _, Verdict::Ham) | (None, ..) => None,
        // It is set.
        _ => return,
    };
    (assessment.category, assessment.category_clues) = found
        .map_or_else(Default::default, |found| {
            (Some(found.category), found.clues)
        });
}

/// Finds the words of the clues in the original text. Called when a person is going to read them. A
/// clue that is not a piece of the text gets no place.
pub fn place(clues: &mut [Clue], original: &str) {
    let reading = text::read(original);
    let wanted: Vec<&str> = clues.iter().map(|clue| clue.text.as_str()).collect();
    let places = text::places(original, &reading, &wanted);
    for (clue, place) in clues.iter_mut().zip(places) {
        clue.place = place.map(|span| (span.start(), span.start() + span.len()));
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;
    use crate::features::FEATURE_BITS;
    use crate::model::counts::Counts;
    use crate::verdict::{Label, Layer};

    #[test]
    fn clues_find_their_words_as_they_were_written() {
        let original = "Shop <b>VAY</b> tiền nhanh, zalo 0912.000.345, vay TIỀN!";
        let mut clues = ["vay tiền", "0912000345", "vay tiền", "toàn bộ", ""].map(|text| Clue {
            reason: "word".into(),
            reason_vi: "từ".into(),
            text: text.into(),
            weight: 1.5,
            layer: Layer::Base,
            place: None,
        });
        place(&mut clues, original);
        let words = clues
            .each_ref()
            .map(|clue| clue.place.map(|(start, end)| &original[start..end]));
        let expected = ["VAY</b> tiền", "0912.000.345", "vay TIỀN"].map(Some);
        assert_eq!(words[..3], expected);
        assert_eq!(words[3..], [None, None]);
    }

    /// The verdict on `text` with the shipped model, after `labelled` was labelled on its site
    /// `times` times.
    fn after(labelled: &str, label: Label, times: usize, text: &str) -> Verdict {
        let model = Model::shipped();
        let mut site = Counts::default();
        for n in 0..times {
            let comment = Comment::from_text(format!("{labelled} {n}"));
            site.add(&Features::of(&comment).ids(), label);
        }
        let live = Live {
            shared: &site,
            site: Some(&site),
        };
        check(&model, &Comment::from_text(text), live).verdict
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        /// A comment that shares no feature with the labels gets exactly the score that it gets
        /// without labels, however many there are.
        #[test]
        fn labels_move_nothing_that_shares_no_feature_with_them(
            labels in proptest::collection::vec((proptest::collection::btree_set(0_u32..1 << FEATURE_BITS, 1..200), any::<bool>()), 1..300),
        ) {
            let model = Model::shipped();
            let features = Features::of(&Comment::from_text("Mình đọc lại lần thứ hai mới hiểu đoạn cuối."));
            let own: HashSet<u32> = features.ids().into_iter().collect();
            let (nobody, mut site) = (Counts::default(), Counts::default());
            for (ids, is_spam) in labels {
                let ids: Vec<u32> = ids.into_iter().filter(|id| !own.contains(id)).collect();
                site.add(&ids, if is_spam { Label::Spam } else { Label::Ham });
            }
            let judged = |layer| {
                let live = Live { shared: layer, site: Some(layer) };
                assess(&model, &features, live).log_odds
            };
            prop_assert_eq!(judged(&site), judged(&nobody));
        }
    }

    #[test]
    fn the_score_of_the_model_alone_is_beside_that_with_labels() {
        let model = Model::shipped();
        let mut site = Counts::default();
        let labelled = Features::of(&Comment::from_text("vay tiền nhanh"));
        site.add(&labelled.ids(), Label::Ham);
        for (text, labels, is_labelled) in [
            ("vay tiền nhanh", &Counts::default(), false),
            ("qwzzxk", &site, false),
            ("vay tiền nhanh", &site, true),
        ] {
            let features = Features::of(&Comment::from_text(text));
            let live = Live {
                shared: labels,
                site: Some(labels),
            };
            let Judged { assessment, alone } = judge(&model, &features, live);
            assert_eq!(alone.is_labelled, is_labelled, "{text}");
            assert_eq!(alone.score, model.base_score(&features), "{text}");
            if is_labelled {
                assert!(assessment.log_odds < alone.score.log_odds);
            } else {
                assert_eq!(assessment.log_odds, alone.score.log_odds, "{text}");
            }
        }
    }

    #[test]
    fn labelled_words_alone_discard_nothing_and_clear_nothing_the_model_would_discard() {
        let honest = "Mình đọc lại lần thứ hai mới hiểu đoạn cuối, tác giả giải thích kỹ quá.";
        assert_eq!(after(honest, Label::Spam, 0, honest), Verdict::Ham);
        assert_eq!(after(honest, Label::Spam, 200, honest), Verdict::Spam);
        let spam = "Vay tiền nhanh không thế chấp, nợ xấu vẫn duyệt, giải ngân trong 5 phút, zalo 0912 000 345, telegram @vaynhanh24h";
        assert_eq!(after(spam, Label::Ham, 0, spam), Verdict::Discard);
        let words = "vay tiền nhanh không thế chấp nợ xấu vẫn duyệt giải ngân trong 5 phút";
        assert_eq!(after(words, Label::Ham, 200, spam), Verdict::Unsure);
        // The labelled comment also has this phone number, so its labels may clear it.
        assert_eq!(after(spam, Label::Ham, 200, spam), Verdict::Ham);
        let linked = "Xem thêm ở http://my-garden.example nhé";
        assert_eq!(after(linked, Label::Spam, 200, linked), Verdict::Discard);
    }
}
