//! `phin train`: labelled comments in, a model folder out, with its card and a report on the parts each fold left out.

use std::path::PathBuf;

use anyhow::Context;

use super::bad_lines;
use super::progress::Steps;
use crate::learn::catalogue::{HeldOut, Lesson};
use crate::learn::categories;
use crate::learn::corpus::Examples;
use crate::learn::evaluate::Report;
use crate::learn::report;
use crate::learn::train::{self, Recipe};

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  phin train --out models/mine labelled.jsonl more.jsonl.gz     # from exactly these files
  phin train --out models/own                                   # from training-data/ alone
  phin train --out models/shipped --corpora ~/corpora           # the shipped model, byte for byte

The same input and seed give the same bytes. Without FILEs, every fifth comment (by its hash) and its
near-duplicates are left out, so that the model can be measured on them.")]
pub(super) struct Args {
    /// Folder of the new model
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// JSON Lines with labels, plain or .gz; given any, the model learns from exactly these
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Folder of the public corpora, to learn from those that may ship
    #[arg(
        long,
        value_name = "DIR",
        conflicts_with = "files",
        env = "PHIN_CORPORA"
    )]
    corpora: Option<PathBuf>,
    /// Folder of our own training comments and of corpora.toml
    #[arg(
        long,
        value_name = "DIR",
        default_value = "training-data",
        conflicts_with = "files"
    )]
    training_data: PathBuf,
    /// File of a recipe (TOML); what it does not name is as in the shipped model
    #[arg(long, value_name = "FILE")]
    recipe: Option<PathBuf>,
    /// Seed of everything random
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Pass over malformed lines and count them
    #[arg(long)]
    skip_bad: bool,
}

pub(super) fn run(args: Args) -> anyhow::Result<()> {
    let steps = Steps::default();
    let lesson = if args.files.is_empty() {
        Lesson::gather(
            &args.training_data,
            args.corpora.as_deref(),
            HeldOut::LeaveOut,
            args.seed,
        )?
    } else {
        from_files(&args)?
    };
    for name in &lesson.absent {
        eprintln!("corpus {name} is not in the folder; the model learns without it");
    }
    let progress = |step: &str, done, all| steps.show(step, done, all);
    let recipe = Recipe {
        seed: args.seed,
        ..super::recipe(args.recipe.as_deref())?
    };
    let (rows, kinds) = train::prepare(&lesson.examples, |at| lesson.standing(at), &progress);
    let mut trained = train::train(&rows, &kinds, &recipe, lesson.taught, &progress)?;
    trained.model.categories = categories::fit(&lesson.examples);
    steps.clear();
    trained.model.save(&args.out)?;
    let card = &trained.model.card;
    let found = Report::of(
        "comments left out of each part of the training",
        &card.id,
        &trained.left_out,
    );
    let folder = args.out.join("report");
    report::write_html(&found, &trained.left_out, &folder)
        .with_context(|| format!("cannot write the report into {}", folder.display()))?;
    eprint!("{found}");
    println!(
        "{}  {} spam, {} ham, {} features -> {}",
        card.id,
        card.spam,
        card.ham,
        card.features,
        args.out.display()
    );
    if let Some(categories) = &trained.model.categories {
        let names: Vec<&str> = categories.classes().iter().map(|c| c.as_str()).collect();
        eprintln!("categories: {}", names.join(", "));
    }
    Ok(())
}

fn from_files(args: &Args) -> anyhow::Result<Lesson> {
    let mut lesson = Lesson::default();
    for file in &args.files {
        let mut examples = Examples::open(file, bad_lines(args.skip_bad))?;
        let rows = examples.by_ref().collect::<Result<Vec<_>, _>>()?;
        if examples.skipped > 0 {
            eprintln!(
                "{}: {} malformed lines passed over",
                file.display(),
                examples.skipped
            );
        }
        let unlabelled = rows.iter().filter(|row| row.label.is_none()).count();
        if unlabelled > 0 {
            eprintln!(
                "{}: {unlabelled} rows without a label teach nothing",
                file.display()
            );
        }
        let name = file
            .file_name()
            .unwrap_or(file.as_os_str())
            .to_string_lossy()
            .into_owned();
        lesson.take(&name, "", rows, 1.0, 1.0);
    }
    Ok(lesson)
}
