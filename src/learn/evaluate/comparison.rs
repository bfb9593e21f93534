//! Both models' verdicts on the same comments in, pair by pair, a [`Comparison`] out: for all
//! comments, for each language and for each site. It reads nothing, chooses no comments and decides
//! nothing.
//!
//! Each difference is candidate less live, so that larger is worse, and has a standard error. For
//! shares that is Agresti and Min's (2005, half a pair added to each of the four cells), which
//! works with few pairs too. Comments of one group resemble each other, so where the error by
//! groups is larger, it is used (docs/DECISIONS.md, "A candidate model must not be worse beyond a
//! margin").

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::features::Features;
use crate::learn::evaluate::score::score_read;
use crate::learn::metrics::measures::{Rate, ScoredExample, auc, log_loss};
use crate::model::Model;
use crate::text::Language;
use crate::verdict::{Label, Verdict};

/// One comment, judged by both models with their own cutoffs.
#[derive(Debug, Clone, PartialEq)]
pub struct Pair {
    /// What the live model thinks.
    pub live: ScoredExample,
    /// What the candidate thinks.
    pub candidate: ScoredExample,
    /// The site whose moderators labelled it; `None` for a comment of a corpus.
    pub site: Option<String>,
}

impl Pair {
    /// Has both judge a comment by themselves, as if nobody had labelled anything since.
    pub fn of(
        [live, candidate]: [&Model; 2],
        features: &Features,
        label: Label,
        group: Option<&str>,
        site: Option<&str>,
    ) -> Self {
        Self {
            live: score_read(live, features, label, group),
            candidate: score_read(candidate, features, label, group),
            site: site.map(str::to_owned),
        }
    }
}

/// Standard errors to each side of a 95 % interval.
pub(crate) const Z95: f64 = 1.96;

/// A difference, candidate less live.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Difference {
    /// The difference.
    pub value: f64,
    /// Its standard error.
    pub error: f64,
    /// Lower end of its 95 % interval.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

impl Difference {
    fn new(value: f64, error: f64) -> Self {
        let (low, high) = (value - Z95 * error, value + Z95 * error);
        Self {
            value,
            error,
            low,
            high,
        }
    }
}

/// A share of both models.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Shares {
    /// Of the live model.
    pub live: Rate,
    /// Of the candidate.
    pub candidate: Rate,
    /// Their difference; `None` of no comments.
    pub difference: Option<Difference>,
}

/// A figure of both models.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Values {
    /// Of the live model.
    pub live: Option<f64>,
    /// Of the candidate.
    pub candidate: Option<f64>,
    /// Their difference, where it has an interval.
    pub difference: Option<Difference>,
}

/// Which comments a slice is of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "of", content = "name", rename_all = "lowercase")]
pub enum Part {
    /// All.
    All,
    /// Those in a language, by its code.
    Language(String),
    /// Those labelled on a site.
    Site(String),
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("all"),
            Self::Language(code) => write!(f, "language {code}"),
            Self::Site(site) => write!(f, "site {site}"),
        }
    }
}

/// Both models on some of the comments.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Side {
    /// Which.
    pub part: Part,
    /// Ham among them.
    pub ham: u64,
    /// Spam among them.
    pub spam: u64,
    /// Ham called spam or discarded.
    pub false_positives: Shares,
    /// Spam called ham.
    pub missed_spam: Shares,
    /// All that is unsure.
    pub unsure: Shares,
    /// All that is wrong or unsure.
    pub not_right: Shares,
    /// Mean logarithmic loss, in nats.
    pub log_loss: Values,
    /// Area under the ROC curve; its difference has no interval here.
    pub auc: Values,
}

/// What a comparison found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// Id of the live model.
    pub live: String,
    /// Id of the candidate.
    pub candidate: String,
    /// All comments first, then each language, then each site, with at least so many ham and spam
    /// as `Margins::least` says.
    pub sides: Vec<Side>,
    /// Languages and sites with too few labels to be compared.
    pub too_few: Vec<Part>,
}

impl Comparison {
    /// Compares the opinions of two models.
    pub fn of(live: &str, candidate: &str, pairs: &[Pair], least: u64) -> Self {
        let mut parts: Vec<(Part, Vec<&Pair>)> = Vec::new();
        for lang in Language::GROUPS {
            let rows: Vec<&Pair> = pairs
                .iter()
                .filter(|p| p.live.lang.group() == lang)
                .collect();
            if !rows.is_empty() {
                parts.push((Part::Language(lang.code().to_owned()), rows));
            }
        }
        let mut sites: BTreeMap<&str, Vec<&Pair>> = BTreeMap::new();
        for pair in pairs {
            if let Some(site) = &pair.site {
                sites.entry(site).or_default().push(pair);
            }
        }
        let sites = sites.into_iter();
        parts.extend(sites.map(|(site, rows)| (Part::Site(site.to_owned()), rows)));
        let mut sides = vec![Side::of(Part::All, &pairs.iter().collect::<Vec<_>>())];
        let mut too_few = Vec::new();
        for (part, rows) in parts {
            let spam = rows.iter().filter(|p| p.live.is_spam()).count() as u64;
            if spam < least || (rows.len() as u64) - spam < least {
                too_few.push(part);
            } else {
                sides.push(Side::of(part, &rows));
            }
        }
        Self {
            live: live.to_owned(),
            candidate: candidate.to_owned(),
            sides,
            too_few,
        }
    }

    /// All comments.
    pub fn all(&self) -> &Side {
        &self.sides[0]
    }
}

impl Side {
    fn of(part: Part, pairs: &[&Pair]) -> Self {
        let of_label = |label: Label| -> Vec<&Pair> {
            let rows = pairs.iter().copied();
            rows.filter(|p| p.live.label == label).collect()
        };
        let (ham, spam) = (of_label(Label::Ham), of_label(Label::Spam));
        let own = |which: fn(&Pair) -> &ScoredExample| -> Vec<ScoredExample> {
            pairs.iter().map(|p| which(p).clone()).collect()
        };
        let (by_live, by_candidate) = (own(|p| &p.live), own(|p| &p.candidate));
        Self {
            part,
            ham: ham.len() as u64,
            spam: spam.len() as u64,
            false_positives: Shares::of(&ham, |row| row.verdict.side() == Some(Label::Spam)),
            missed_spam: Shares::of(&spam, |row| row.verdict == Verdict::Ham),
            unsure: Shares::of(pairs, |row| row.verdict == Verdict::Unsure),
            not_right: Shares::of(pairs, |row| row.verdict.side() != Some(row.label)),
            log_loss: Values {
                live: log_loss(&by_live),
                candidate: log_loss(&by_candidate),
                difference: difference(pairs, |row| log_loss([row]).unwrap_or(0.0)),
            },
            auc: Values {
                live: auc(&by_live),
                candidate: auc(&by_candidate),
                difference: None,
            },
        }
    }
}

impl Shares {
    fn of(pairs: &[&Pair], hit: impl Fn(&ScoredExample) -> bool) -> Self {
        let live = Rate::count(pairs.iter().map(|p| &p.live), &hit);
        let candidate = Rate::count(pairs.iter().map(|p| &p.candidate), &hit);
        let found = difference(pairs, |row| f64::from(u8::from(hit(row))));
        let difference = found.map(|found| {
            let only = |a: fn(&Pair) -> &ScoredExample, b: fn(&Pair) -> &ScoredExample| {
                pairs.iter().filter(|p| hit(a(p)) && !hit(b(p))).count() as f64
            };
            let worse = only(|p| &p.candidate, |p| &p.live);
            let better = only(|p| &p.live, |p| &p.candidate);
            let error = agresti_min(worse, better, pairs.len() as f64);
            Difference::new(found.value, found.error.max(error))
        });
        Self {
            live,
            candidate,
            difference,
        }
    }
}

/// Standard error of a difference of shares by the pairs that differ.
fn agresti_min(worse: f64, better: f64, n: f64) -> f64 {
    let (worse, better, n) = (worse + 0.5, better + 0.5, n + 2.0);
    ((worse + better) - (worse - better).powi(2) / n).sqrt() / n
}

/// Mean difference of a figure of single comments; its error is that of groups, or of single
/// comments where that is larger.
fn difference(pairs: &[&Pair], figure: impl Fn(&ScoredExample) -> f64) -> Option<Difference> {
    let n = pairs.len() as f64;
    if pairs.is_empty() {
        return None;
    }
    let each: Vec<f64> = pairs
        .iter()
        .map(|p| figure(&p.candidate) - figure(&p.live))
        .collect();
    let mean = each.iter().sum::<f64>() / n;
    let mut groups: BTreeMap<&str, f64> = BTreeMap::new();
    let (mut alone, mut ungrouped) = (0.0, 0.0);
    for (pair, d) in pairs.iter().zip(&each) {
        let off = d - mean;
        alone += off * off;
        match pair.site.as_deref().or(pair.live.group.as_deref()) {
            Some(group) => *groups.entry(group).or_default() += off,
            None => ungrouped += off * off,
        }
    }
    // A single group has no spread about its own mean, so it gives no error.
    let grouped = ungrouped + groups.values().map(|sum| sum * sum).sum::<f64>();
    Some(Difference::new(mean, alone.max(grouped).sqrt() / n))
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "live {}, candidate {}", self.live, self.candidate)?;
        for side in &self.sides {
            writeln!(f, "\n{}: {} ham, {} spam", side.part, side.ham, side.spam)?;
            writeln!(
                f,
                "  {:<16} {:>9} {:>9} {:>10}  95 % interval",
                "", "live", "candidate", "difference"
            )?;
            for (name, shares) in [
                ("false positives", &side.false_positives),
                ("missed spam", &side.missed_spam),
                ("unsure", &side.unsure),
                ("wrong or unsure", &side.not_right),
            ] {
                let share = |rate: &Rate| match rate.value() {
                    Some(value) => format!("{:.2} %", 100.0 * value),
                    None => "–".to_owned(),
                };
                let (live, candidate) = (share(&shares.live), share(&shares.candidate));
                write!(f, "  {name:<16} {live:>9} {candidate:>9} ")?;
                match shares.difference {
                    Some(d) => writeln!(
                        f,
                        "{:>+10.2}  {:+.2} to {:+.2} points",
                        100.0 * d.value,
                        100.0 * d.low,
                        100.0 * d.high
                    )?,
                    None => writeln!(f, "{:>10}", "–")?,
                }
            }
            for (name, values) in [("log loss", &side.log_loss), ("ROC AUC", &side.auc)] {
                let value = |v: Option<f64>| v.map_or("–".to_owned(), |v| format!("{v:.4}"));
                let (live, candidate) = (value(values.live), value(values.candidate));
                write!(f, "  {name:<16} {live:>9} {candidate:>9} ")?;
                match values.difference {
                    Some(d) => writeln!(f, "{:>+10.4}  {:+.4} to {:+.4}", d.value, d.low, d.high)?,
                    None => match values.live.zip(values.candidate) {
                        Some((live, candidate)) => writeln!(f, "{:>+10.4}", candidate - live)?,
                        None => writeln!(f, "{:>10}", "–")?,
                    },
                }
            }
        }
        if !self.too_few.is_empty() {
            let names: Vec<String> = self.too_few.iter().map(Part::to_string).collect();
            writeln!(f, "\ntoo few labels to compare: {}", names.join(", "))?;
        }
        Ok(())
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::verdict::sigmoid;

    pub(crate) fn row(label: Label, verdict: Verdict) -> ScoredExample {
        let log_odds = match verdict {
            Verdict::Ham => -3.0,
            Verdict::Unsure => 0.0,
            Verdict::Spam => 3.0,
            Verdict::Discard => 8.0,
        };
        ScoredExample {
            label,
            log_odds,
            probability: sigmoid(log_odds),
            verdict,
            lang: Language::English,
            group: None,
        }
    }

    /// `n` ham and `n` spam judged rightly by both, but so many ham called spam by the candidate,
    /// and so many by the live model.
    pub(crate) fn pairs(
        n: usize,
        candidate_wrong: usize,
        live_wrong: usize,
        site: Option<&str>,
    ) -> Vec<Pair> {
        let pair = |label: Label, live, candidate| Pair {
            live: row(label, live),
            candidate: row(label, candidate),
            site: site.map(str::to_owned),
        };
        let called = |wrong| if wrong { Verdict::Spam } else { Verdict::Ham };
        let ham = (0..n).map(|i| {
            let live_is_wrong = i >= n - live_wrong;
            pair(
                Label::Ham,
                called(live_is_wrong),
                called(i < candidate_wrong),
            )
        });
        let spam = (0..n).map(|_| pair(Label::Spam, Verdict::Spam, Verdict::Spam));
        ham.chain(spam).collect()
    }

    #[test]
    fn comments_of_one_group_are_not_as_many_opinions() {
        let (mut apart, mut together) = (pairs(500, 8, 0, None), pairs(500, 8, 0, None));
        for (i, pair) in apart.iter_mut().enumerate() {
            pair.live.group = Some(i.to_string());
        }
        for (i, pair) in together.iter_mut().enumerate() {
            pair.live.group = Some(if i < 8 {
                "one".to_owned()
            } else {
                i.to_string()
            });
        }
        let error = |pairs: &[Pair]| {
            let compared = Comparison::of("a", "b", pairs, 50);
            let found = compared.all().false_positives.difference;
            found.expect("there is ham").error
        };
        assert!(error(&together) > 2.0 * error(&apart));
    }

    #[test]
    fn the_table_shows_both_side_by_side() {
        let compared = Comparison::of("old", "new", &pairs(100, 3, 1, None), 50).to_string();
        for part in [
            "live old, candidate new",
            "all: 100 ham, 100 spam",
            "1.00 %",
            "3.00 %",
            "+2.00",
        ] {
            assert!(compared.contains(part), "{part:?} is missing in {compared}");
        }
    }
}
