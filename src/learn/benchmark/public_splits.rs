//! Three published corpora with splits of their own in, the figures of models trained on each split
//! out. Test rows choose nothing.

use std::collections::BTreeMap;

use crate::learn::benchmark::error::TaskError;
use crate::learn::benchmark::figures;
use crate::learn::benchmark::outcome::Outcome;
use crate::learn::benchmark::setting::Setting;
use crate::learn::evaluate::score::score_alone;
use crate::learn::metrics::figures::{ScoredExample, mcc_accuracy_macro_f1};
use crate::learn::metrics::measures::binary_figures;
use crate::learn::train::corpus::Example;
use crate::model::Model;

/// Four videos teach, the fifth judges; every video once.
pub(super) fn youtube(setting: &Setting<'_>) -> Result<Vec<Outcome>, TaskError> {
    let all = setting.read("youtube_spam_uci")?;
    let mut by_video: BTreeMap<&str, Vec<&Example>> = BTreeMap::new();
    for example in &all {
        by_video
            .entry(example.group.as_deref().unwrap_or(""))
            .or_default()
            .push(example);
    }
    let mut pooled = Vec::new();
    for (video, test) in &by_video {
        let train: Vec<Example> = all
            .iter()
            .filter(|e| e.group.as_deref() != Some(video))
            .cloned()
            .collect();
        pooled.extend(judge(&setting.train(&train)?, test));
    }
    let all: Vec<&ScoredExample> = pooled.iter().collect();
    Ok(vec![
        figures::accuracy("youtube", "accuracy", &pooled),
        figures::auc("youtube", "AUC", &all),
    ])
}

/// Four fifths of the texts teach, the last judges; every fifth once.
pub(super) fn sms(setting: &Setting<'_>) -> Result<Vec<Outcome>, TaskError> {
    let all = setting.read("sms_spam_uci")?;
    let fold_of: Vec<u64> = all.iter().map(|e| e.skeleton() % 5).collect();
    let mut pooled = Vec::new();
    for fold in 0..5 {
        let train: Vec<Example> = all
            .iter()
            .zip(&fold_of)
            .filter(|(_, f)| **f != fold)
            .map(|(e, _)| e.clone())
            .collect();
        let test: Vec<&Example> = all
            .iter()
            .zip(&fold_of)
            .filter(|(_, f)| **f == fold)
            .map(|(e, _)| e)
            .collect();
        pooled.extend(judge(&setting.train(&train)?, &test));
    }
    let all: Vec<&ScoredExample> = pooled.iter().collect();
    Ok(vec![
        figures::of_rows("sms", "MCC", &pooled, |rows| {
            binary_figures(rows.iter().copied(), 0.0).map(|found| found.mcc)
        }),
        figures::recall_at("sms", "recall at .1 % FP", &all, 0.001),
    ])
}

/// Its train and dev parts teach, its test part judges.
pub(super) fn vispamreviews(setting: &Setting<'_>) -> Result<Vec<Outcome>, TaskError> {
    let all = setting.read("vi_vispamreviews")?;
    let part = |name: &str| {
        all.iter()
            .filter(|e| e.split.as_deref() == Some(name))
            .collect::<Vec<_>>()
    };
    // The cutoff is chosen on dev by a model that has not seen dev; the model that is tested has.
    let on_dev = judge_dev(setting, &all)?;
    let cutoff = best_macro_f1_cutoff(&on_dev);
    let both: Vec<Example> = part("train")
        .into_iter()
        .chain(part("dev"))
        .cloned()
        .collect();
    let on_test = judge(&setting.train(&both)?, &part("test"));
    let outcome = |figure, judged: &[ScoredExample]| {
        figures::of_rows("vispamreviews", figure, judged, |rows| {
            binary_figures(rows.iter().copied(), cutoff).map(|found| found.macro_f1)
        })
    };
    Ok(vec![
        outcome("macro-F1", &on_test),
        outcome("macro-F1 on dev", &on_dev),
    ])
}

/// Macro-F1 on dev at the cutoff that is best there, and the number of comments.
pub(super) fn vispamreviews_dev(setting: &Setting<'_>) -> Result<(f64, usize), TaskError> {
    let on_dev = judge_dev(setting, &setting.read("vi_vispamreviews")?)?;
    let cutoff = best_macro_f1_cutoff(&on_dev);
    let macro_f1 = mcc_accuracy_macro_f1(&on_dev, cutoff).map_or(0.0, |f| f.macro_f1);
    Ok((macro_f1, on_dev.len()))
}

/// Its dev part, judged by a model of its train part.
fn judge_dev(setting: &Setting<'_>, all: &[Example]) -> Result<Vec<ScoredExample>, TaskError> {
    let part = |name: &'static str| all.iter().filter(move |e| e.split.as_deref() == Some(name));
    let train: Vec<Example> = part("train").cloned().collect();
    Ok(judge(
        &setting.train(&train)?,
        &part("dev").collect::<Vec<_>>(),
    ))
}

fn best_macro_f1_cutoff(judged: &[ScoredExample]) -> f64 {
    let candidates = (-60..=60).map(|step| f64::from(step) / 20.0);
    let quality = |at: f64| mcc_accuracy_macro_f1(judged, at).map_or(0.0, |f| f.macro_f1);
    candidates
        .max_by(|&a, &b| quality(a).total_cmp(&quality(b)))
        .unwrap_or(0.0)
}

fn judge(model: &Model, examples: &[&Example]) -> Vec<ScoredExample> {
    let alone = |example: &&Example| score_alone(model, example);
    examples.iter().filter_map(alone).collect()
}
