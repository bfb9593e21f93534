//! Chooses how labels weigh (`model/layers.rs`) on the development streams alone; no published stream is read. Usage: choose_influence CORPORA [VARIANT ...]

use phin::learn::catalogue::{HeldOut, Lesson};
use phin::learn::evaluate::{Judged, auc, recall_at_fp};
use phin::learn::tasks::Setting;
use phin::learn::tasks::learning::{Learn, Stream, development};
use phin::learn::train::Recipe;
use phin::model::Model;
use phin::verdict::Label;

fn errors(judged: &[Judged]) -> f64 {
    let wrong = judged
        .iter()
        .filter(|j| (j.log_odds >= 0.0) != (j.label == Label::Spam))
        .count();
    100.0 * wrong as f64 / judged.len().max(1) as f64
}

fn main() {
    let mut args = std::env::args().skip(1);
    let corpora = args.next().expect("the folder of the corpora");
    let setting = Setting {
        corpora: corpora.into(),
        training_data: "training-data".into(),
        model: Model::cold(),
        recipe: Recipe::default(),
        progress: &|_, _, _| {},
    };
    let streams = development(&setting).expect("the corpora can be read");
    for variant in args.collect::<Vec<_>>() {
        let (kind, settings) = variant.split_once(':').unwrap_or((&variant, ""));
        let mut model = match kind {
            "own" => {
                let own = Lesson::gather("training-data".as_ref(), None, HeldOut::LeaveOut, 1)
                    .expect("own rows");
                setting.train(&own.examples).expect("it trains")
            }
            _ => Model::cold(),
        };
        let streams: Vec<&Stream> = streams
            .iter()
            .filter(|s| kind != "own" || !s.name.starts_with("own") && s.name != "four sites")
            .collect();
        let _ = &streams;
        for setting in settings.split(';') {
            let mut m = model.clone();
            let i = &mut m.settings.influence;
            for pair in setting.split(',').filter(|p| !p.is_empty()) {
                let (name, value) = pair.split_once('=').expect("name=value");
                let value: f64 = value.parse().expect("a number");
                match name {
                    "strength" => i.base_strength = value,
                    "shared" => i.shared_label = value,
                    "site" => i.site_label = value,
                    "alpha" => i.alpha = value,
                    "absence" => i.absence = value,
                    "prior" => i.prior = value,
                    "fade" => i.fade = value,
                    "pure" => i.pure = value,
                    "ownbias" => i.own_bias = value,
                    kind => {
                        let at = phin::features::Kind::ALL
                            .iter()
                            .position(|k| k.name() == kind)
                            .unwrap_or_else(|| panic!("{kind}?"));
                        i.belief[at] = value;
                    }
                }
            }
            let chosen: Vec<Stream> = Vec::new();
            let _ = chosen;
            show_refs(&format!("{kind} {setting}"), &m, &streams);
        }
        model.settings.bias += 0.0;
    }
}

fn show_refs(name: &str, model: &Model, streams: &[&Stream]) {
    let mut line = format!("{name:<40}");
    let (mut sum_auc, mut sum_recall, mut sum_err, mut fp, mut miss) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for stream in streams {
        let judged = stream.judge(model, Learn::All);
        let after = &judged[200..];
        let a = auc(after).unwrap_or(0.0);
        let r = recall_at_fp(after, 0.001).unwrap_or(0.0);
        let e = errors(after);
        let rate = |label: Label| {
            after
                .iter()
                .filter(|j| j.label == label && (j.log_odds >= 0.0) != (label == Label::Spam))
                .count() as f64
                / after.iter().filter(|j| j.label == label).count().max(1) as f64
        };
        line += &format!(" | {a:.4} {r:.3} {e:5.2} {:4.1}", errors(&judged[..200]));
        sum_auc += a;
        sum_recall += r;
        sum_err += e;
        fp += rate(Label::Ham);
        miss += rate(Label::Spam);
    }
    let n = streams.len() as f64;
    println!(
        "{line} || {:.4} {:.3} {:.2} fp {:.2} miss {:.2}",
        sum_auc / n,
        sum_recall / n,
        sum_err / n,
        100.0 * fp / n,
        100.0 * miss / n
    );
}
