//! `phin replay --site`: a site's history and another model, other cutoffs or other lists in;
//! verdicts that would change on stdout, counts on stderr. Stores nothing.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use serde::Serialize;

use super::data_dir::DataDirArgs;
use super::source::{LARGEST_LISTS, read_whole};
use super::{model_args, plain, snapshot};
use crate::comment::SiteId;
use crate::moderation::{
    Change, Counted, CutoffChange, Entry, ExportLine, Flip, Hears, Past, Replayed,
};
use crate::policy::Strictness;
use crate::verdict::Cutoffs;

/// What shall be different, and whose history it is.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct SiteReplayArgs {
    /// Judge again the checks of this site; FILE is then an export of phin, and without it the data
    /// folder's store is read
    #[arg(long, value_name = "SITE")]
    pub(super) site: Option<String>,
    /// Cutoffs of a site of this strictness: lenient, normal or strict; the site's own setting if
    /// missing
    #[arg(long, requires = "site", conflicts_with = "cutoffs")]
    strictness: Option<Strictness>,
    /// Probabilities from which a comment is unsure, spam and discarded: .25,.75,.999
    #[arg(long, requires = "site", value_name = "UNSURE,SPAM,DISCARD", value_parser = cutoffs)]
    cutoffs: Option<Cutoffs>,
    /// These lists instead of those of the history: what `phin lists export` writes; an empty file
    /// is no lists
    #[arg(long, requires = "site", value_name = "FILE")]
    lists: Option<PathBuf>,
    /// Each check hears the labels that had been said when it came, instead of those that stand now
    #[arg(long, requires = "site")]
    prequential: bool,
    #[command(flatten)]
    data: DataDirArgs,
}

/// Three rising probabilities, as log-odds.
fn cutoffs(text: &str) -> Result<Cutoffs, String> {
    let wrong = || {
        format!("{text:?} are not three rising probabilities between 0 and 1, such as .25,.75,.999")
    };
    let parts: Vec<f64> = text
        .split(',')
        .map(|part| {
            part.trim()
                .parse::<f64>()
                .ok()
                .filter(|p| 0.0 < *p && *p < 1.0)
        })
        .collect::<Option<_>>()
        .ok_or_else(wrong)?;
    let log_odds = |p: f64| (p / (1.0 - p)).ln();
    match parts[..] {
        [unsure, spam, discard] if unsure <= spam && spam <= discard => Ok(Cutoffs {
            unsure: log_odds(unsure),
            spam: log_odds(spam),
            discard: log_odds(discard),
        }),
        _ => Err(wrong()),
    }
}

/// A flip as it is printed: its time in words of a calendar.
#[derive(Serialize)]
struct Line<'a> {
    when: String,
    #[serde(flatten)]
    flip: &'a Flip,
}

/// Judges the checks of a site again, and prints those whose verdict changes.
///
/// # Errors
/// The model, the lists or the history cannot be read.
pub(super) fn run(
    args: &SiteReplayArgs,
    site: &str,
    model: &str,
    file: Option<&PathBuf>,
) -> anyhow::Result<()> {
    let site = SiteId::parse(site)?;
    let model = model_args::model_of(model, &args.data)?;
    let lists = args.lists.as_deref().map(lists_of).transpose()?;
    let history = snapshot::read(file, &args.data, |line| Past::needs(&site, line))?;
    let model_id = model.card.id.clone();
    let hears = match args.prequential {
        true => Hears::Then,
        false => Hears::Now,
    };
    let cutoffs = match (args.strictness, args.cutoffs) {
        (_, Some(cutoffs)) => CutoffChange::At(cutoffs),
        (Some(strictness), None) => CutoffChange::Strictness(strictness),
        (None, None) => CutoffChange::AsSet,
    };
    let change = Change {
        model,
        cutoffs,
        lists,
        hears,
    };
    let found = history.replay(&site, change)?;
    let mut output = io::BufWriter::new(io::stdout().lock());
    for flip in &found.flips {
        let line = Line {
            when: crate::clock::show(flip.at),
            flip,
        };
        serde_json::to_writer(&mut output, &line).map_err(io::Error::from)?;
        output.write_all(b"\n")?;
    }
    output.flush()?;
    eprint!("{}", in_words(&found, &site, &model_id, hears));
    Ok(())
}

fn lists_of(path: &Path) -> anyhow::Result<Vec<Entry>> {
    let bytes = read_whole(Some(path), LARGEST_LISTS)?;
    let text = std::str::from_utf8(&bytes)
        .with_context(|| format!("{} is not UTF-8", plain::path(path)))?;
    let lines = ExportLine::parse_all(text)
        .map_err(|error| anyhow::anyhow!("{}: {error}", plain::path(path)))?;
    let all = lines.len();
    let entries: Vec<Entry> = lines
        .into_iter()
        .filter_map(|line| match line {
            ExportLine::List(entry) => Some(entry),
            _ => None,
        })
        .collect();
    ensure!(
        entries.len() == all,
        "{} holds more than lists; phin lists export writes lists alone",
        plain::path(path)
    );
    Ok(entries)
}

fn in_words(found: &Replayed, site: &SiteId, model: &str, hears: Hears) -> String {
    let labels = match hears {
        Hears::Now => {
            "all labels that stand now, so a comment somebody labelled is known to it (--prequential: those said before it)"
        }
        Hears::Then => "the labels that had been said before it",
    };
    let mut text = format!(
        "{} checks of {site} judged again with model {model}, each hearing {labels}; campaigns are not heard again\n",
        found.checks
    );
    if found.without_text > 0 {
        text += &format!(
            "{} checks cannot be replayed: their text is kept no more\n",
            found.without_text
        );
    }
    text += &format!(
        "{} verdicts would have been another\n\n{:<18} {:>8} {:>8}\n",
        found.flips.len(),
        "",
        "before",
        "after"
    );
    let labelled = [
        format!("  of {} labelled ham", found.labelled_ham),
        format!("  of {} labelled spam", found.labelled_spam),
    ];
    type Row<'a> = (&'a str, fn(&Counted) -> u64, &'a str);
    let rows: [Row<'_>; 6] = [
        ("false positives", |c| c.false_positives, &labelled[0]),
        ("missed spam", |c| c.missed_spam, &labelled[1]),
        ("ham", |c| c.ham, ""),
        ("unsure", |c| c.unsure, ""),
        ("spam", |c| c.spam, ""),
        ("discard", |c| c.discard, ""),
    ];
    for (name, count, of) in rows {
        let (before, after) = (count(&found.before), count(&found.after));
        text += &format!("{name:<18} {before:>8} {after:>8}{of}\n");
    }
    if found.labels_alone > 0 {
        text += &format!(
            "\n{} labelled comments of the site answer to no check that could be judged again\n",
            found.labels_alone
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cutoffs_are_three_rising_probabilities() {
        let read = cutoffs(".25, .75,.999").expect("good");
        assert!((read.unsure + 3_f64.ln()).abs() < 1e-12 && (read.spam - 3_f64.ln()).abs() < 1e-12);
        for wrong in [
            "",
            ".5",
            ".5,.4,.9",
            "0,.5,.9",
            ".1,.5,1",
            ".1,.2,.3,.4",
            "a,b,c",
        ] {
            assert!(cutoffs(wrong).is_err(), "{wrong}");
        }
    }
}
