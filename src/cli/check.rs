//! `phin check`: comments in, verdicts out, in the same order, on all cores. Learns nothing.

use std::io::{self, Write};

use serde::Serialize;

use super::input_args::InputArgs;
use super::model_args::ModelArgs;
use super::plain::Plain;
use super::progress::Counter;
use crate::comment::Comment;
use crate::filter;
use crate::learn::train::corpus::Example;
use crate::model::Model;
use crate::model::counts::Counts;
use crate::model::layers::Live;
use crate::verdict::{Assessment, Category, Clue, Verdict};

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  phin check --text 'Great post! Visit http://cheap-pills.example'
  phin check comments.jsonl > verdicts.jsonl
  zcat comments.jsonl.gz | phin check --skip-bad | grep '\"spam\"'")]
pub(super) struct Args {
    #[command(flatten)]
    model: ModelArgs,
    #[command(flatten)]
    input: InputArgs,
    /// Judge this one text and explain it
    #[arg(long, conflicts_with = "file")]
    text: Option<String>,
}

/// One line of output.
#[derive(Serialize)]
pub(super) struct Line<'a> {
    id: &'a str,
    verdict: Verdict,
    probability: f64,
    log_odds: f64,
    lang: &'a str,
    clues: &'a [Clue],
    rest: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    category: Option<Category>,
}

impl<'a> Line<'a> {
    pub(super) fn new(id: &'a str, assessment: &'a Assessment) -> Self {
        Self {
            id,
            verdict: assessment.verdict,
            probability: assessment.probability,
            log_odds: assessment.log_odds,
            lang: &assessment.lang,
            clues: &assessment.clues,
            rest: assessment.rest,
            category: assessment.category,
        }
    }
}

/// Comments judged together: enough to keep all cores busy, few enough to answer a pipe soon.
const BATCH: usize = 2_000;

/// Judges one text, or all comments of a file.
///
/// # Errors
/// The model or the file cannot be read.
pub(super) fn run(args: Args) -> anyhow::Result<()> {
    let model = args.model.load()?;
    if let Some(text) = args.text {
        let assessment = judge(&model, &Comment::from_text(text));
        return Ok(io::stdout().write_all(explain(&assessment).as_bytes())?);
    }
    let mut input = args.input.open()?;
    let mut output = io::BufWriter::new(io::stdout().lock());
    let counter = Counter::new("comments checked");
    loop {
        let batch: Vec<Example> = input
            .by_ref()
            .take(BATCH)
            .collect::<Result<_, _>>()
            .inspect_err(|_| {
                let _ = output.flush();
            })?;
        if batch.is_empty() {
            break;
        }
        for (example, assessment) in batch.iter().zip(judge_all(&model, &batch)) {
            serde_json::to_writer(&mut output, &Line::new(&example.id, &assessment))
                .map_err(io::Error::from)?;
            output.write_all(b"\n")?;
        }
        counter.add(batch.len());
    }
    output.flush()?;
    counter.finish();
    if input.skipped > 0 {
        eprintln!("{} malformed lines passed over", input.skipped);
    }
    Ok(())
}

fn judge(model: &Model, comment: &Comment) -> Assessment {
    let nobody = Counts::default();
    let live = Live {
        shared: &nobody,
        site: None,
    };
    let mut assessment = filter::check(model, comment, live);
    filter::place(&mut assessment.clues, &comment.text);
    assessment
}

fn judge_all(model: &Model, batch: &[Example]) -> Vec<Assessment> {
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        let handles: Vec<_> = batch
            .chunks(batch.len().div_ceil(workers).max(1))
            .map(|part| {
                scope.spawn(move || {
                    part.iter()
                        .map(|example| judge(model, &example.comment))
                        .collect::<Vec<_>>()
                })
            })
            .collect();
        handles
            .into_iter()
            .flat_map(|handle| handle.join().expect("judging a comment does not panic"))
            .collect()
    })
}

/// A judgement in words, for a person.
fn explain(assessment: &Assessment) -> String {
    let mut text = format!(
        "{}, {:.1} % spam, log-odds {:+.2}, language {}\n\n",
        assessment.verdict,
        assessment.probability * 100.0,
        assessment.log_odds,
        assessment.lang
    );
    for clue in &assessment.clues {
        let towards = if clue.weight > 0.0 { "spam" } else { "ham" };
        text.push_str(&format!(
            "  {:+6.2}  {towards:4}  {}: \"{}\"\n",
            clue.weight,
            Plain(&clue.reason),
            Plain(&clue.text)
        ));
    }
    text.push_str(&format!(
        "  {:+6.2}        everything else\n",
        assessment.rest
    ));
    if let Some(category) = assessment.category {
        text.push_str(&format!("\nabout {} ({category})", category.name_en()));
        if !assessment.category_clues.is_empty() {
            text.push_str(&format!(
                ": {}",
                Plain(assessment.category_clues.join(", "))
            ));
        }
        text.push('\n');
    }
    text
}
