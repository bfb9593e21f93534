//! Sums of checks and labels in, figures out by site, day and language: checks by verdict, labels
//! since, and labels that contradict the verdict. Never changes a verdict.
//!
//! Sums of checks are on disk, written with the records. Labels are read from the ledger each time:
//! the last label of a comment that no operator event strikes counts. So changed labels and undos
//! need no correction of the figures. A label counts on the day of the check that it answers.
//! Beside the reported mistakes stands what audits estimate of all others
//! (`learn::monitor::audit_estimate`).

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::{Bound, RangeInclusive};

use crate::blocking::run_blocking;
use crate::clock::Millis;
use crate::clock::{DAY_MILLIS, Day};
use crate::comment::{CommentId, SiteId};
use crate::learn::monitor::audit_estimate::{Answer, Estimate, Stratum, silent};
use crate::learn::online::realm::Realm;
use crate::moderation::ledger::fold::rulings_under_owners;
use crate::moderation::monitor::figure_line::{
    EstimateLine, Figure, FigureLine, FiguresAsked, Happened,
};
use crate::moderation::monitor::state::Monitor;
use crate::store::{
    CheckedOn, FigureOf, LedgerEntry, Store, StoreError, Verdicts, Waiting, Why, whole,
};
use crate::verdict::Label;

/// Where a label is counted, and whether it contradicts the verdict.
fn of_label(entry: LedgerEntry) -> (FigureOf, Figure, Answer) {
    let checked = entry.checked.unwrap_or_else(|| CheckedOn {
        at: entry.at,
        lang: "und".to_owned(),
        answers_audit: false,
    });
    let of = FigureOf {
        day: Day::at(checked.at),
        site: entry.site,
        lang: checked.lang,
    };
    let contradicts = entry.machine == Some(entry.label.opposite());
    let figure = Figure {
        labels: 1,
        false_positives: u64::from(contradicts && entry.label == Label::Ham),
        missed_spam: u64::from(contradicts && entry.label == Label::Spam),
        ..Figure::default()
    };
    let answer = match checked.answers_audit {
        true => Answer::Audited(entry.label),
        false => Answer::Reported(entry.label),
    };
    (of, figure, answer)
}

/// Checks and samples by verdict, for one language or for all.
#[derive(Default)]
struct Strata {
    ham: Stratum,
    spam: Stratum,
}

impl Strata {
    fn count(&mut self, site: &SiteId, verdicts: Verdicts) {
        self.ham.count(site, verdicts.ham);
        self.spam.count(site, verdicts.spam + verdicts.discard);
    }

    fn add(&mut self, row: &Waiting, side: Label, answer: Answer) {
        let stratum = match side {
            Label::Ham => &mut self.ham,
            Label::Spam => &mut self.spam,
        };
        stratum.add(&row.site, side, row.one_in, answer);
    }
}

/// The estimates from the audit samples of some days.
fn estimates(
    store: &Store,
    days: &RangeInclusive<Day>,
    since: Millis,
    figures: &BTreeMap<FigureOf, Figure>,
    answer_of: impl Fn(CommentId) -> Answer,
) -> Result<Vec<EstimateLine>, StoreError> {
    let mut all = Strata::default();
    let mut by_lang: BTreeMap<&str, Strata> = BTreeMap::new();
    let mut sites = BTreeSet::new();
    for (of, figure) in figures.iter().filter(|(_, f)| f.verdicts.checks() > 0) {
        let of_lang = by_lang.entry(&of.lang).or_default();
        of_lang.count(&of.site, figure.verdicts);
        all.count(&of.site, figure.verdicts);
        sites.insert(&of.site);
    }
    for site in sites {
        let rows = store.waiting(site, Why::Audit, (since, Bound::Unbounded));
        for row in rows.filter_map(whole) {
            let row = row?;
            let Some(side) = row.verdict.side() else {
                continue;
            };
            if !days.contains(&Day::at(row.at)) {
                continue;
            }
            let answer = answer_of(row.comment);
            all.add(&row, side, answer);
            if let Some(of_lang) = by_lang.get_mut(row.lang.as_str()) {
                of_lang.add(&row, side, answer);
            }
        }
    }
    // Over all languages: a site that answers in one language is not silent in another.
    let silent = silent(&all.spam, &all.ham);
    let line = |lang: Option<&str>, strata: &Strata| EstimateLine {
        lang: lang.map(str::to_owned),
        estimate: Estimate::of(&strata.spam, &strata.ham, &silent),
    };
    let by_lang = by_lang
        .iter()
        .map(|(lang, strata)| line(Some(lang), strata));
    Ok(std::iter::once(line(None, &all)).chain(by_lang).collect())
}

/// The first moment of a span of `days` UTC days that ends today, in milliseconds since 1970.
pub(crate) fn first_moment(now: Millis, days: u32) -> Millis {
    let today = now.div_euclid(DAY_MILLIS) * DAY_MILLIS;
    today.saturating_sub(DAY_MILLIS * i64::from(days.saturating_sub(1)))
}

/// The `days` UTC days up to the day of `now`.
pub(crate) fn days_until(now: Millis, days: u32) -> RangeInclusive<Day> {
    Day::at(first_moment(now, days))..=Day::at(now)
}

impl Monitor {
    /// The requested figures, and the estimates for the same checks. Waits until the checks
    /// answered so far are counted; reads the whole ledger.
    ///
    /// # Errors
    ///
    /// The store cannot be read.
    pub async fn figures(&self, asked: FiguresAsked) -> Result<Happened, StoreError> {
        self.context.checks.settle().await;
        let store = self.context.store.clone();
        let now = (self.context.clock)();
        let days = days_until(now, asked.days);
        let since = first_moment(now, asked.days);
        let read = move || {
            let wanted = |site: &SiteId| asked.sites.as_ref().is_none_or(|of| of.contains(site));
            let mut figures: BTreeMap<FigureOf, Figure> = BTreeMap::new();
            for (of, verdicts) in store.figures.on(days.clone())? {
                if wanted(&of.site) {
                    figures.entry(of).or_default().verdicts += verdicts;
                }
            }
            let rulings = rulings_under_owners(&store, &store.rulings()?)?;
            let mut standing: HashMap<(Realm, CommentId), (FigureOf, Figure, Answer)> =
                HashMap::new();
            for entry in store.ledger(0).filter_map(whole) {
                let entry = entry?;
                if wanted(&entry.site)
                    && !rulings.strike(entry.event)
                    && !rulings.is_foreign(&entry)
                {
                    let realm = rulings.realm_of(&entry);
                    standing.insert((realm, entry.comment), of_label(entry));
                }
            }
            let answers = standing
                .iter()
                .map(|((_, comment), (.., answer))| (*comment, *answer));
            let answers: HashMap<CommentId, Answer> = answers.collect();
            let answer_of = |comment| answers.get(&comment).copied().unwrap_or(Answer::Open);
            let estimates = estimates(&store, &days, since, &figures, answer_of)?;
            for (of, figure, _) in standing.into_values() {
                if days.contains(&of.day) {
                    *figures.entry(of).or_default() += figure;
                }
            }
            let lines = figures.into_iter().map(|(of, figure)| FigureLine {
                day: of.day,
                site: of.site,
                lang: of.lang,
                figure,
            });
            Ok(Happened {
                figures: lines.collect(),
                estimates,
            })
        };
        run_blocking("read the figures", read).await
    }
}
