//! What would have happened. In: a history, a site, and what shall be different: the model, the
//! cutoffs, the lists. Out: each check whose verdict would have been another, and the counts before
//! and after. Nothing is stored and no label is learnt twice; campaigns, which are known only while
//! they last, are not heard again, so a verdict that one of them turned shows as a flip.

use std::collections::HashSet;
use std::sync::Arc;

use serde::Serialize;

use crate::clock::Millis;
use crate::comment::{CommentId, SiteId};
use crate::features::Features;
use crate::filter::{self, Surroundings};
use crate::learn::online::Online;
use crate::learn::online::realm::Realm;
use crate::lists::{Entry, Lists};
use crate::model::Model;
use crate::moderation::judging::evidence;
use crate::moderation::transfer::line::ExportLine;
use crate::moderation::transfer::snapshot::{Past, is_kept};
use crate::policy::Strictness;
use crate::store::{LedgerEntry, Record};
use crate::text::{self, Reading};
use crate::verdict::{Assessment, Clue, Cutoffs, Label, Verdict};

/// What shall be different.
#[derive(Debug)]
pub struct Change {
    /// The model that judges.
    pub model: Model,
    /// Where its cutoffs lie.
    pub cutoffs: CutoffChange,
    /// All entries of the lists; those of the history if missing.
    pub lists: Option<Vec<Entry>>,
    /// Which labels a check hears.
    pub hears: Hears,
}

/// Where the cutoffs lie.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum CutoffChange {
    /// As the site has them now.
    AsSet,
    /// As a site of this strictness has them.
    Strictness(Strictness),
    /// Here, whatever the language.
    At(Cutoffs),
}

/// Which labels a check hears when it is judged again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hears {
    /// All that stand at the end of the history, its own comment's among them: what the site would
    /// see today.
    Now,
    /// Those that had been said when it came: what the site would have seen then.
    Then,
}

/// A check whose verdict would have been another.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Flip {
    /// The check.
    pub guid: String,
    /// When it came, in milliseconds since 1970.
    pub at: Millis,
    /// What was said.
    pub before: Verdict,
    /// What would have been said.
    pub after: Verdict,
    /// P(spam) as it was.
    pub probability_before: f64,
    /// P(spam) as it would have been.
    pub probability_after: f64,
    /// What people said of it last.
    pub label: Option<Label>,
    /// The strongest reason for the new verdict.
    pub clue: Option<Clue>,
}

/// Verdicts, and mistakes as far as people said so.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counted {
    /// Verdicts ham.
    pub ham: u64,
    /// Verdicts unsure.
    pub unsure: u64,
    /// Verdicts spam.
    pub spam: u64,
    /// Verdicts discard.
    pub discard: u64,
    /// Labelled ham called spam or discarded.
    pub false_positives: u64,
    /// Labelled spam called ham.
    pub missed_spam: u64,
}

impl Counted {
    fn count(&mut self, verdict: Verdict, label: Option<Label>) {
        match verdict {
            Verdict::Ham => self.ham += 1,
            Verdict::Unsure => self.unsure += 1,
            Verdict::Spam => self.spam += 1,
            Verdict::Discard => self.discard += 1,
        }
        match (label, verdict.side()) {
            (Some(Label::Ham), Some(Label::Spam)) => self.false_positives += 1,
            (Some(Label::Spam), Some(Label::Ham)) => self.missed_spam += 1,
            _ => {}
        }
    }
}

/// What a replay found.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Replayed {
    /// Checks judged again.
    pub checks: u64,
    /// Those whose verdict is another, as they came.
    pub flips: Vec<Flip>,
    /// Verdicts as they were recorded.
    pub before: Counted,
    /// Verdicts as they would have been.
    pub after: Counted,
    /// Checks judged again that somebody called ham.
    pub labelled_ham: u64,
    /// Checks judged again that somebody called spam.
    pub labelled_spam: u64,
    /// Checks whose text is kept no more: they cannot be judged again, and are counted nowhere
    /// else.
    pub without_text: u64,
    /// Labels that no check judged again answers to.
    pub labels_alone: u64,
}

/// Why nothing can be replayed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReplayError {
    /// The history knows no check of the site.
    #[error("no check of {site} is in this history; it knows {known}")]
    UnknownSite {
        /// The site.
        site: SiteId,
        /// Those it knows.
        known: String,
    },
}

/// Sites named at most where one is not found.
const MOST_NAMED: usize = 5;

/// What a site would have had around its comments.
struct AsChanged {
    cutoffs: CutoffChange,
    lists: Lists,
}

/// The same around one comment. Campaigns are known only while they last: none is asked.
struct Around<'a> {
    changed: &'a AsChanged,
    record: &'a Record,
    reading: &'a Reading,
}

impl Surroundings for Around<'_> {
    fn cutoffs(&self, model: &Model, features: &Features) -> Cutoffs {
        let of_model = model.settings.cutoffs(features.language);
        match self.changed.cutoffs {
            CutoffChange::At(cutoffs) => cutoffs,
            CutoffChange::Strictness(strictness) => strictness.shift(of_model),
            CutoffChange::AsSet => *of_model,
        }
    }

    fn lists(&self, assessment: &mut Assessment, cutoffs: &Cutoffs) {
        let Record {
            site, comment, at, ..
        } = self.record;
        if let Some(hit) = self.changed.lists.find(site, comment, self.reading, *at) {
            hit.decide(assessment, cutoffs);
        }
    }
}

impl Past {
    /// The lines of a history that a replay of a site needs: its checks and lists, and everybody's
    /// labels, which its checks hear.
    pub fn needs(site: &SiteId, line: &ExportLine) -> bool {
        match line {
            ExportLine::Check(record) => record.site == *site,
            ExportLine::Label(_)
            | ExportLine::Ruling(_)
            | ExportLine::List(_)
            | ExportLine::Evidence(_) => true,
            ExportLine::Site { site: of, .. } => of == site,
            _ => false,
        }
    }

    /// Judges the checks of a site again, in the order they came.
    ///
    /// # Errors
    ///
    /// If the history knows no check of the site.
    pub fn replay(&self, site: &SiteId, change: Change) -> Result<Replayed, ReplayError> {
        if self.records.iter().all(|record| record.site != *site) {
            return Err(self.unknown(site));
        }
        let around = self.site_as_changed(site, &change);
        let last = self.last_labels();
        let of_site = last.keys().filter(|(of, _)| *of == site);
        let mut unanswered: HashSet<CommentId> = of_site.map(|(_, comment)| *comment).collect();
        let layers = self.layers(Arc::new(change.model));
        let mut coming = self.ledger.entries().peekable();
        let mut found = Replayed::default();
        for record in self.records.iter().filter(|record| record.site == *site) {
            if !is_kept(record) {
                found.without_text += 1;
                if let Some(traces) = &record.traces {
                    unanswered.remove(&traces.comment);
                }
                continue;
            }
            let is_heard =
                |entry: &&LedgerEntry| change.hears == Hears::Now || entry.at < record.at;
            while let Some(entry) = coming.next_if(is_heard) {
                layers.fold(entry);
            }
            let comment = CommentId::of(site, &record.comment);
            unanswered.remove(&comment);
            let label = last.get(&(site, comment)).map(|entry| entry.label);
            found.take(record, &self.judge_again(record, &layers, &around), label);
        }
        found.labels_alone = unanswered.len() as u64;
        Ok(found)
    }

    /// Cutoffs and lists of a site under a change.
    fn site_as_changed(&self, site: &SiteId, change: &Change) -> AsChanged {
        let mut lists = Lists::default();
        for entry in change.lists.as_ref().unwrap_or(&self.lists) {
            lists.insert(entry.clone());
        }
        let cutoffs = match change.cutoffs {
            CutoffChange::AsSet => {
                let set = self.settings.get(site).copied().unwrap_or_default();
                CutoffChange::Strictness(set.strictness)
            }
            other => other,
        };
        AsChanged { cutoffs, lists }
    }

    /// What a check would have said.
    fn judge_again(&self, record: &Record, layers: &Online, around: &AsChanged) -> Assessment {
        let reading = text::read(&record.comment.text);
        let features = evidence::features(&self.evidence, &record.comment, &reading);
        let realm = Realm::of_site(&record.site);
        let (judged, model) = layers.with_live(&realm, |model, live| {
            (filter::judge(model, &features, live), Arc::clone(model))
        });
        let around = Around {
            changed: around,
            record,
            reading: &reading,
        };
        filter::settle(judged, &model, &features, &around).assessment
    }

    fn unknown(&self, site: &SiteId) -> ReplayError {
        let mut sites: Vec<&str> = self.records.iter().map(|r| r.site.as_str()).collect();
        sites.sort_unstable();
        sites.dedup();
        let mut known = match sites.is_empty() {
            true => "no other either".to_owned(),
            false => sites[..sites.len().min(MOST_NAMED)].join(", "),
        };
        if sites.len() > MOST_NAMED {
            known += &format!(" and {} more", sites.len() - MOST_NAMED);
        }
        ReplayError::UnknownSite {
            site: site.clone(),
            known,
        }
    }
}

impl Replayed {
    fn take(&mut self, record: &Record, after: &Assessment, label: Option<Label>) {
        let before = &record.assessment;
        self.checks += 1;
        match label {
            Some(Label::Ham) => self.labelled_ham += 1,
            Some(Label::Spam) => self.labelled_spam += 1,
            None => {}
        }
        self.before.count(before.verdict, label);
        self.after.count(after.verdict, label);
        if before.verdict != after.verdict {
            self.flips.push(Flip {
                guid: record.guid.clone(),
                at: record.at,
                before: before.verdict,
                after: after.verdict,
                probability_before: before.probability,
                probability_after: after.probability,
                label,
                clue: after.clues.first().cloned(),
            });
        }
    }
}
