//! `phin queue`: flags in, the checks that wait for a person out: unsure ones and those drawn for
//! an audit. Takes no label.

use std::io::Write;

use super::admin_client::{AdminClient, path_with};
use super::data_dir::DataDirArgs;
use super::period_args::PeriodArgs;
use super::plain::{Plain, in_one_line};
use crate::http::{Queue, QueueLine};
use crate::moderation::Why;
use crate::verdict::Verdict;

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  phin queue
  phin queue --site blog.example --oldest-first --limit 50
  phin queue --json | jq -r '.checks[].comment.text'

\"unsure\" are checks that the filter leaves to a person. \"audit\" are a few spam and ham verdicts drawn at random, so that `phin figures` can estimate the
mistakes that nobody reports. Read the comment, decide, then label it by its id, the long number:
  phin label GUID spam
  phin label GUID ham --audit
--audit says that the label answers an audit. Without it the label counts as a report, and estimates do not use it. An audited check is shown without
its verdict, because people who know the verdict tend to agree with it. --verdicts shows it; then give labels without --audit.
Times are local.
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
    let queue: Queue = AdminClient::open_judging(&args.data)?.get_as_is(&path)?;
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
        None if queue.checks.is_empty() => eprintln!("nothing waits for a person"),
        None => {}
    }
    Ok(())
}

fn show(output: &mut impl Write, line: &QueueLine) -> std::io::Result<()> {
    let audit = match line.why {
        Why::Unsure => "",
        Why::Audit => "  audit",
    };
    writeln!(
        output,
        "{}  {}  {}{audit}",
        Plain(&line.guid),
        crate::clock::show_local(line.at),
        Plain(&line.site)
    )?;
    let comment = &line.comment;
    if let Some(page) = &comment.permalink {
        writeln!(output, "    on {}", in_one_line(page))?;
    }
    let author = [&comment.author, &comment.email, &comment.url];
    let author: Vec<&str> = author.into_iter().flatten().map(String::as_str).collect();
    if !author.is_empty() {
        writeln!(output, "    by {}", in_one_line(&author.join(", ")))?;
    }
    writeln!(output, "    {}", in_one_line(&comment.text))?;
    if let Some(sum) = sum_in_words(line) {
        writeln!(output, "    {sum}")?;
    }
    for clue in line.clues.iter().flatten() {
        writeln!(
            output,
            "    {:+.2}  {} {}",
            clue.weight,
            Plain(&clue.reason),
            in_one_line(&clue.text)
        )?;
    }
    if let Some(rest) = line.rest {
        writeln!(
            output,
            "    {rest:+.2}  all else: smaller reasons, and that most comments are honest"
        )?;
    }
    writeln!(output)
}

/// What the reasons come to, and why that is no verdict.
fn sum_in_words(line: &QueueLine) -> Option<String> {
    let percent = |share: f64| format!("{:.1} %", 100.0 * share);
    let (verdict, probability) = (line.verdict?, percent(line.probability?));
    let Some([ham, spam]) = line.unsure_between.map(|ends| ends.map(percent)) else {
        return Some(format!("{verdict}: {probability} sure that it is spam"));
    };
    Some(match verdict {
        Verdict::Unsure => format!(
            "{probability} sure that it is spam. Too much for ham (less than {ham}), too little for spam ({spam} or more), because:"
        ),
        _ => format!("{verdict}: {probability} sure that it is spam, because:"),
    })
}
