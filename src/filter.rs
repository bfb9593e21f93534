//! The road from a comment to a judgement, in one place: read, count, weigh, judge. Pure.

use crate::comment::Comment;
use crate::features::Features;
use crate::model::Model;
use crate::model::layers::Live;
use crate::text;
use crate::verdict::{Assessment, Clue, Verdict, sigmoid};

/// Checks a comment under a model and the labels since.
pub fn check(model: &Model, comment: &Comment, live: Live<'_>) -> Assessment {
    assess(model, &Features::of(comment), live)
}

/// The same for a comment that is already read.
pub fn assess(model: &Model, features: &Features, live: Live<'_>) -> Assessment {
    let score = model.score(features, live);
    let cutoffs = model.settings.cutoffs(features.language);
    let mut assessment = Assessment {
        verdict: cutoffs.judge(score.log_odds),
        probability: sigmoid(score.log_odds),
        log_odds: score.log_odds,
        lang: features.language.code().to_owned(),
        clues: score.clues,
        rest: score.rest,
        model: model.card.id.clone(),
        category: None,
        category_clues: Vec::new(),
        carried: score.carried,
    };
    categorise(model, features, &mut assessment);
    assessment
}

/// Says what the comment advertises, or takes it back, as its verdict wants it: most comments are ham, and nobody asks what ham advertises.
pub fn categorise(model: &Model, features: &Features, assessment: &mut Assessment) {
    let found = match (&model.categories, assessment.verdict) {
        (None, _) | (_, Verdict::Ham) => None,
        (Some(categories), _) => categories.of(features),
    };
    (assessment.category, assessment.category_clues) = found
        .map_or_else(Default::default, |found| {
            (Some(found.category), found.clues)
        });
}

/// Finds the words that clues speak of in the text as it was sent; asked for when a person is to read them. What is no piece of the text has no place.
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
    use super::*;
    use crate::verdict::Layer;

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
}
