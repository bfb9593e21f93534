//! A replay: a history, a site and a change of model, cutoffs or lists in; each check that would
//! have got another verdict out, with the counts before and after. Never stores anything or learns
//! a label twice.
//!
//! Campaigns are known only while they last, so they are left out. A verdict that a campaign
//! changed therefore shows as a flip.

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

/// What is changed for a replay.
#[derive(Debug)]
pub struct Change {
    /// The model that judges.
    pub model: Model,
    /// Which cutoffs are used.
    pub cutoffs: CutoffChange,
    /// All list entries; `None` takes those of the history.
    pub lists: Option<Vec<Entry>>,
    /// Which labels are applied to a check.
    pub hears: Hears,
}

/// Which cutoffs are used.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum CutoffChange {
    /// Those of the site's settings in the history.
    AsSet,
    /// Those of a site with this strictness.
    Strictness(Strictness),
    /// These, for every language.
    At(Cutoffs),
}

/// Which labels are applied to a check when it is judged again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hears {
    /// All labels that count at the end of the history, also that of its own comment: what the site
    /// would get today.
    Now,
    /// The labels given before the check was made: what the site would have got then.
    Then,
}

/// A check that would have got another verdict.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Flip {
    /// The check.
    pub guid: String,
    /// When it was made, in milliseconds since 1970.
    pub at: Millis,
    /// The recorded verdict.
    pub before: Verdict,
    /// The verdict of the replay.
    pub after: Verdict,
    /// The recorded P(spam), in 0..=1.
    pub probability_before: f64,
    /// P(spam) of the replay, in 0..=1.
    pub probability_after: f64,
    /// The last label of its comment.
    pub label: Option<Label>,
    /// The strongest reason for the new verdict.
    pub clue: Option<Clue>,
}

/// Counts of verdicts, and of mistakes as far as labels show them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counted {
    /// Checks with the verdict ham.
    pub ham: u64,
    /// Checks with the verdict unsure.
    pub unsure: u64,
    /// Checks with the verdict spam.
    pub spam: u64,
    /// Checks with the verdict discard.
    pub discard: u64,
    /// Ham labels on checks with the verdict spam or discard.
    pub false_positives: u64,
    /// Spam labels on checks with the verdict ham.
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

/// The result of a replay.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Replayed {
    /// Checks judged again.
    pub checks: u64,
    /// The checks with another verdict, in the order in which they were made.
    pub flips: Vec<Flip>,
    /// Counts of the recorded verdicts.
    pub before: Counted,
    /// Counts of the verdicts of the replay.
    pub after: Counted,
    /// Checks judged again that have a ham label.
    pub labelled_ham: u64,
    /// Checks judged again that have a spam label.
    pub labelled_spam: u64,
    /// Checks whose text is removed. They cannot be judged again, and are counted nowhere else.
    pub without_text: u64,
    /// Labels of comments without a check that was judged again.
    pub labels_alone: u64,
}

/// Why a replay is not possible.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReplayError {
    /// The history has no check of the site.
    #[error("no check of {site} is in this history; it knows {known}")]
    UnknownSite {
        /// The site.
        site: SiteId,
        /// The sites that it has.
        known: String,
    },
}

/// How many known sites an error names at most.
const MOST_NAMED: usize = 5;

/// What a site adds around its comments, with the change.
struct AsChanged {
    cutoffs: CutoffChange,
    lists: Lists,
}

/// The same around one comment. No campaign is asked, because campaigns are known only while they
/// last.
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
    /// Whether a replay of a site needs this line: the checks and lists of the site, and the labels
    /// of all sites, because shared labels apply to its checks too.
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

    /// Judges the checks of a site again, in the order in which they were made.
    ///
    /// # Errors
    ///
    /// The history has no check of the site.
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

    /// Cutoffs and lists of a site with the change.
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

    /// The assessment that a check would have got.
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
