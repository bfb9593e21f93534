//! `phin models diff`: two models in; their cards side by side, and the features they weigh most
//! differently, out. Judges no comment.

use std::collections::HashMap;
use std::path::PathBuf;

use super::left_out::percent;
use super::shelf::find;
use crate::cli::data_dir::DataDirArgs;
use crate::cli::plain::Plain;
use crate::features::{FeatureId, Features};
use crate::learn::train::catalogue::{HeldOut, TrainingExamples};
use crate::model::Model;

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  phin models diff shipped live
  phin models diff live models/mine --top 50")]
pub(crate) struct Args {
    /// A model: its id, `live`, `shipped` or a folder
    before: String,
    /// Another
    after: String,
    /// Features shown
    #[arg(long, value_name = "N", default_value_t = 20)]
    top: usize,
    /// Folder of comments by which features are named; without it they are numbers
    #[arg(long, value_name = "DIR", default_value = "training-data")]
    training_data: PathBuf,
    #[command(flatten)]
    data: DataDirArgs,
}

/// Prints how two models differ.
///
/// # Errors
/// One of them cannot be read.
pub(super) fn run(args: Args) -> anyhow::Result<()> {
    let shelf = args.data.shelf();
    let (before, after) = (find(&shelf, &args.before)?, find(&shelf, &args.after)?);
    let (a, b) = (&before.card, &after.card);
    let line = |what: &str, a: String, b: String| println!("{what:<24} {a:>20} {b:>20}");
    line("", a.id.clone(), b.id.clone());
    line("spam trained on", a.spam.to_string(), b.spam.to_string());
    line("ham trained on", a.ham.to_string(), b.ham.to_string());
    line(
        "last label",
        a.ledger_seq.to_string(),
        b.ledger_seq.to_string(),
    );
    line("features", a.features.to_string(), b.features.to_string());
    line(
        "false positives",
        percent(a, |f| f.false_positives),
        percent(b, |f| f.false_positives),
    );
    line(
        "missed spam",
        percent(a, |f| f.missed_spam),
        percent(b, |f| f.missed_spam),
    );
    line("unsure", percent(a, |f| f.unsure), percent(b, |f| f.unsure));
    println!(
        "(shares of comments left out of each one's own training: two models are compared on the same ones by phin evaluate --against)"
    );
    let mut changes = changes(&before, &after);
    println!("\n{} features weigh otherwise", changes.len());
    changes.sort_by(|a, b| {
        (b.1 - b.2)
            .abs()
            .total_cmp(&(a.1 - a.2).abs())
            .then(a.0.cmp(&b.0))
    });
    changes.truncate(args.top);
    let names = names(&args.training_data, &changes);
    for (id, from, to) in changes {
        let name = names.get(&id).cloned();
        let name = name.unwrap_or_else(|| format!("feature {id}"));
        println!("{from:>8.2} -> {to:>6.2}  {}", Plain(name));
    }
    Ok(())
}

/// Weights in log-odds, where they differ.
fn changes(before: &Model, after: &Model) -> Vec<(FeatureId, f64, f64)> {
    let weights = |model: &Model| -> HashMap<FeatureId, f64> {
        let slope = model.settings.calibration.slope;
        let all = model.entries();
        all.map(|entry| (entry.id, f64::from(entry.weight) * slope))
            .collect()
    };
    let (before, after) = (weights(before), weights(after));
    let mut ids: Vec<FeatureId> = before.keys().chain(after.keys()).copied().collect();
    ids.sort_unstable();
    ids.dedup();
    let of = |weights: &HashMap<FeatureId, f64>, id| weights.get(&id).copied().unwrap_or(0.0);
    ids.into_iter()
        .map(|id| (id, of(&before, id), of(&after, id)))
        .filter(|(_, from, to)| from != to)
        .collect()
}

/// Hashes have no way back: a feature has a name if one of our comments has the feature.
fn names(
    training_data: &std::path::Path,
    wanted: &[(FeatureId, f64, f64)],
) -> HashMap<FeatureId, String> {
    let mut names = HashMap::new();
    let Ok(lesson) = TrainingExamples::gather(training_data, None, HeldOut::Keep, 1) else {
        return names;
    };
    for example in &lesson.examples {
        let features = Features::of(&example.comment);
        for feature in &features.items {
            if wanted.iter().any(|&(id, ..)| id == feature.id) {
                names.entry(feature.id).or_insert_with(|| {
                    format!(
                        "{}: {}",
                        features.reason(feature).en,
                        features.text_of(feature)
                    )
                });
            }
        }
    }
    names
}
