//! A site in, its summary out: how many labels it has, and what labels changed. Two counts answer
//! the second question. One is on disk: each check of the last days, as it was answered. The other
//! is made on request: the last comments in memory are judged again, so that a label shows before
//! the next comment comes. Never changes a verdict.
//!
//! A verdict is changed if model and labels together give another verdict than the model alone,
//! with the same cutoffs of the site. Campaigns and lists are left out.

use std::collections::{BTreeSet, HashSet};
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::blocking::run_blocking;
use crate::comment::{CommentId, SiteId};
use crate::features::Features;
use crate::filter;
use crate::learn::online::SiteLabels;
use crate::learn::online::realm::Realm;
use crate::moderation::judging::checked::Checked;
use crate::moderation::monitor::figures::days_until;
use crate::moderation::monitor::state::Monitor;
use crate::store::{Changed, StoreError};

/// How many UTC days of checks are counted, today included.
const DAYS: u32 = 7;

/// How many comments of a site are judged again at most.
const MOST_AGAIN: usize = 100;

/// The summary of a site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SiteSummary {
    /// The site.
    pub site: SiteId,
    /// Name of the key that owns it, if one does.
    pub owner: Option<String>,
    /// How many spam labels count for it.
    pub spam: u32,
    /// How many ham labels count for it.
    pub ham: u32,
    /// How many labels of other sites count for it.
    pub elsewhere: u32,
    /// How many UTC days `changed` covers, today included.
    pub days: u32,
    /// What labels changed in its checks of these days. Tests and rechecks are left out.
    pub changed: Changed,
    /// What the labels of this moment would change in its last comments without a label. At most
    /// 100 comments that are still in memory; none after a restart.
    pub now: Changed,
}

/// Writes how many labels the site has, and what else judges it.
fn labels(f: &mut fmt::Formatter<'_>, spam: u32, ham: u32, elsewhere: u32) -> fmt::Result {
    match (spam + ham, elsewhere) {
        (0, 0) => write!(f, "no labels; the model decides alone"),
        (0, _) => write!(f, "no labels here; other sites have some"),
        (1, _) => write!(f, "1 label ({})", if spam == 1 { "spam" } else { "ham" }),
        (n, _) => write!(f, "{n} labels ({spam} spam, {ham} ham)"),
    }
}

/// Writes the new verdicts: `: 30 became spam, 10 unsure, 1 ham`; nothing if there are none.
fn by_verdict(f: &mut fmt::Formatter<'_>, changed: &Changed, became: &str) -> fmt::Result {
    let verdicts = [
        (changed.to_spam, "spam"),
        (changed.to_unsure, "unsure"),
        (changed.to_ham, "ham"),
    ];
    let some = verdicts.into_iter().filter(|(n, _)| *n > 0);
    for (at, (n, verdict)) in some.enumerate() {
        match at {
            0 => write!(f, ": {n} {became} {verdict}")?,
            _ => write!(f, ", {n} {verdict}")?,
        }
    }
    Ok(())
}

/// A count in words: `none` for zero.
fn many(n: u64) -> String {
    match n {
        0 => "none".to_owned(),
        n => n.to_string(),
    }
}

impl fmt::Display for SiteSummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        labels(f, self.spam, self.ham, self.elsewhere)?;
        let (days, changed, now) = (self.days, &self.changed, &self.now);
        let hears_labels = self.spam + self.ham + self.elsewhere > 0;
        let plural = |n: u64| if n == 1 { "" } else { "s" };
        match changed.checks {
            0 => write!(f, "; no check in the last {days} days")?,
            n if !hears_labels && changed.verdicts() == 0 => {
                write!(f, "; {n} check{} in the last {days} days", plural(n))?;
            }
            n => {
                let verdicts = format!("{} of {n} verdict{}", many(changed.verdicts()), plural(n));
                write!(f, "; labels changed {verdicts} in the last {days} days")?;
                by_verdict(f, changed, "became")?;
            }
        }
        if hears_labels && now.checks > 0 {
            let comments = format!("{} comment{}", now.checks, plural(now.checks));
            let many = many(now.verdicts());
            write!(
                f,
                "; of the last {comments} without a label they would now change {many}"
            )?;
            by_verdict(f, now, "would be")?;
        }
        Ok(())
    }
}

impl Checked {
    /// The summary for one check, in a sentence: how many labels its site has, and whether labels
    /// changed this verdict.
    pub fn standing(&self) -> String {
        struct Standing<'a>(&'a Checked);
        impl fmt::Display for Standing<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let SiteLabels {
                    spam,
                    ham,
                    elsewhere,
                    ..
                } = self.0.labels;
                labels(f, spam, ham, elsewhere)?;
                let (with, without) = self.0.by_labels;
                if Changed::of(with, without).verdicts() > 0 {
                    write!(f, "; labels changed this verdict from {without} to {with}")
                } else if spam + ham + elsewhere > 0 {
                    write!(f, "; labels did not change this verdict")
                } else {
                    Ok(())
                }
            }
        }
        Standing(self).to_string()
    }
}

impl Monitor {
    /// The summaries of sites in order of their names; `None` for all sites with labels. Waits
    /// until the checks answered so far are counted.
    ///
    /// # Errors
    ///
    /// The store cannot be read.
    pub async fn site_summaries(
        self: &Arc<Self>,
        sites: Option<BTreeSet<SiteId>>,
    ) -> Result<Vec<SiteSummary>, StoreError> {
        self.context.checks.settle().await;
        let monitor = Arc::clone(self);
        let days = days_until((self.context.clock)(), DAYS);
        let read = move || {
            let sites = sites.unwrap_or_else(|| {
                let labelled = monitor.context.online.sites().into_iter();
                labelled.map(|(site, _)| site).collect()
            });
            let mut standings: Vec<SiteSummary> = sites
                .into_iter()
                .map(|site| monitor.standing_now(site))
                .collect();
            for (of, changed) in monitor.context.store.changed.on(days)? {
                let found = standings.binary_search_by(|standing| standing.site.cmp(&of.site));
                if let Ok(at) = found {
                    standings[at].changed += changed;
                }
            }
            Ok(standings)
        };
        // Not on the async threads: to judge the comments takes some milliseconds for each site.
        run_blocking("read what labels changed", read).await
    }

    /// All of a summary except what is on disk.
    fn standing_now(&self, site: SiteId) -> SiteSummary {
        let owner = self.accounts.owner_of(&site);
        let labels = match owner {
            Some(_) => self.context.online.labels(&Realm::of_site(&site)),
            // A site without an owner: the labels of all keys together.
            None => self.context.online.labels_on(&site),
        };
        SiteSummary {
            owner,
            spam: labels.spam,
            ham: labels.ham,
            elsewhere: labels.elsewhere,
            days: DAYS,
            changed: Changed::default(),
            now: self.changed_now(&site),
            site,
        }
    }

    /// Judges the last comments of a site again, each comment once.
    fn changed_now(&self, site: &SiteId) -> Changed {
        let mut seen = HashSet::new();
        // Labelled comments are left out: they would show people their own labels.
        let recent = self.context.checks.recent(MOST_AGAIN, |record| {
            if record.site != *site {
                return false;
            }
            let comment = CommentId::of(site, &record.comment);
            let realm = self.accounts.realm_of_check(record);
            seen.insert(comment) && self.context.online.label_of(&realm, comment).is_none()
        });
        let mut changed = Changed::default();
        for record in recent {
            let realm = self.accounts.realm_of_check(&record);
            let features = Features::of(&record.comment);
            changed += self.context.online.with_live(&realm, |model, live| {
                let judged = filter::judge(model, &features, live);
                let cutoffs = self.judging.site_cutoffs(model, site, features.language);
                let with = cutoffs.judge(judged.assessment.log_odds);
                let without = match judged.alone.is_labelled {
                    true => cutoffs.judge(judged.alone.score.log_odds),
                    false => with,
                };
                Changed::of(with, without)
            });
        }
        changed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_says_what_labels_changed_and_nothing_that_is_not_so() {
        let changed = |checks, to_ham, to_unsure, to_spam| Changed {
            checks,
            to_ham,
            to_unsure,
            to_spam,
        };
        let none = changed(0, 0, 0, 0);
        for (labels, before, now, says) in [
            (
                [0, 0, 0],
                none,
                none,
                "no labels; the model decides alone; no check in the last 7 days",
            ),
            (
                [0, 0, 0],
                changed(1, 0, 0, 0),
                changed(1, 0, 0, 0),
                "no labels; the model decides alone; 1 check in the last 7 days",
            ),
            // Labels changed verdicts, and were undone since.
            (
                [0, 0, 0],
                changed(12, 0, 0, 3),
                changed(4, 0, 0, 0),
                "no labels; the model decides alone; labels changed 3 of 12 verdicts in the last 7 days: 3 became spam",
            ),
            (
                [0, 0, 5],
                changed(12, 0, 0, 0),
                none,
                "no labels here; other sites have some; labels changed none of 12 verdicts in the last 7 days",
            ),
            (
                [4, 2, 0],
                changed(120, 1, 10, 30),
                changed(24, 0, 2, 10),
                "6 labels (4 spam, 2 ham); labels changed 41 of 120 verdicts in the last 7 days: 30 became spam, 10 unsure, 1 ham; of the last 24 comments without a label they would now change 12: 10 would be spam, 2 unsure",
            ),
            (
                [0, 1, 0],
                none,
                changed(1, 0, 0, 0),
                "1 label (ham); no check in the last 7 days; of the last 1 comment without a label they would now change none",
            ),
        ] {
            let [spam, ham, elsewhere] = labels;
            let standing = SiteSummary {
                site: SiteId::parse("blog.example").expect("a site"),
                owner: None,
                spam,
                ham,
                elsewhere,
                days: DAYS,
                changed: before,
                now,
            };
            assert_eq!(standing.to_string(), says);
        }
    }
}
