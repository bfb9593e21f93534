//! The road from a comment to a judgement, in one place: read, count, weigh, judge. Pure.

use crate::comment::Comment;
use crate::features::Features;
use crate::model::Model;
use crate::model::layers::Live;
use crate::verdict::{Assessment, Verdict, sigmoid};

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
