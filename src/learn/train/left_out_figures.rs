//! Rows judged by models that did not learn them in, what a card says of them out: figures, score
//! profiles by language, and how far single corpora lie apart. It judges nothing.

use std::collections::BTreeMap;

use crate::learn::metrics::figures::{Figures as Measured, ScoredExample};
use crate::learn::monitor::stability_index;
use crate::model::card::{Apart, Figures};
use crate::verdict::{BaseScore, ScoreProfile, Verdict};

/// Score profiles of left-out comments, by language.
pub(super) type Portraits = BTreeMap<String, ScoreProfile>;

/// How far single corpora lie apart, by language and verdict.
pub(super) type ApartBy = BTreeMap<String, BTreeMap<Verdict, Apart>>;

/// Score profiles of left-out comments, and how far single corpora lie apart among them. `features`
/// has for each comment the number of its features, and how many of them its fold had never seen: a
/// few more than the whole training set has never seen.
pub(super) fn portraits(judged: &[ScoredExample], features: &[(u32, u32)]) -> (Portraits, ApartBy) {
    let mut by_source: BTreeMap<&str, BTreeMap<Option<&str>, ScoreProfile>> = BTreeMap::new();
    for (judged, &(features, unknown)) in judged.iter().zip(features) {
        let sources = by_source.entry(judged.lang.group().code()).or_default();
        let source = sources.entry(judged.group.as_deref()).or_default();
        source.add(&BaseScore {
            log_odds: judged.log_odds,
            verdict: judged.verdict,
            features,
            unknown,
        });
    }
    let (mut portraits, mut all_apart) = (Portraits::new(), ApartBy::new());
    for (lang, sources) in by_source {
        let sources: Vec<ScoreProfile> = sources.into_values().collect();
        let portrait = portraits.entry(lang.to_owned()).or_default();
        sources.iter().for_each(|source| *portrait += *source);
        let apart = stability_index::apart(&sources);
        if !apart.is_empty() {
            all_apart.insert(lang.to_owned(), apart);
        }
    }
    (portraits, all_apart)
}

/// The figures a card keeps of rows that were left out.
pub(super) fn figures(judged: &[ScoredExample]) -> Figures {
    let found = Measured::of(&judged.iter().collect::<Vec<_>>());
    Figures {
        comments: found.n,
        false_positives: found.false_positives.value(),
        missed_spam: found.missed_spam.value(),
        unsure: found.unsure.value(),
        auc: found.roc_auc.map(|e| e.value),
        calibration_error: found.calibration_error,
    }
}
