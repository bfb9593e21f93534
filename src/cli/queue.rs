//! `phin queue`: flags in, the checks that wait for a person out: unsure ones and those drawn for
//! an audit. Takes no label.

use std::io::Write;

use super::admin_client::{AdminClient, path_with};
use super::data_dir::DataDirArgs;
use super::period_args::PeriodArgs;
use super::plain::{Plain, in_one_line};
use crate::http::{Queue, QueueLine};
use crate::moderation::Why;

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  phin queue
  phin queue --site blog.example --oldest-first --limit 50
  phin queue --json | jq -r '.checks[].comment.text'

\"unsure\" are checks that the filter leaves to a person. \"audit\" are a few spam and ham verdicts drawn at random, so that `phin figures` can estimate the
mistakes that nobody reports. Read the comment, decide, then label it by its guid:
  curl http://127.0.0.1:8080/v1/label -H 'Authorization: Bearer KEY' -d '{\"site\": \"blog.example\", \"guid\": \"GUID\", \"label\": \"ham\", \"audit\": true}'
\"audit\": true says that the label answers an audit. Without it the label counts as a report, and estimates do not use it. An audited check is shown without
its verdict, because people who know the verdict tend to agree with it. --verdicts shows it; then give labels without \"audit\".
Checks that have a label, and checks whose comment is no longer kept, are not shown.")]
pub(super) struct Args {
    #[command(flatten)]
    period: PeriodArgs,
    /// Show what has waited longest first
    #[arg(long)]
    oldest_first: bool,
    /// How many checks at most
    #[arg(long, default_value_t = 20)]
    limit: u32,
    /// Show what comes after this place, which the page before ended with
    #[arg(long, value_name = "PLACE")]
    after: Option<String>,
    /// Show what the filter thought of audited checks too
    #[arg(long)]
    verdicts: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    data: DataDirArgs,
}

/// Prints the checks that wait.
///
/// # Errors
/// There is no store, it cannot be opened, or the server refuses.
pub(super) fn run(args: Args) -> anyhow::Result<()> {
    let [site, days] = args.period.fields();
    let path = path_with(
        "/queue",
        &[
            site,
            days,
            ("limit", Some(args.limit.to_string())),
            ("order", args.oldest_first.then(|| "oldest".to_owned())),
            ("after", args.after),
            ("verdicts", args.verdicts.then(|| "all".to_owned())),
        ],
    );
    let queue: Queue = AdminClient::open(&args.data)?.get_as_is(&path)?;
    let mut output = std::io::BufWriter::new(std::io::stdout().lock());
    if args.json {
        writeln!(output, "{}", serde_json::to_string(&queue)?)?;
        return Ok(output.flush()?);
    }
    for line in &queue.checks {
        show(&mut output, line)?;
    }
    output.flush()?;
    match queue.next {
        Some(next) => eprintln!("more: --after {}", Plain(next)),
        None if queue.checks.is_empty() => eprintln!("nothing waits"),
        None => {}
    }
    Ok(())
}

fn show(output: &mut impl Write, line: &QueueLine) -> std::io::Result<()> {
    let why = match line.why {
        Why::Unsure => "unsure",
        Why::Audit => "audit",
    };
    write!(
        output,
        "{}  {}  {why:<6}  {}",
        Plain(&line.guid),
        crate::clock::show(line.at),
        Plain(&line.site)
    )?;
    if let (Some(verdict), Some(probability)) = (line.verdict, line.probability) {
        write!(output, "  {verdict} {:.1} %", 100.0 * probability)?;
    }
    writeln!(output)?;
    let comment = &line.comment;
    let author = [&comment.author, &comment.email, &comment.url];
    let author: Vec<&str> = author.into_iter().flatten().map(String::as_str).collect();
    if !author.is_empty() {
        writeln!(output, "    by {}", in_one_line(&author.join(", ")))?;
    }
    writeln!(output, "    {}", in_one_line(&comment.text))?;
    for clue in line.clues.iter().flatten() {
        writeln!(
            output,
            "    {:+.2}  {} {}",
            clue.weight,
            Plain(&clue.reason),
            in_one_line(&clue.text)
        )?;
    }
    writeln!(output)
}
