//! `phin replay --site`: what a site's own checks would have been under another model, other cutoffs or other lists. Each verdict that would have been
//! another goes to standard output, the counts before and after to standard error; nothing is stored or learnt.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};

use super::door::DoorArgs;
use super::past;
use crate::comment::SiteId;
use crate::moderation::{Change, Counted, CutoffChange, Entry, ExportLine, Hears, Past, Replayed};
use crate::policy::Strictness;
use crate::verdict::Cutoffs;

/// Whose history, and what shall be different.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct SiteArgs {
    /// Judge this site's own checks again; FILE is then an export, without it the data folder is read
    #[arg(long, value_name = "SITE", conflicts_with = "skip_bad")]
    pub(super) site: Option<String>,
    /// With the cutoffs of a site that is lenient, normal or strict
    #[arg(long, value_name = "HOW", requires = "site")]
    strictness: Option<Strictness>,
    /// With these cutoffs: probabilities from which a comment is unsure, spam, and discarded
    #[arg(
        long,
        value_name = "UNSURE,SPAM,DISCARD",
        requires = "site",
        conflicts_with = "strictness",
        value_parser = cutoffs
    )]
    cutoffs: Option<Cutoffs>,
    /// With these lists instead of its own, as phin lists export writes them
    #[arg(long, value_name = "FILE", requires = "site")]
    lists: Option<PathBuf>,
    /// Let each check hear only the labels said before it, instead of all that stand now
    #[arg(long, requires = "site")]
    prequential: bool,
    #[command(flatten)]
    door: DoorArgs,
}

pub(super) fn run(
    args: SiteArgs,
    site: &str,
    model: Option<&str>,
    file: Option<&PathBuf>,
) -> anyhow::Result<()> {
    let site = SiteId::parse(site)?;
    let model = past::model_of(model.unwrap_or("live"), &args.door)?;
    let judge = model.card.id.clone();
    let lists = args.lists.as_deref().map(lists_of).transpose()?;
    let change = Change {
        model,
        cutoffs: match (args.cutoffs, args.strictness) {
            (Some(cutoffs), _) => CutoffChange::At(cutoffs),
            (None, Some(strictness)) => CutoffChange::Strictness(strictness),
            (None, None) => CutoffChange::AsSet,
        },
        lists,
        hears: match args.prequential {
            true => Hears::Then,
            false => Hears::Now,
        },
    };
    let heard = match change.hears {
        Hears::Now => "with all labels that stand now, those of the checks themselves among them",
        Hears::Then => "each with the labels that had been said before it",
    };
    let history = past::read(file, &args.door, |line| Past::needs(&site, line))?;
    let found = history.replay(&site, change)?;
    let mut output = io::BufWriter::new(io::stdout().lock());
    for flip in &found.flips {
        serde_json::to_writer(&mut output, flip).map_err(io::Error::from)?;
        output.write_all(b"\n")?;
    }
    output.flush()?;
    eprintln!(
        "{site}: {} checks judged again by {judge}, {heard}; no label is learnt twice, and campaigns are not heard",
        found.checks
    );
    eprint!("{}", summary(&found));
    Ok(())
}

fn summary(found: &Replayed) -> String {
    let mut text = format!("{:<16} {:>8} {:>8}\n", "", "before", "after");
    let mut line = |name: &str, of: fn(&Counted) -> u64, note: String| {
        let (before, after) = (of(&found.before), of(&found.after));
        text += &format!("{name:<16} {before:>8} {after:>8}{note}\n");
    };
    let of = |n: u64, label: &str| format!("  of {n} labelled {label}");
    line("false positives", |c| c.false_positives, of(found.labelled_ham, "ham"));
    line("missed spam", |c| c.missed_spam, of(found.labelled_spam, "spam"));
    for (name, count) in [
        ("ham", (|c| c.ham) as fn(&Counted) -> u64),
        ("unsure", |c| c.unsure),
        ("spam", |c| c.spam),
        ("discard", |c| c.discard),
    ] {
        line(name, count, String::new());
    }
    text += &format!("{} verdicts would have been another\n", found.flips.len());
    if found.without_text > 0 {
        text += &format!(
            "{} checks cannot be replayed: their text is kept no more\n",
            found.without_text
        );
    }
    if found.labels_alone > 0 {
        text += &format!(
            "{} labels answer to none of the checks judged again, and count in no figure\n",
            found.labels_alone
        );
    }
    text
}

/// The entries of a file, as `phin lists export` writes them.
fn lists_of(file: &Path) -> anyhow::Result<Vec<Entry>> {
    let name = file.display();
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {name}"))?;
    let lines = ExportLine::parse_all(&text).with_context(|| format!("{name} is no export of lists"))?;
    let entry = |line| match line {
        ExportLine::List(entry) => Ok(entry),
        _ => bail!("{name} holds more than lists; phin lists export writes what is wanted"),
    };
    lines.into_iter().map(entry).collect()
}

fn cutoffs(text: &str) -> Result<Cutoffs, String> {
    let read = || -> anyhow::Result<Cutoffs> {
        let numbers: Vec<f64> = text
            .split(',')
            .map(|number| number.trim().parse::<f64>())
            .collect::<Result<_, _>>()?;
        ensure!(numbers.iter().all(|p| *p > 0.0 && *p < 1.0));
        ensure!(numbers.is_sorted());
        let odds: Vec<f64> = numbers.iter().map(|p| (p / (1.0 - p)).ln()).collect();
        let &[unsure, spam, discard] = &odds[..] else {
            bail!("not three");
        };
        Ok(Cutoffs {
            unsure,
            spam,
            discard,
        })
    };
    read().map_err(|_| {
        format!("{text:?} is no row of cutoffs; expected three rising probabilities such as .25,.75,.999")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cutoffs_are_three_rising_probabilities() {
        let read = cutoffs("0.25, .75,.999").expect("good");
        assert!((read.unsure - Cutoffs::UNMEASURED.unsure).abs() < 1e-9);
        assert!((read.discard - Cutoffs::UNMEASURED.discard).abs() < 1e-9);
        for bad in ["", ".5", ".2,.5", ".5,.2,.9", "0,.5,.9", ".2,.5,1", "a,b,c", ".1,.2,.3,.4", ".1,NaN,.3"] {
            let why = cutoffs(bad).expect_err(bad);
            assert!(why.contains("three rising probabilities"), "{why}");
        }
    }
}
