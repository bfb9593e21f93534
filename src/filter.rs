//! The road from a comment to a judgement, in one place: read, count, weigh, judge. Pure.

use crate::comment::Comment;
use crate::features::Features;
use crate::model::Model;
use crate::model::layers::Live;
use crate::verdict::{Assessment, sigmoid};

/// Checks a comment under a model and the labels since.
pub fn check(model: &Model, comment: &Comment, live: Live<'_>) -> Assessment {
    assess(model, &Features::of(comment), live)
}

/// The same for a comment that is already read.
pub fn assess(model: &Model, features: &Features, live: Live<'_>) -> Assessment {
    let score = model.score(features, live);
    Assessment {
        verdict: model
            .settings
            .cutoffs(features.language)
            .judge(score.log_odds),
        probability: sigmoid(score.log_odds),
        log_odds: score.log_odds,
        lang: features.language.code().to_owned(),
        clues: score.clues,
        rest: score.rest,
        model: model.card.id.clone(),
        carried: score.carried,
    }
}
