//! A model, the counts of labels, a comment and its label in; the verdict of the filter and the row
//! for a measure out. It learns nothing; a caller that replays a stream learns afterwards.

use crate::features::Features;
use crate::filter;
use crate::learn::metrics::measures::ScoredExample;
use crate::learn::train::corpus::Example;
use crate::model::Model;
use crate::model::counts::Counts;
use crate::model::layers::Live;
use crate::text::Language;
use crate::verdict::{Assessment, Label};

/// Judges a comment that is already read; `live` holds the counts of labels since, `group` names
/// where the comment comes from.
pub fn score(
    model: &Model,
    features: &Features,
    live: Live<'_>,
    label: Label,
    group: Option<&str>,
) -> (Assessment, ScoredExample) {
    let assessment = filter::assess(model, features, live);
    let scored = scored(&assessment, features.language, label, group);
    (assessment, scored)
}

/// Judges an example by the model alone, as if nobody had labelled anything since; `None` if it has
/// no label.
pub fn score_alone(model: &Model, example: &Example) -> Option<ScoredExample> {
    let features = Features::of(&example.comment);
    Some(score_read(
        model,
        &features,
        example.label?,
        example.group.as_deref(),
    ))
}

/// The same for a comment that is already read.
pub fn score_read(
    model: &Model,
    features: &Features,
    label: Label,
    group: Option<&str>,
) -> ScoredExample {
    let nobody = Counts::default();
    let live = Live {
        shared: &nobody,
        site: None,
    };
    score(model, features, live, label, group).1
}

/// The row of an assessment, whoever made it.
pub fn scored(
    assessment: &Assessment,
    lang: Language,
    label: Label,
    group: Option<&str>,
) -> ScoredExample {
    ScoredExample {
        label,
        log_odds: assessment.log_odds,
        probability: assessment.probability,
        verdict: assessment.verdict,
        lang,
        group: group.map(str::to_owned),
    }
}
