//! `phin evaluate --against`: a candidate and a live model in; out how both judge held-out comments
//! and the newest labels, and whether the gate lets the candidate pass. Promotes nothing.

use std::path::{Path, PathBuf};

use anyhow::Context;
use serde::Serialize;

use super::data_dir::DataDirArgs;
use super::input_args::BadLinesArgs;
use super::plain;
use super::progress::Counter;
use super::{model_args, snapshot};
use crate::features::Features;
use crate::learn::evaluate::comparison::{Comparison, Pair};
use crate::learn::evaluate::gate::{Margins, Refusal, decide};
use crate::learn::evaluate::held_out::held_out;
use crate::learn::evaluate::report;
use crate::learn::metrics::figures::{Report, ScoredExample};
use crate::learn::train::corpus::{Example, Examples};
use crate::model::Model;
use crate::moderation::{ExportLine, Fresh, ReadFrom};

/// What the candidate is held against, and on what.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct ComparisonArgs {
    /// Compare with this model, and say whether the candidate may take its place: a folder,
    /// `shipped`, or `live`, the one of the data folder
    #[arg(long, value_name = "MODEL", conflicts_with = "task")]
    pub(super) against: Option<String>,
    /// An export whose newest labels judge too; without it those of the data folder do, where there
    /// is a store
    #[arg(long, value_name = "FILE", requires = "against")]
    labels: Option<PathBuf>,
    #[command(flatten)]
    data: DataDirArgs,
}

/// What was found, as JSON.
#[derive(Serialize)]
struct Findings<'a> {
    margins: Margins,
    comparison: &'a Comparison,
    /// Why the candidate may not take its place; `null` if it may.
    refused: Option<String>,
}

/// What else the command was options.
pub(super) struct Options<'a> {
    pub(super) files: &'a [PathBuf],
    pub(super) training_data: &'a Path,
    pub(super) corpora: Option<&'a Path>,
    pub(super) bad_lines: BadLinesArgs,
    pub(super) json: bool,
    pub(super) out: Option<&'a Path>,
}

/// Both models on the same comments.
struct Compared {
    pairs: Vec<Pair>,
    comparison: Comparison,
    decided: Result<(), Refusal>,
}

/// Whether a candidate may take the place of the data folder's live model: the comparison, and why
/// not, if not.
///
/// # Errors
/// A model, the comments or the labels cannot be read.
pub(super) fn ask(
    data: &DataDirArgs,
    candidate: &Model,
    training_data: &Path,
    corpora: Option<&Path>,
) -> anyhow::Result<(Comparison, Result<(), Refusal>)> {
    let args = ComparisonArgs {
        against: None,
        labels: None,
        data: data.clone(),
    };
    let options = Options {
        files: &[],
        training_data,
        corpora,
        bad_lines: BadLinesArgs { skip_bad: false },
        json: false,
        out: None,
    };
    let compared = compare(&args, "live", candidate, &options)?;
    Ok((compared.comparison, compared.decided))
}

/// Prints the comparison, and writes the report where one is wanted.
///
/// # Errors
/// Something cannot be read or written; or the gate does not let the candidate pass.
pub(super) fn run(
    args: &ComparisonArgs,
    against: &str,
    candidate: &Model,
    options: &Options<'_>,
) -> anyhow::Result<()> {
    let Compared {
        pairs,
        comparison,
        decided,
    } = compare(args, against, candidate, options)?;
    let found = Findings {
        margins: Margins::default(),
        comparison: &comparison,
        refused: decided.as_ref().err().map(|refusal| refusal.to_string()),
    };
    if let Some(dir) = options.out {
        write(&found, &pairs, dir)
            .with_context(|| format!("cannot write the report into {}", dir.display()))?;
        eprintln!("report written to {}", plain::path(&dir.join("index.html")));
    }
    if options.json {
        println!("{}", serde_json::to_string_pretty(&found)?);
    } else {
        if !pairs.is_empty() {
            print!("{}", plain::known(&comparison)?);
        }
        if decided.is_ok() {
            println!("\nthe candidate may take its place: nothing is worse beyond its margin");
        }
    }
    decided.map_err(|refusal| match advice(&refusal) {
        Some(advice) => anyhow::anyhow!("{refusal}\n{advice}"),
        None => refusal.into(),
    })
}

/// What can be done where the gate had too little to decide by.
pub(super) fn advice(refusal: &Refusal) -> Option<&'static str> {
    matches!(refusal, Refusal::NothingToJudgeOn { .. }).then_some(
        "What helps: give labels (phin queue, phin label); bring the history of your blog (phin import FILE); compare on labelled comments of your own (phin evaluate --against live FILE); or name the folder training-data of phin's source (--training-data DIR). phin models promote MODEL --force REASON promotes without a comparison.",
    )
}

fn compare(
    args: &ComparisonArgs,
    against: &str,
    candidate: &Model,
    options: &Options<'_>,
) -> anyhow::Result<Compared> {
    let live = model_args::model_of(against, &args.data)?;
    let models = [&live, candidate];
    let counter = Counter::new("comments judged by both");
    let mut pairs: Vec<Pair> = Vec::new();
    for example in examples(options)? {
        let Some(label) = example.label else {
            continue;
        };
        let features = Features::of(&example.comment);
        let group = example.group.as_deref();
        pairs.push(Pair::of(models, &features, label, group, None));
        counter.add(1);
    }
    let of_corpora = pairs.len();
    let after = live.card.ledger_seq.max(candidate.card.ledger_seq);
    let fresh = newest_labels(args, after)?;
    for said in &fresh.labels {
        let site = said.site.as_str();
        let pair = Pair::of(models, &said.features, said.label, Some(site), Some(site));
        pairs.push(pair);
        counter.add(1);
    }
    counter.finish();
    let by_buckets = fresh
        .labels
        .iter()
        .filter(|said| said.read_from == ReadFrom::Buckets)
        .count();
    eprintln!(
        "{of_corpora} held-out comments and {} labels neither model was taught ({by_buckets} of them judged by hashed features alone, for their comment is kept no more)",
        fresh.labels.len()
    );
    if fresh.unheard + fresh.unreadable > 0 {
        eprintln!(
            "passed over: {} labels that only their own site hears, {} whose features other code made",
            fresh.unheard, fresh.unreadable
        );
    }
    let margins = Margins::default();
    let comparison = Comparison::of(&live.card.id, &candidate.card.id, &pairs, margins.least);
    let decided = decide(&comparison, &margins);
    Ok(Compared {
        pairs,
        comparison,
        decided,
    })
}

/// The files named; without any, the held-out comments.
fn examples(options: &Options<'_>) -> anyhow::Result<Vec<Example>> {
    if options.files.is_empty() {
        if !options.training_data.is_dir() {
            eprintln!(
                "there are no held-out comments: {} is no folder (--training-data)",
                plain::path(options.training_data)
            );
            return Ok(Vec::new());
        }
        return Ok(held_out(options.training_data, options.corpora, 1)?);
    }
    let mut rows = Vec::new();
    let mut skipped = 0;
    for file in options.files {
        let mut examples = Examples::open(file, options.bad_lines.choice())?;
        for example in examples.by_ref() {
            rows.push(example?);
        }
        skipped += examples.skipped;
    }
    let unlabelled = rows.iter().filter(|row| row.label.is_none()).count();
    if skipped + unlabelled > 0 {
        eprintln!("passed over: {skipped} malformed lines, {unlabelled} without a label");
    }
    Ok(rows)
}

fn newest_labels(args: &ComparisonArgs, after: u64) -> anyhow::Result<Fresh> {
    let is_wanted = |line: &ExportLine| {
        matches!(
            line,
            ExportLine::Check(_) | ExportLine::Label(_) | ExportLine::Ruling(_)
        )
    };
    if args.labels.is_none() && !args.data.has_store() {
        eprintln!(
            "no labels are heard: there is no store in the data folder (--data-dir, --labels)"
        );
        return Ok(Fresh::default());
    }
    Ok(snapshot::read(args.labels.as_ref(), &args.data, is_wanted)?.fresh(after))
}

/// The comparison, and the report of each model with its plots.
fn write(found: &Findings<'_>, pairs: &[Pair], dir: &Path) -> anyhow::Result<()> {
    let of = |which: fn(&Pair) -> &ScoredExample| -> Vec<ScoredExample> {
        pairs.iter().map(|pair| which(pair).clone()).collect()
    };
    for (name, id, rows) in [
        ("live", &found.comparison.live, of(|p| &p.live)),
        (
            "candidate",
            &found.comparison.candidate,
            of(|p| &p.candidate),
        ),
    ] {
        report::write_html(&Report::of(name, id, &rows), &rows, &dir.join(name))?;
    }
    let json = serde_json::to_vec_pretty(found)?;
    report::write_comparison(found.comparison, found.refused.as_deref(), &json, dir)?;
    Ok(())
}
