//! Audit samples in, estimates with 95 % intervals out: how much ham the filter called spam and how
//! much spam it called ham, counting what nobody reported. It reads no store and draws no sample.
//!
//! **One stratum** (verdicts of ham; verdicts of spam and discard). A sample drawn as one in `w`
//! stands for `w` checks (Horvitz and Thompson 1952), so the share of wrong verdicts is `sum(w *
//! wrong) / sum(w)` (Hajek 1971). Not every sample is answered, and mistakes are likelier to be
//! labelled than what was right. So, as Hansen and Hurwitz (1946) do with those who do not reply,
//! samples labelled by whoever complained stand for themselves alone, and only those answered
//! because the queue showed them, without a verdict, stand for the unanswered of their site as
//! well: their `w` is multiplied by `(sum over answered and open) / (sum over answered)`. A site
//! that answers nothing is left out, with its checks, and that is said; one that answers on the
//! other side only has its open samples stood for by all others. The interval is Wilson's (1927)
//! for that share and `n = sum(w)^2 / sum(w^2)`, the number of equal weights that would tell as
//! much (Kish 1965). Few samples: a wide interval. None answered while some are open: nothing is
//! known.
//!
//! **Both strata.** With `N_s` spam and `N_h` ham verdicts in all, counted and not estimated, false
//! positives are `F = N_s q_s` of the `F + N_h (1 - q_h)` ham that the filter decided about, and
//! missed spam is `M = N_h q_h` of `M + N_s (1 - q_s)`. Each is `r / (1 + r)` of a ratio `r` of two
//! independent estimates, whose interval follows from theirs by MOVER-R (Donner and Zou 2012,
//! Statistical Methods in Medical Research 21:347). Nothing was decided about unsure checks: they
//! are in neither part, so the rates are of what the filter decided alone.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::comment::SiteId;
use crate::learn::metrics::measures::wilson;
use crate::verdict::Label;

/// The state of one sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// No label stands.
    Open,
    /// Somebody labelled it who had not been asked.
    Reported(Label),
    /// A person labelled it because the queue had shown it without its verdict.
    Audited(Label),
}

/// A value and its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// The best guess.
    pub value: f64,
    /// 97.5 % lie above.
    pub low: f64,
    /// 97.5 % lie below.
    pub high: f64,
}

impl Interval {
    fn scaled(self, factor: f64) -> Self {
        Self {
            value: self.value * factor,
            low: self.low * factor,
            high: self.high * factor,
        }
    }

    fn opposite(self) -> Self {
        Self {
            value: 1.0 - self.value,
            low: 1.0 - self.high,
            high: 1.0 - self.low,
        }
    }
}

/// Weights of some samples.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Weights {
    samples: u64,
    sum: f64,
    squares: f64,
    wrong: f64,
}

impl Weights {
    fn add(&mut self, weight: f64, is_wrong: bool) {
        self.samples += 1;
        self.sum += weight;
        self.squares += weight * weight;
        if is_wrong {
            self.wrong += weight;
        }
    }
}

/// What is known of the verdicts of one kind on one site.
#[derive(Debug, Clone, Default, PartialEq)]
struct OfSite {
    checks: u64,
    open: Weights,
    reported: Weights,
    audited: Weights,
}

/// The checks with verdicts of one kind, and the samples of them, by site.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Stratum {
    sites: BTreeMap<SiteId, OfSite>,
}

impl Stratum {
    fn of_site(&mut self, site: &SiteId) -> &mut OfSite {
        if !self.sites.contains_key(site) {
            self.sites.insert(site.clone(), OfSite::default());
        }
        self.sites.get_mut(site).expect("it is there by now")
    }

    /// Checks with such a verdict, drawn or not.
    pub fn count(&mut self, site: &SiteId, checks: u64) {
        self.of_site(site).checks += checks;
    }

    /// One sample of a verdict on this side, drawn as one in so many.
    pub fn add(&mut self, site: &SiteId, side: Label, one_in: u64, answer: Answer) {
        let weight = one_in.max(1) as f64;
        let of_site = self.of_site(site);
        match answer {
            Answer::Open => of_site.open.add(weight, false),
            Answer::Reported(label) => of_site.reported.add(weight, label != side),
            Answer::Audited(label) => of_site.audited.add(weight, label != side),
        }
    }

    /// The share of verdicts that are wrong on some sites; `None` while it is not known.
    fn wrong(&self, silent: &BTreeSet<SiteId>) -> Option<Interval> {
        let answering = || {
            self.sites
                .iter()
                .filter(|(site, _)| !silent.contains(*site))
        };
        let (mut sum, mut wrong, mut squares) = (0.0, 0.0, 0.0);
        // Weights that answers stand for, and weights of open samples without an answer of their
        // site.
        let (mut answered, mut open) = (0.0, 0.0);
        for (_, of) in answering() {
            sum += of.open.sum + of.reported.sum + of.audited.sum;
            wrong += of.reported.wrong;
            squares += of.reported.squares;
            match of.audited.samples {
                0 => open += of.open.sum,
                _ => answered += of.audited.sum + of.open.sum,
            }
        }
        if sum == 0.0 || (answered == 0.0 && open > 0.0) {
            return None;
        }
        let for_others = if open > 0.0 {
            1.0 + open / answered
        } else {
            1.0
        };
        for (_, of) in answering().filter(|(_, of)| of.audited.samples > 0) {
            let stands_for = for_others * (of.audited.sum + of.open.sum) / of.audited.sum;
            wrong += of.audited.wrong * stands_for;
            squares += of.audited.squares * stands_for * stands_for;
        }
        let value = (wrong / sum).min(1.0);
        let (low, high) = wilson(value, sum * sum / squares);
        Some(Interval { value, low, high })
    }

    fn audit(&self, silent: &BTreeSet<SiteId>) -> Audited {
        let sum = |of: fn(&OfSite) -> u64| self.sites.values().map(of).sum();
        let left_out_sites = self.sites.iter().filter(|(site, _)| silent.contains(*site));
        Audited {
            checks: sum(|of| of.checks),
            left_out: left_out_sites.map(|(_, of)| of.checks).sum(),
            samples: sum(|of| of.open.samples + of.reported.samples + of.audited.samples),
            answered: sum(|of| of.audited.samples),
            reported: sum(|of| of.reported.samples),
            wrong: self.wrong(silent),
        }
    }
}

/// Sites with open samples and no answer: answers of other sites say nothing about them
/// (docs/DECISIONS.md, "An audit answer must say that it is one").
pub fn silent(spam: &Stratum, ham: &Stratum) -> BTreeSet<SiteId> {
    let both = || [spam, ham].into_iter().flat_map(|stratum| &stratum.sites);
    let answering: BTreeSet<&SiteId> = both()
        .filter(|(_, of)| of.audited.samples > 0)
        .map(|(site, _)| site)
        .collect();
    both()
        .filter(|(site, of)| of.open.samples > 0 && !answering.contains(site))
        .map(|(site, _)| site.clone())
        .collect()
}

/// What an audit found about verdicts of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Audited {
    /// Checks with such a verdict.
    pub checks: u64,
    /// Of those, on sites that answered none of their samples: no rate speaks of them.
    pub left_out: u64,
    /// Of the checks, drawn.
    pub samples: u64,
    /// Of the samples, answered by somebody who was shown them without the verdict.
    pub answered: u64,
    /// Of the samples, labelled by somebody who had not been asked.
    pub reported: u64,
    /// The share of such verdicts that are wrong, on the other sites; `None` while it is not known.
    pub wrong: Option<Interval>,
}

/// What audits say of the filter.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// The share of ham that was called spam, among what the filter decided about; `None` while it
    /// is not known.
    pub false_positives: Option<Interval>,
    /// The share of spam that was called ham, likewise.
    pub missed_spam: Option<Interval>,
    /// Verdicts of spam, discarded ones among them.
    pub of_spam: Audited,
    /// Verdicts of ham.
    pub of_ham: Audited,
}

impl Estimate {
    /// From the checks and samples of each side, without sites that are [`silent`].
    pub fn of(spam: &Stratum, ham: &Stratum, silent: &BTreeSet<SiteId>) -> Self {
        let (of_spam, of_ham) = (spam.audit(silent), ham.audit(silent));
        Self {
            false_positives: rate(&of_spam, &of_ham),
            missed_spam: rate(&of_ham, &of_spam),
            of_spam,
            of_ham,
        }
    }
}

/// The share that the wrong verdicts of one side have in all comments that truly belong to the
/// other.
fn rate(wrong_side: &Audited, right_side: &Audited) -> Option<Interval> {
    let counted =
        |side: &Audited, share: fn(Interval) -> Interval| match side.checks - side.left_out {
            // Nothing is wrong, nor right, where there is nothing.
            0 => Some(Interval {
                value: 0.0,
                low: 0.0,
                high: 0.0,
            }),
            checks => Some(share(side.wrong?).scaled(checks as f64)),
        };
    let wrong = counted(wrong_side, |share| share)?;
    let right = counted(right_side, Interval::opposite)?;
    share_of_ratio(wrong, right)
}

/// `a / (a + b)` of two independent estimates of what is not negative; `None` where both are
/// nothing.
fn share_of_ratio(a: Interval, b: Interval) -> Option<Interval> {
    if a.high == 0.0 && b.high == 0.0 {
        return None;
    }
    let share = |ratio: f64| match ratio.is_finite() {
        true => ratio / (1.0 + ratio),
        false => 1.0,
    };
    let product = a.value * b.value;
    // What MOVER-R has below its root cannot be negative but for rounding.
    let root = |left: f64, right: f64| (product * product - left * right).max(0.0).sqrt();
    let (a_low, b_high) = (
        a.low * (2.0 * a.value - a.low),
        b.high * (2.0 * b.value - b.high),
    );
    let (a_high, b_low) = (
        a.high * (2.0 * a.value - a.high),
        b.low * (2.0 * b.value - b.low),
    );
    // The formula for the lower end, with the root moved below, where nothing cancels.
    let low = match a_low {
        0.0 => 0.0,
        _ => a_low / (product + root(a_low, b_high)),
    };
    let high = match b_low {
        0.0 => f64::INFINITY,
        _ => (product + root(a_high, b_low)) / b_low,
    };
    let value = a.value / (a.value + b.value);
    Some(Interval {
        value: if value.is_finite() {
            value
        } else {
            share(high)
        },
        low: share(low),
        high: share(high),
    })
}

#[cfg(test)]
mod tests;
