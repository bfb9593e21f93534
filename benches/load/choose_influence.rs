//! Chooses how labels weigh (`model/layers.rs`) on the development streams alone; no published
//! stream and no held-out row is read.
//!
//! `cargo run --release --example choose_influence -- CORPORA 'cold:;site=2;alpha=0.1,site=2'
//! 'own:;site=8'`: for a model that knows nothing, and for one trained on our own comments (judged
//! on the streams that hold none of them), one line for each setting: on each stream AUC, recall at
//! .1 % false positives, errors in percent after 200 labels and errors within them; then the means,
//! false positives, misses, log loss, and the share of the evidence that the site's own layer
//! carried over the last 200 checks.

use phin::features::Kind;
use phin::learn::benchmark::learning::{Learn, Stream, development};
use phin::learn::benchmark::{Setting, Shared};
use phin::learn::metrics::figures::{ScoredExample, auc, recall_at_fp};
use phin::learn::train::catalogue::{HeldOut, TrainingExamples};
use phin::learn::train::fit::TrainConfig;
use phin::model::Model;
use phin::verdict::Label;

/// Labels before a stream is judged.
const FIRST: usize = 200;

fn wrong(judged: &ScoredExample) -> bool {
    (judged.log_odds >= 0.0) != (judged.label == Label::Spam)
}

fn percent(rows: &[ScoredExample], is: impl Fn(&ScoredExample) -> bool) -> f64 {
    100.0 * rows.iter().filter(|j| is(j)).count() as f64 / rows.len().max(1) as f64
}

fn log_loss(rows: &[ScoredExample]) -> f64 {
    let of = |j: &ScoredExample| match j.label {
        Label::Spam => j.probability,
        Label::Ham => 1.0 - j.probability,
    };
    rows.iter().map(|j| -of(j).max(1e-6).ln()).sum::<f64>() / rows.len().max(1) as f64
}

fn set(model: &mut Model, name: &str, value: f64) {
    let settings = &mut model.settings;
    match name {
        "strength" => settings.influence.base_strength = value,
        "shared" => settings.influence.shared_label = value,
        "site" => settings.influence.site_label = value,
        "alpha" => settings.influence.alpha = value,
        "absence" => settings.influence.absence = value,
        "prior" => settings.influence.prior = value,
        "power" => settings.length_power = value,
        "slope" => settings.calibration.slope = value,
        kind => {
            let at = Kind::ALL.iter().position(|k| k.name() == kind);
            settings.influence.belief[at.expect("a setting or a kind of feature")] = value;
        }
    }
}

fn show(name: &str, model: &Model, streams: &[&Stream]) {
    let mut line = format!("{name:<40}");
    let mut means = [0.0; 7];
    for stream in streams {
        let mut carried = Vec::new();
        let judged = stream.judge_telling(model, Learn::All, |a| carried.push(a.carried.site));
        let after = &judged[FIRST..];
        let of = |label: Label| {
            let rows = after.iter().filter(|j| j.label == label);
            percent(&rows.cloned().collect::<Vec<_>>(), wrong)
        };
        let last = &carried[carried.len() - FIRST..];
        let figures = [
            auc(after).unwrap_or(0.0),
            recall_at_fp(after, 0.001).unwrap_or(0.0),
            percent(after, wrong),
            of(Label::Ham),
            of(Label::Spam),
            log_loss(after),
            last.iter().sum::<f64>() / last.len() as f64,
        ];
        let [auc, recall, errors, ..] = figures;
        let first = percent(&judged[..FIRST], wrong);
        line += &format!(" | {auc:.4} {recall:.3} {errors:5.2} {first:4.1}");
        for (mean, figure) in means.iter_mut().zip(figures) {
            *mean += figure / streams.len() as f64;
        }
    }
    let [auc, recall, errors, fp, missed, loss, carried] = means;
    println!(
        "{line} || {auc:.4} {recall:.3} {errors:.2} fp {fp:.2} missed {missed:.2} loss {loss:.4} own {carried:.2}"
    );
}

fn main() {
    let mut args = std::env::args().skip(1);
    let setting = Setting {
        corpora: args.next().expect("the folder of the corpora").into(),
        training_data: "training-data".into(),
        model: Model::cold(),
        config: TrainConfig::default(),
        one_by_one: false,
        cases: None,
        progress: &|_, _, _| {},
        tell: &|_| {},
        draw: &|_, _| {},
        shared: Shared::default(),
    };
    let streams = development(&setting).expect("the corpora can be read");
    for variants in args {
        let (kind, variants) = variants.split_once(':').expect("cold:... or own:...");
        let model = match kind {
            "cold" => Model::cold(),
            _ => {
                let own =
                    TrainingExamples::gather(&setting.training_data, None, HeldOut::LeaveOut, 1);
                let own = own.expect("our own comments can be read");
                setting.train(&own.examples).expect("it trains")
            }
        };
        // A model is not judged on what it was trained on.
        let strangers = |s: &&Stream| kind == "cold" || ["sms", "mail"].contains(&s.name);
        let streams: Vec<&Stream> = streams.iter().filter(strangers).collect();
        for variant in variants.split(';') {
            let mut model = model.clone();
            for pair in variant.split(',').filter(|pair| !pair.is_empty()) {
                let (name, value) = pair.split_once('=').expect("name=value");
                set(&mut model, name, value.parse().expect("a number"));
            }
            show(&format!("{kind} {variant}"), &model, &streams);
        }
    }
}
