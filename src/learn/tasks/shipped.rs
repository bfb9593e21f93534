//! Tasks on the shipped model and its recipe: honest comments left alone, spam caught, corpora never seen, attacks withstood, probabilities meant.

use std::collections::BTreeMap;

use super::{Outcome, Setting, TaskError, judge, outcome};
use crate::learn::attacks::ATTACKS;
use crate::learn::catalogue::{self, Catalogue, HeldOut, Lesson};
use crate::learn::categories::{Figures, Named};
use crate::learn::corpus::{self, BadLines, Example};
use crate::learn::evaluate::{Judged, auc, expected_calibration_error};
use crate::learn::train::{self, Recipe};
use crate::model::Model;
use crate::text::{Undone, markup};
use crate::verdict::{Label, Verdict};

/// Corpora of ham, and those of spam.
const HAM: [&str; 6] = [
    "vi_victsd",
    "vi_vihsd",
    "blog_haacked",
    "reddit_goemotions",
    "news_ucc",
    "vi_aivivn",
];
pub(super) const SPAM: [&str; 4] = [
    "youtube_spam_uci",
    "sms_spam_uci",
    "vi_smishing",
    "wp_comments",
];

/// Held-out rows of a corpus with one label, cleaned as the catalogue says.
pub(super) fn held_out(
    setting: &Setting<'_>,
    name: &str,
    label: Label,
) -> Result<Vec<Example>, TaskError> {
    let catalogue = Catalogue::read(&setting.training_data.join("corpora.toml"))?;
    let rows = setting.read(name)?.into_iter().filter(Example::is_held_out);
    let rows = rows.filter_map(|row| match catalogue.corpus(name) {
        Some(corpus) if corpus.ships => corpus.clean(row),
        _ => presumed_ham(name, row),
    });
    Ok(rows.filter(|row| row.label == Some(label)).collect())
}

/// Rows of corpora that may not ship but may measure.
fn presumed_ham(corpus: &str, mut row: Example) -> Option<Example> {
    let kind = row.kind.as_deref().unwrap_or("");
    if corpus == "vi_vihsd" {
        let reading = crate::text::read(&row.comment.text);
        let advert = !reading.phones.is_empty()
            || !reading.links.is_empty()
            || !reading.handles.is_empty()
            || reading.folded.contains("zalo")
            || reading.folded.split(' ').any(|w| w == "ib");
        if kind != "presumed_ham:CLEAN" || advert {
            return None;
        }
    }
    row.comment.text = markup::strip(&row.comment.text, &mut Undone::default())
        .text
        .into_owned();
    row.label = Some(Label::Ham);
    Some(row)
}

fn share(judged: &[Judged], is: impl Fn(&Judged) -> bool) -> f64 {
    judged.iter().filter(|j| is(j)).count() as f64 / judged.len().max(1) as f64
}

fn is_spam(judged: &Judged) -> bool {
    judged.verdict.side() == Some(Label::Spam)
}

fn at_most(outcome: Outcome) -> Outcome {
    Outcome {
        larger_is_better: false,
        ..outcome
    }
}

fn judge_all(model: &Model, rows: &[Example]) -> Vec<Judged> {
    judge(model, &rows.iter().collect::<Vec<_>>())
}

pub(super) fn ham(setting: &Setting<'_>) -> Result<Vec<Outcome>, TaskError> {
    let mut outcomes = Vec::new();
    let mut pooled = Vec::new();
    for name in HAM {
        let judged = judge_all(&setting.model, &held_out(setting, name, Label::Ham)?);
        outcomes.push(at_most(outcome(
            "ham",
            &format!("FP {name}"),
            share(&judged, is_spam),
            0.003,
            0.001,
            judged.len(),
        )));
        pooled.extend(judged);
    }
    outcomes.push(at_most(outcome(
        "ham",
        "FP pooled",
        share(&pooled, is_spam),
        0.001,
        0.0003,
        pooled.len(),
    )));
    outcomes.push(at_most(outcome(
        "ham",
        "unsure pooled",
        share(&pooled, |j| j.verdict == Verdict::Unsure),
        0.04,
        0.02,
        pooled.len(),
    )));
    Ok(outcomes)
}

pub(super) fn caught(setting: &Setting<'_>) -> Result<Vec<Outcome>, TaskError> {
    let mut outcomes = Vec::new();
    let mut pooled = Vec::new();
    let mut worst = 1.0_f64;
    for name in SPAM {
        let judged = judge_all(&setting.model, &held_out(setting, name, Label::Spam)?);
        let caught = share(&judged, is_spam);
        worst = worst.min(caught);
        outcomes.push(Outcome {
            floor: None,
            goal: None,
            ..outcome("caught", name, caught, 0.0, 0.0, judged.len())
        });
        pooled.extend(judged);
    }
    outcomes.push(outcome(
        "caught",
        "pooled",
        share(&pooled, is_spam),
        0.80,
        0.95,
        pooled.len(),
    ));
    outcomes.push(outcome(
        "caught",
        "worst corpus",
        worst,
        0.60,
        0.85,
        pooled.len(),
    ));
    outcomes.push(Outcome {
        floor: None,
        goal: None,
        ..outcome(
            "caught",
            "pooled, with unsure",
            share(&pooled, |j| j.verdict != Verdict::Ham),
            0.0,
            0.0,
            pooled.len(),
        )
    });
    Ok(outcomes)
}

pub(super) fn transfer(setting: &Setting<'_>) -> Result<Vec<Outcome>, TaskError> {
    let (lesson, rows, kinds) = setting.shipped_lesson()?;
    let mut ham = Vec::new();
    for name in HAM {
        ham.extend(held_out(setting, name, Label::Ham)?);
    }
    let catalogue = Catalogue::read(&setting.training_data.join("corpora.toml"))?;
    let mut outcomes = Vec::new();
    // The order of scores is all that counts here: nothing needs calibrating.
    let recipe = Recipe {
        folds: 0,
        ..setting.recipe.clone()
    };
    for name in SPAM {
        let source = lesson.taught.iter().position(|taught| taught.name == name);
        let without = rows.iter().filter(|row| Some(row.source) != source);
        let model = train::train(without, &kinds, &recipe, Vec::new(), setting.progress)?.model;
        let spam = setting
            .read(name)?
            .into_iter()
            .filter_map(|row| catalogue.corpus(name).and_then(|corpus| corpus.clean(row)));
        let spam: Vec<Example> = spam.filter(|row| row.label == Some(Label::Spam)).collect();
        let mut judged = judge_all(&model, &ham);
        judged.extend(judge_all(&model, &spam));
        outcomes.push(Outcome {
            floor: None,
            goal: None,
            ..outcome(
                "transfer",
                &format!("AUC {name}"),
                auc(&judged).unwrap_or(0.0),
                0.0,
                0.0,
                spam.len(),
            )
        });
    }
    let mean = outcomes.iter().map(|o| o.ours).sum::<f64>() / outcomes.len() as f64;
    outcomes.push(outcome(
        "transfer",
        "AUC, mean",
        mean,
        0.85,
        0.95,
        ham.len(),
    ));
    Ok(outcomes)
}

pub(super) fn evasion(setting: &Setting<'_>) -> Result<Vec<Outcome>, TaskError> {
    let (mut spam, mut ham) = (Vec::new(), Vec::new());
    for name in SPAM {
        spam.extend(held_out(setting, name, Label::Spam)?);
    }
    let own = Lesson::gather(
        &setting.training_data,
        None,
        HeldOut::Keep,
        setting.recipe.seed,
    )?;
    spam.extend(
        own.examples
            .iter()
            .filter(|row| row.is_held_out() && row.label == Some(Label::Spam))
            .cloned(),
    );
    for name in HAM {
        // A sample: twelve attacks on all of it would take minutes and tell the same.
        ham.extend(held_out(setting, name, Label::Ham)?.into_iter().take(800));
    }
    ham.extend(
        own.examples
            .iter()
            .filter(|row| row.is_held_out() && row.label == Some(Label::Ham))
            .cloned(),
    );
    // Only spam that is caught as it is can be kept under attack.
    let caught: Vec<Example> = spam
        .into_iter()
        .filter(|row| judge(&setting.model, &[row]).iter().all(is_spam))
        .collect();
    let plain_fp = share(&judge_all(&setting.model, &ham), is_spam);
    let mut outcomes = vec![at_most(Outcome {
        floor: None,
        goal: None,
        ..outcome("evasion", "FP unattacked", plain_fp, 0.0, 0.0, ham.len())
    })];
    for attack in ATTACKS {
        let attacked = |rows: &[Example]| -> Vec<Example> {
            rows.iter()
                .map(|row| {
                    let mut row = row.clone();
                    row.comment.text = (attack.apply)(&row.comment.text);
                    row
                })
                .collect()
        };
        let kept = judge_all(&setting.model, &attacked(&caught));
        let mut by_language: BTreeMap<&str, Vec<Judged>> = BTreeMap::new();
        for (judged, row) in kept.iter().zip(&caught) {
            let language = if row.lang.as_deref() == Some("vi") {
                "vi"
            } else {
                "en"
            };
            by_language
                .entry(language)
                .or_default()
                .push(judged.clone());
        }
        outcomes.push(outcome(
            "evasion",
            &format!("kept: {}", attack.name),
            share(&kept, is_spam),
            0.90,
            0.98,
            kept.len(),
        ));
        for (language, judged) in by_language {
            outcomes.push(Outcome {
                floor: None,
                goal: None,
                ..outcome(
                    "evasion",
                    &format!("  {language}"),
                    share(&judged, is_spam),
                    0.0,
                    0.0,
                    judged.len(),
                )
            });
        }
        let hit = judge_all(&setting.model, &attacked(&ham));
        outcomes.push(at_most(outcome(
            "evasion",
            &format!("FP: {}", attack.name),
            share(&hit, is_spam),
            2.0 * plain_fp,
            plain_fp,
            hit.len(),
        )));
    }
    Ok(outcomes)
}

pub(super) fn calibration(setting: &Setting<'_>) -> Result<Vec<Outcome>, TaskError> {
    let mut judged = Vec::new();
    for name in HAM.into_iter().chain(SPAM) {
        for label in [Label::Ham, Label::Spam] {
            judged.extend(judge_all(&setting.model, &held_out(setting, name, label)?));
        }
    }
    let wrong = |j: &&Judged| (j.log_odds >= 0.0) != (j.label == Label::Spam);
    let errors: Vec<&Judged> = judged.iter().filter(wrong).collect();
    let in_unsure = errors
        .iter()
        .filter(|j| j.verdict == Verdict::Unsure)
        .count() as f64
        / errors.len().max(1) as f64;
    Ok(vec![
        at_most(outcome(
            "calibration",
            "ECE",
            expected_calibration_error(&judged, 15).unwrap_or(1.0),
            0.02,
            0.008,
            judged.len(),
        )),
        outcome(
            "calibration",
            "errors that are unsure",
            in_unsure,
            0.60,
            0.80,
            errors.len(),
        ),
    ])
}

/// Whether our own held-out spam is called what it is, by folder of the training data; verdicts play no part.
pub(super) fn categories(setting: &Setting<'_>) -> Result<Vec<Outcome>, TaskError> {
    let mut named: BTreeMap<String, Vec<Named>> = BTreeMap::new();
    for file in catalogue::own_files(&setting.training_data)? {
        let folder = file.parent().and_then(|dir| dir.file_name());
        let folder = folder.unwrap_or_default().to_string_lossy().into_owned();
        let rows = corpus::read_all(&file, BadLines::Refuse)?;
        // A model without categories calls everything nothing, and misses its floors.
        let judged = rows
            .iter()
            .filter(|row| row.is_held_out())
            .filter_map(|row| match &setting.model.categories {
                Some(categories) => Named::of(categories, row),
                None => Named::unknown(row),
            });
        named.entry(folder).or_default().extend(judged);
    }
    let mut outcomes = Vec::new();
    for (lang, accuracy, macro_f1) in [("vi", 0.60, 0.55), ("en", 0.56, 0.50)] {
        let judged = named.remove(lang).unwrap_or_default();
        let found = Figures::of(&judged);
        let figure = |name: &str, ours, floor: Option<f64>| Outcome {
            floor,
            goal: None,
            ..outcome(
                "categories",
                &format!("{lang} {name}"),
                ours,
                0.0,
                0.0,
                judged.len(),
            )
        };
        outcomes.extend([
            figure("accuracy", found.accuracy, Some(accuracy)),
            figure("macro-F1", found.macro_f1, Some(macro_f1)),
            figure("share named", found.answered, None),
            figure("right when named", found.precision, None),
        ]);
    }
    Ok(outcomes)
}
