//! `phin replay`: a labelled file in, the verdict before each label out: each comment is checked,
//! its verdict printed, then its label learnt; rows of one `group` share a site. Stores nothing. Of
//! a site's own history, see `site_replay`.

use std::collections::HashMap;
use std::io::{self, Write};

use super::check::Line;
use super::input_args::InputArgs;
use super::model_args::load_model;
use super::plain;
use super::progress::Counter;
use super::site_replay::{self, SiteReplayArgs};
use crate::config::ModelChoice;
use crate::features::{Features, Outline};
use crate::learn::evaluate::score::score;
use crate::learn::metrics::figures::Report;
use crate::model::counts::Counts;
use crate::model::layers::Live;

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  phin replay --model none labelled.jsonl > verdicts.jsonl
  phin replay labelled.jsonl.gz > /dev/null      # the summary alone, on stderr

  What would have happened on a site:
  phin replay --site blog.example --model models/mine > flips.jsonl
  phin replay --site blog.example --strictness strict
  phin replay --site blog.example --cutoffs .2,.7,.99 --prequential
  phin replay --site blog.example --lists lists.jsonl everything.jsonl.gz

With --site the checks phin has recorded are judged again, and those whose verdict would have been another are printed, one JSON object each.
Nothing is stored or learnt. Without FILE the running server is asked, or the store read where none runs. Campaigns are not heard again.")]
pub(super) struct Args {
    /// Folder of a model, `shipped`, `none` for one that knows nothing, or with --site `live`
    /// [default: shipped; with --site live, the one of the data folder]
    #[arg(long, value_name = "DIR", env = "PHIN_MODEL")]
    model: Option<String>,
    #[command(flatten)]
    input: InputArgs,
    #[command(flatten)]
    site_replay: SiteReplayArgs,
}

/// Replays a labelled file, or the history of a site.
///
/// # Errors
/// The model or the file cannot be read.
pub(super) fn run(args: Args) -> anyhow::Result<()> {
    let model = args.model.as_deref();
    if let Some(site) = &args.site_replay.site {
        anyhow::ensure!(
            !args.input.bad_lines.skip_bad,
            "--skip-bad goes with a labelled file: no line of an export may be passed over"
        );
        let model = model.unwrap_or("live");
        return site_replay::run(&args.site_replay, site, model, args.input.file.as_ref());
    }
    let model = load_model(&ModelChoice::parse(model.unwrap_or("shipped")))?;
    let mut input = args.input.open()?;
    let mut output = io::BufWriter::new(io::stdout().lock());
    let counter = Counter::new("comments replayed");
    let mut shared = Counts::default();
    let mut sites: HashMap<String, Counts> = HashMap::new();
    let mut judged = Vec::new();
    let mut unlabelled = 0;
    for example in input.by_ref() {
        let example = example?;
        let Some(label) = example.label else {
            unlabelled += 1;
            continue;
        };
        let features = Features::of(&example.comment);
        let site = sites
            .entry(example.group.clone().unwrap_or_default())
            .or_default();
        let live = Live {
            shared: &shared,
            site: Some(site),
        };
        let (assessment, row) = score(&model, &features, live, label, example.group.as_deref());
        serde_json::to_writer(&mut output, &Line::new(&example.id, &assessment))
            .map_err(io::Error::from)?;
        output.write_all(b"\n")?;
        let ids = features.ids();
        let shares = model.deal(&ids, &Outline::of(&features), label);
        shared.add_dealt(&ids, &shares, label);
        site.add_dealt(&ids, &shares, label);
        judged.push(row);
        counter.add(1);
    }
    output.flush()?;
    counter.finish();
    if input.skipped + unlabelled > 0 {
        eprintln!(
            "passed over: {} malformed lines, {unlabelled} without a label",
            input.skipped
        );
    }
    let found = Report::of("replay", &model.card.id, &judged);
    eprint!("{}", plain::known(&found)?);
    Ok(())
}
