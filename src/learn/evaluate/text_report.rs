//! A [`Report`] in, text out: the lines and cells that the terminal and the page both show, and the
//! table for a terminal.
//!
//! It is at most 100 columns wide, says false positives first, and writes "–" for what the rows
//! cannot tell. It computes no figure.

use std::fmt;

use crate::learn::metrics::figures::{Estimate, Figures, Rate, Report, Slice};

/// Columns of a terminal.
const WIDTH: usize = 100;
/// What stands for a figure that there is not.
const NOTHING: &str = "–";

/// One figure in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// What it is.
    pub name: String,
    /// The figure.
    pub value: String,
    /// Its 95 % interval; empty if it has none.
    pub interval: String,
    /// What was counted; empty if nothing was.
    pub counted: String,
}

/// Cells of one row of the tables by language and by group.
pub const CELLS: usize = 9;
/// Their headings in a terminal.
const HEADINGS: [&str; CELLS] = [
    "",
    "ham",
    "spam",
    "false positives",
    "missed spam",
    "unsure",
    "rec .1",
    "AUC",
    "errors",
];

/// The figures of all rows, one by one, the costliest first.
pub fn lines(figures: &Figures) -> Vec<Line> {
    let f = figures;
    let binary = f.binary.as_ref();
    vec![
        share("false positives", f.false_positives),
        share("ham discarded", f.discarded_ham),
        share("missed spam", f.missed_spam),
        share("unsure", f.unsure),
        share("unsure, of ham", f.unsure_ham),
        share("unsure, of spam", f.unsure_spam),
        share("discarded", f.discarded),
        share("recall at .1 % false positives", f.recall_at_fp_per_mille),
        share("recall at 1 % false positives", f.recall_at_fp_percent),
        estimate("ROC AUC", f.roc_auc),
        number("PR AUC", f.pr_auc),
        share("errors at p ≥ .5", f.errors),
        share("  of these in unsure", f.errors_in_unsure),
        share("accuracy at p ≥ .5", f.accuracy),
        number("MCC at p ≥ .5", binary.map(|b| b.mcc)),
        number("macro-F1 at p ≥ .5", binary.map(|b| b.macro_f1)),
        share("precision at p ≥ .5", f.precision),
        share("recall at p ≥ .5", f.recall),
        number("log loss", f.log_loss),
        number("Brier score", f.brier),
        number("calibration error", f.calibration_error),
    ]
}

/// One row of the tables by language and by group: name, ham, spam, then false positives and missed
/// spam with their intervals, unsure, recall at .1 % false positives, ROC AUC, errors at `p >= .5`.
/// Shares are in percent, without the sign.
pub fn cells(slice: &Slice) -> [String; CELLS] {
    let f = &slice.figures;
    [
        shorten(&slice.name, 28),
        thousands(f.ham),
        thousands(f.spam),
        with_interval(f.false_positives),
        with_interval(f.missed_spam),
        bare(f.unsure.value()),
        bare(f.recall_at_fp_per_mille.value()),
        f.roc_auc
            .map_or(NOTHING.into(), |auc| format!("{:.4}", auc.value)),
        bare(f.errors.value()),
    ]
}

/// Errors at `p >= .5` after the first so many rows.
pub fn checkpoints(first_errors: &[Rate]) -> impl Iterator<Item = Line> {
    first_errors
        .iter()
        .map(|&errors| share(format!("errors after {}", thousands(errors.of)), errors))
}

/// A share with its interval and its counts.
pub fn share(name: impl Into<String>, rate: Rate) -> Line {
    let (low, high) = rate.wilson();
    let known = rate.of > 0;
    Line {
        name: name.into(),
        value: rate.value().map_or(NOTHING.into(), percent),
        interval: if known {
            format!("[{}–{}]", digits(low), digits(high))
        } else {
            String::new()
        },
        counted: if known {
            format!("{} of {}", thousands(rate.hits), thousands(rate.of))
        } else {
            String::new()
        },
    }
}

/// A share as a percentage: `0.12 %`.
pub fn percent(share: f64) -> String {
    format!("{} %", digits(share))
}

/// `1234567` as `1,234,567`.
pub fn thousands(n: u64) -> String {
    let plain = n.to_string();
    let groups: Vec<&str> = plain
        .as_bytes()
        .rchunks(3)
        .rev()
        .filter_map(|group| std::str::from_utf8(group).ok())
        .collect();
    groups.join(",")
}

/// A hundredfold share with as many digits as tell it from 0 and from 100.
fn digits(share: f64) -> String {
    let percent = share * 100.0;
    match percent.min(100.0 - percent) {
        0.0 => format!("{percent:.0}"),
        end if end < 0.0995 => format!("{percent:.3}"),
        end if end < 9.95 => format!("{percent:.2}"),
        _ => format!("{percent:.1}"),
    }
}

fn bare(share: Option<f64>) -> String {
    share.map_or(NOTHING.into(), digits)
}

fn with_interval(rate: Rate) -> String {
    let line = share("", rate);
    format!("{} {}", bare(rate.value()), line.interval)
        .trim_end()
        .to_owned()
}

fn number(name: impl Into<String>, value: Option<f64>) -> Line {
    Line {
        name: name.into(),
        value: value.map_or(NOTHING.into(), |value| format!("{value:.4}")),
        interval: String::new(),
        counted: String::new(),
    }
}

fn estimate(name: impl Into<String>, estimate: Option<Estimate>) -> Line {
    Line {
        interval: estimate.map_or(String::new(), |e| format!("[{:.4}–{:.4}]", e.low, e.high)),
        ..number(name, estimate.map(|e| e.value))
    }
}

/// At most `columns` characters, none of which moves the cursor.
fn shorten(text: &str, columns: usize) -> String {
    let clean: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    if clean.chars().count() <= columns {
        return clean;
    }
    clean.chars().take(columns - 1).chain(['…']).collect()
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = &self.all;
        writeln!(f, "{}", shorten(&self.title, WIDTH))?;
        writeln!(f, "{}", shorten(&format!("model {}", self.model), WIDTH))?;
        writeln!(
            f,
            "{} comments: {} ham, {} spam; intervals are 95 %",
            thousands(all.n),
            thousands(all.ham),
            thousands(all.spam)
        )?;
        writeln!(f)?;
        for line in lines(all)
            .into_iter()
            .chain(checkpoints(&self.first_errors))
        {
            let text = format!(
                "{:<32}{:>10}  {:<18} {}",
                line.name, line.value, line.interval, line.counted
            );
            writeln!(f, "{}", text.trim_end())?;
        }
        write_slices(f, "by language, %", &self.languages)?;
        write_slices(f, "by group, %", &self.groups)
    }
}

/// A row per slice under its headings.
fn write_slices(f: &mut fmt::Formatter<'_>, name: &str, slices: &[Slice]) -> fmt::Result {
    if slices.is_empty() {
        return Ok(());
    }
    writeln!(f)?;
    let mut headings = HEADINGS.map(str::to_owned);
    headings[0] = name.to_owned();
    for row in std::iter::once(headings).chain(slices.iter().map(cells)) {
        let [
            name,
            ham,
            spam,
            positives,
            missed,
            unsure,
            recall,
            auc,
            errors,
        ] = row;
        write!(f, "{:<16}{ham:>8}{spam:>8} ", shorten(&name, 16))?;
        writeln!(
            f,
            "{positives:>19} {missed:>19}{unsure:>7}{recall:>7}{auc:>7}{errors:>7}"
        )?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learn::metrics::figures::ScoredExample;
    use crate::learn::metrics::measures::tests::{row, rows};
    use crate::verdict::Label;

    #[test]
    fn shares_have_sensible_digits() {
        let cases = [
            (0.0, "0 %"),
            (0.00012, "0.012 %"),
            (0.0012, "0.12 %"),
            (0.0123, "1.23 %"),
            (0.123, "12.3 %"),
            (0.5, "50.0 %"),
            (0.951, "95.10 %"),
            (0.9996, "99.960 %"),
            (1.0, "100 %"),
        ];
        for (share, words) in cases {
            assert_eq!(percent(share), words);
        }
    }

    #[test]
    fn thousands_are_parted() {
        assert_eq!(
            [0, 999, 1000, 1234567].map(thousands),
            ["0", "999", "1,000", "1,234,567"]
        );
    }

    #[test]
    fn a_share_tells_its_interval_and_its_counts() {
        let line = share(
            "false positives",
            Rate {
                hits: 12,
                of: 10_000,
            },
        );
        assert_eq!(
            [line.value, line.interval, line.counted],
            ["0.12 %", "[0.069–0.21]", "12 of 10,000"]
        );
        let nothing = share("missed spam", Rate::default());
        assert_eq!(
            [nothing.value, nothing.interval, nothing.counted],
            ["–", "", ""]
        );
    }

    #[test]
    fn the_table_fits_a_terminal_and_begins_with_false_positives() {
        let one = |i: usize| ScoredExample {
            group: Some(format!("a site with quite a long name {}", i % 3)),
            ..row(
                if i.is_multiple_of(2) {
                    Label::Ham
                } else {
                    Label::Spam
                },
                i as f64 / 1e4 - 6.0,
            )
        };
        let judged: Vec<ScoredExample> = (0..120_000).map(one).collect();
        let table = Report::of("t".repeat(300), "m\u{1b}[2J", &judged).to_string();
        let widest = table.lines().map(|line| line.chars().count()).max();
        assert_eq!(widest, Some(WIDTH), "{table}");
        assert!(
            table
                .lines()
                .nth(4)
                .is_some_and(|line| line.starts_with("false positives")),
            "{table}"
        );
        assert!(
            !table.contains('\u{1b}') && table.contains("a site with qui…"),
            "{table}"
        );
        assert!(table.contains("errors after 1,000"), "{table}");
    }

    #[test]
    fn what_cannot_be_told_is_a_dash() {
        let table = Report::of("ham alone", "m", &rows(&[], &[-3.0; 5])).to_string();
        let missed = table
            .lines()
            .find(|line| line.starts_with("missed spam"))
            .expect("a line");
        assert!(missed.ends_with('–'), "{table}");
        assert!(
            !table.contains("NaN") && !Report::of("nothing", "m", &[]).to_string().contains("NaN")
        );
    }
}
