//! `phin evaluate`: a model and labelled comments, or published tasks, in; how good the model is
//! out. Trains only where a task says so.

use std::path::PathBuf;

use anyhow::{Context, bail};

use super::comparison::{self, ComparisonArgs, Options};
use super::input_args::BadLinesArgs;
use super::model_args::ModelArgs;
use super::plain;
use super::progress::{Counter, Steps};
use super::recipe::recipe;
use crate::learn::benchmark::{self, Outcome, Setting};
use crate::learn::evaluate::report;
use crate::learn::evaluate::score::score_alone;
use crate::learn::metrics::figures::Report;
use crate::learn::train::corpus::Examples;

#[derive(Debug, clap::Args)]
#[command(after_help = after_help())]
pub(super) struct Args {
    #[command(flatten)]
    model: ModelArgs,
    /// JSON Lines with labels, plain or .gz; rows without a label are passed over
    #[arg(value_name = "FILE", required_unless_present_any = ["task", "against"])]
    files: Vec<PathBuf>,
    /// Print the report as JSON
    #[arg(long)]
    json: bool,
    /// Write the report as HTML with plots into this folder; of tasks, the plots alone
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    #[command(flatten)]
    bad_lines: BadLinesArgs,
    /// Run published tasks, by name and comma, or `all` of them: see the list below
    #[arg(
        long,
        value_name = "NAME",
        requires = "corpora",
        conflicts_with = "files"
    )]
    task: Option<String>,
    /// File of a recipe, for tasks that train
    #[arg(long, value_name = "FILE", requires = "task")]
    recipe: Option<PathBuf>,
    /// Leave blogs out one by one, for the tasks that do: ten times as long as in folds
    #[arg(long, requires = "task")]
    one_by_one: bool,
    /// File of cases from public reports, for the task `cases`; DIR/../cases/comments.jsonl if not
    /// named
    #[arg(long, value_name = "FILE", requires = "task")]
    cases: Option<PathBuf>,
    /// Folder of our own training comments and of corpora.toml
    #[arg(long, value_name = "DIR", default_value = "training-data")]
    training_data: PathBuf,
    /// Folder of the public corpora (see training-data/corpora.toml)
    #[arg(long, value_name = "DIR", env = "PHIN_CORPORA")]
    corpora: Option<PathBuf>,
    #[command(flatten)]
    against: ComparisonArgs,
}

const EXAMPLES: &str = "Examples:
  phin evaluate labelled.jsonl
  phin evaluate --model models/mine labelled.jsonl --out report/
  phin evaluate --task all --corpora ~/corpora
  phin evaluate --task balance --model none --corpora ~/corpora --out docs    # draws docs/balance.svg
  phin evaluate --model models/mine --against live               # may it take the live one's place?
  phin evaluate --model models/mine --against shipped --labels everything.jsonl --out report/

Against another model both judge the files named, or else the held-out fifth of --training-data and --corpora, and the newest labels neither
was taught: from the comment where it is kept, else from its hashed features. It ends with 1 and says why where something is worse beyond its
margin by the whole of its interval: false positives by .1 points, missed spam by 1, unsure by 2, log loss by .05; for all, for each language and
for each site with 50 ham and 50 spam.";

/// Examples, and what each task is.
fn after_help() -> String {
    let tasks = benchmark::TASKS.map(|(name, what)| format!("  {name:<15} {what}"));
    format!("{EXAMPLES}\n\nTasks:\n{}", tasks.join("\n"))
}

/// Measures a model, compares two, or runs tasks.
///
/// # Errors
/// Something cannot be read or written, a figure misses its floor, or the gate refuses the
/// candidate.
pub(super) fn run(args: Args) -> anyhow::Result<()> {
    if let Some(task) = &args.task {
        return run_tasks(task, &args);
    }
    let model = args.model.load()?;
    if let Some(against) = &args.against.against {
        let options = Options {
            files: &args.files,
            training_data: &args.training_data,
            corpora: args.corpora.as_deref(),
            bad_lines: args.bad_lines,
            json: args.json,
            out: args.out.as_deref(),
        };
        return comparison::run(&args.against, against, &model, &options);
    }
    let mut judged = Vec::new();
    let counter = Counter::new("comments judged");
    let (mut skipped, mut unlabelled) = (0, 0);
    for file in &args.files {
        let mut examples = Examples::open(file, args.bad_lines.choice())?;
        for example in examples.by_ref() {
            let example = example?;
            match score_alone(&model, &example) {
                Some(row) => judged.push(row),
                None => {
                    unlabelled += 1;
                    continue;
                }
            }
            counter.add(1);
        }
        skipped += examples.skipped;
    }
    counter.finish();
    if skipped + unlabelled > 0 {
        eprintln!("passed over: {skipped} malformed lines, {unlabelled} without a label");
    }
    if judged.is_empty() {
        bail!("none of the rows has a label; there is nothing to measure");
    }
    let title = args
        .files
        .iter()
        .map(|f| f.file_name().unwrap_or(f.as_os_str()).to_string_lossy())
        .collect::<Vec<_>>()
        .join(", ");
    let found = Report::of(title, &model.card.id, &judged);
    if let Some(dir) = &args.out {
        report::write_html(&found, &judged, dir)
            .with_context(|| format!("cannot write the report into {}", dir.display()))?;
        eprintln!("report written to {}", plain::path(&dir.join("index.html")));
    }
    if args.json {
        println!("{}", serde_json::to_string_pretty(&found)?);
    } else {
        print!("{}", plain::known(&found)?);
    }
    Ok(())
}

fn run_tasks(task: &str, args: &Args) -> anyhow::Result<()> {
    let steps = Steps::default();
    let setting = Setting {
        corpora: args.corpora.clone().context("--task needs --corpora DIR")?,
        training_data: args.training_data.clone(),
        model: args.model.load()?,
        config: recipe(args.recipe.as_deref())?,
        one_by_one: args.one_by_one,
        cases: args.cases.clone(),
        progress: &|step, done, all| steps.show(step, done, all),
        tell: &|table| {
            steps.clear();
            if args.json {
                eprintln!("{}", plain::lines(table));
            } else {
                println!("{}", plain::lines(table));
            }
        },
        draw: &|name, svg| match &args.out {
            None => {}
            Some(dir) => {
                let file = dir.join(name).with_extension("svg");
                let written =
                    std::fs::create_dir_all(dir).and_then(|()| std::fs::write(&file, svg));
                steps.clear();
                match written {
                    Ok(()) => eprintln!("drawn: {}", plain::path(&file)),
                    Err(error) => eprintln!("cannot write {}: {error}", plain::path(&file)),
                }
            }
        },
        shared: benchmark::Shared::default(),
    };
    let names: Vec<&str> = if task == "all" {
        benchmark::names().collect()
    } else {
        task.split(',').map(str::trim).collect()
    };
    let mut outcomes = Vec::new();
    for name in names {
        let found = benchmark::run(name, &setting)?;
        steps.clear();
        eprintln!("{name} done");
        outcomes.extend(found);
    }
    match args.json {
        true => println!("{}", serde_json::to_string_pretty(&outcomes)?),
        false => print_table(&outcomes),
    }
    let missed = outcomes.iter().filter(|o| !o.holds()).count();
    if missed > 0 {
        bail!("{missed} of {} figures miss their floor", outcomes.len());
    }
    Ok(())
}

/// One line for each figure of a task, beside what it must reach.
fn print_table(outcomes: &[Outcome]) {
    println!(
        "{:<14} {:<50} {:>8} {:>17} {:>7} {:>7} {:>7} {:>7}",
        "task", "figure", "ours", "95 %", "held", "floor", "goal", "n"
    );
    for o in outcomes {
        let bar = |bar: Option<f64>| bar.map_or("–".to_owned(), |b| format!("{b:.3}"));
        let interval = o.interval.map_or("–".to_owned(), |(low, high)| {
            format!("{low:.4}-{high:.4}")
        });
        println!(
            "{:<14} {:<50} {:>8.4} {interval:>17} {:>7} {:>7} {:>7} {:>7}{}",
            o.task,
            o.figure,
            o.ours,
            bar(o.floor),
            bar(o.asked.or(o.floor)),
            bar(o.goal),
            o.n,
            if o.holds() {
                ""
            } else {
                "  below what is held"
            }
        );
    }
}
