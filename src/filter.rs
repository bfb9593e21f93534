//! The pipeline from a comment to a judgement, in one place: features, score, cutoffs, campaign,
//! lists, category. Pure: what a server, a replay or a benchmark has around a comment is handed in
//! as [`Surroundings`].
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

/// Checks a comment under a model and the labels since.
pub fn check(model: &Model, comment: &Comment, live: Live<'_>) -> Assessment {
    assess(model, &Features::of(comment), live)
}

/// The same for a comment that is already read.
pub fn assess(model: &Model, features: &Features, live: Live<'_>) -> Assessment {
    judge(model, features, live).assessment
}

/// What is thought of a comment, and what is known of the model's own opinion.
#[derive(Debug, Clone)]
pub struct Judged {
    /// What is thought under the model and the labels.
    pub assessment: Assessment,
    /// What the model thinks alone.
    pub alone: Alone,
}

/// What the model thinks alone, as far as somebody had to ask.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Alone {
    /// The same: no label touches the comment.
    Same,
    /// This.
    Known(BaseScore),
    /// Labels touch the comment, and nobody has asked yet.
    Unasked,
}

impl Alone {
    /// What the model thinks alone; asks it only if nobody has.
    pub fn ask(self, model: &Model, features: &Features) -> BaseScore {
        match self {
            Self::Known(alone) => alone,
            Self::Same | Self::Unasked => model.base_score(features),
        }
    }
}

/// The same as [`assess`], with what is known of the model's own opinion.
pub fn judge(model: &Model, features: &Features, live: Live<'_>) -> Judged {
    let score = model.score(features, live);
    let cutoffs = model.settings.cutoffs(features.language);
    let (log_odds, alone) = bounded(&score, model, features, cutoffs);
    let mut assessment = Assessment {
        verdict: cutoffs.judge(log_odds),
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
    categorise(model, features, &mut assessment);
    Judged { assessment, alone }
}

/// The score within what labels may make of it. Some platforms delete what is to be discarded
/// unseen: words that somebody labelled are not enough for that where the model by itself finds
/// ham, nor do they make ham of what the model by itself would discard; a link, a number or an
/// address that was labelled does.
///
/// The score is bounded and not the verdict, for whoever judges again (a site's own strictness, a
/// campaign, a replay) judges the score.
fn bounded(score: &Score, model: &Model, features: &Features, cutoffs: &Cutoffs) -> (f64, Alone) {
    if !score.is_labelled {
        return (score.log_odds, Alone::Same);
    }
    let verdict = cutoffs.judge(score.log_odds);
    if !matches!(verdict, Verdict::Discard | Verdict::Ham) {
        return (score.log_odds, Alone::Unasked);
    }
    let alone = model.base_score(features);
    let log_odds = match verdict {
        Verdict::Discard if alone.log_odds < 0.0 && score.identities < KNOWN => {
            cutoffs.discard.next_down()
        }
        Verdict::Ham if alone.verdict == Verdict::Discard && score.identities > -KNOWN => {
            cutoffs.unsure
        }
        _ => score.log_odds,
    };
    (log_odds, Alone::Known(alone))
}

/// Log-odds that labels of a comment's links, numbers and addresses have to add to be believed
/// against the model.
const KNOWN: f64 = 2.0;

/// What judges a comment beside the model and the labels. Whoever has no such thing leaves the step
/// out.
pub trait Surroundings {
    /// The cutoffs that hold here, in log-odds.
    fn cutoffs(&self, model: &Model, features: &Features) -> Cutoffs {
        *model.settings.cutoffs(features.language)
    }

    /// What the comment's campaign has to say. `own` is the verdict before it.
    fn campaign(&self, own: Verdict) -> Option<NeighbourEvidence> {
        let _ = own;
        None
    }

    /// The last word: where a list has an entry for the comment, it forces the verdict.
    fn lists(&self, assessment: &mut Assessment, cutoffs: &Cutoffs) {
        let _ = (assessment, cutoffs);
    }
}

/// What is thought of a comment where it stands, and what may follow.
#[derive(Debug, Clone)]
pub struct Judgement {
    /// The answer.
    pub assessment: Assessment,
    /// What the model thinks alone.
    pub alone: Alone,
    /// The verdict of model and labels, before campaign and lists.
    pub with_labels: Verdict,
    /// The cutoffs that held.
    pub cutoffs: Cutoffs,
    /// Whether more may soon be known.
    pub outlook: Outlook,
    /// Whether the comment's campaign has just grown plainer: its earlier members deserve another
    /// look.
    pub campaign_grew: bool,
}

/// How near a cutoff an unsure comment must be for one more label to tip it, in log-odds: a site's
/// own moves a near copy by more than this.
const NEAR: f64 = 0.5;

/// The steps after the score, in order: the cutoffs of the site, the campaign, the lists, the
/// category. The score is handed in, so that no lock on labels is held meanwhile.
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
    assessment.judge(&cutoffs);
    let with_labels = assessment.verdict;
    let heard = around.campaign(with_labels).unwrap_or_default();
    for clue in heard.clues(assessment.log_odds, &cutoffs) {
        assessment.add(clue);
        assessment.judge(&cutoffs);
    }
    around.lists(&mut assessment, &cutoffs);
    categorise(model, features, &mut assessment);
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

/// Says what the comment advertises, or takes it back, as its verdict wants it: most comments are
/// ham, and nobody asks what ham advertises.
fn categorise(model: &Model, features: &Features, assessment: &mut Assessment) {
    let found = match (&model.categories, assessment.verdict) {
        (None, _) | (_, Verdict::Ham) => None,
        (Some(categories), _) => categories.of(features),
    };
    (assessment.category, assessment.category_clues) = found
        .map_or_else(Default::default, |found| {
            (Some(found.category), found.clues)
        });
}

/// Finds the words that clues speak of in the text as it was sent; asked for when a person is to
/// read them. What is no piece of the text has no place.
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

    /// The verdict on a text under the shipped model, after others were labelled on its site so
    /// many times.
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
        /// However many labels: what shares nothing with them is judged to the last digit as if
        /// nobody had said a word.
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
    fn the_model_is_asked_alone_only_where_labels_touch_a_comment() {
        let model = Model::shipped();
        let mut site = Counts::default();
        let labelled = Features::of(&Comment::from_text("vay tiền nhanh"));
        site.add(&labelled.ids(), Label::Ham);
        let judged = |text: &str, site: &Counts| {
            let features = Features::of(&Comment::from_text(text));
            let live = Live {
                shared: site,
                site: Some(site),
            };
            let Judged { assessment, alone } = judge(&model, &features, live);
            (assessment, alone, alone.ask(&model, &features))
        };
        for (text, labels) in [("vay tiền nhanh", &Counts::default()), ("qwzzxk", &site)] {
            let (assessment, alone, asked) = judged(text, labels);
            assert_eq!(
                (alone, assessment.verdict),
                (Alone::Same, asked.verdict),
                "{text}"
            );
        }
        let (assessment, alone, asked) = judged("vay tiền nhanh", &site);
        assert_ne!(alone, Alone::Same);
        assert!(assessment.log_odds < asked.log_odds);
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
        // The number is theirs, and somebody says so.
        assert_eq!(after(spam, Label::Ham, 200, spam), Verdict::Ham);
        let linked = "Xem thêm ở http://my-garden.example nhé";
        assert_eq!(after(linked, Label::Spam, 200, linked), Verdict::Discard);
    }
}
