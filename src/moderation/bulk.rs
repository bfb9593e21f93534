//! Everything known as JSON Lines, out and in again. Importing twice adds nothing; a damaged or foreign line is named and nothing of it is taken.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;

use super::{EvidenceError, GiveError, LabelError, ListError, Moderation, evidence, keys, writer};
use crate::comment::SiteId;
use crate::features::{FEATURE_BITS, FEATURES_VERSION};
use crate::lists::Entry;
use crate::lists::evidence::EvidenceList;
use crate::policy::SiteSettings;
use crate::store::{
    Changed, ChangedOf, Correction, FigureOf, Key, KeyInTheClear, LedgerEntry, Record, Ruling,
    ScoreProfileOf, SiteNote, StoreError, Sums, Usage, UsageOf, Verdicts, Waiting,
};
use crate::verdict::ScoreProfile;

/// A key as exports tell it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum AnyKey {
    /// As it is kept.
    Hashed(Key),
    /// As it was kept by an earlier version.
    InTheClear(KeyInTheClear),
}

/// One line of an export.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "lowercase")]
pub enum ExportLine {
    /// A key, with what its secret hashes to.
    Key(AnyKey),
    /// A checked comment.
    Check(Box<Record>),
    /// A label.
    Label(LedgerEntry),
    /// What the operator ruled about labels.
    Ruling(Ruling),
    /// Whose site a site is.
    Owner {
        /// The site.
        site: SiteId,
        /// Name of its keys.
        key_name: String,
    },
    /// What is noted of a site of a key.
    Note(SiteNote),
    /// What a key was used for on a site on a day.
    Usage {
        /// Whose usage, where and when.
        #[serde(flatten)]
        of: UsageOf,
        /// What was counted.
        #[serde(flatten)]
        counted: Usage,
    },
    /// Checks of a site on a day in a language, by verdict.
    Figure {
        /// Of which.
        #[serde(flatten)]
        of: FigureOf,
        /// What was counted.
        #[serde(flatten)]
        counted: Verdicts,
    },
    /// A check that waits for a person, or waited.
    Waiting(Waiting),
    /// What the checks of a day in a language looked like to a model, of all sites together.
    Portrait {
        /// Of which.
        #[serde(flatten)]
        of: ScoreProfileOf,
        /// What they looked like.
        seen: Box<ScoreProfile>,
    },
    /// What labels changed in the checks of a site on a day.
    Changed {
        /// Of which.
        #[serde(flatten)]
        of: ChangedOf,
        /// What was counted.
        #[serde(flatten)]
        counted: Changed,
    },
    /// A verdict that was turned after its site had heard it.
    Correction(Box<Correction>),
    /// An entry of a list.
    List(Entry),
    /// An evidence list of the operator.
    Evidence(EvidenceList),
    /// The settings of a site.
    Site {
        /// Which site.
        site: SiteId,
        /// What it wants.
        #[serde(flatten)]
        settings: SiteSettings,
    },
    /// The last line of all: a file without it was cut off.
    End,
}

/// What is done with an export that does not end as one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CutOff {
    /// Nothing of it is taken.
    #[default]
    Refuse,
    /// All whole lines are taken.
    TakeWhatIsThere,
}

/// What an import brought.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Imported {
    /// Keys not known before.
    pub keys: usize,
    /// Checks not known before.
    pub checks: usize,
    /// Of these checks, those whose words are older than they are kept and were left out.
    #[serde(default)]
    pub wordless: usize,
    /// Labels not known before.
    pub labels: usize,
    /// Rulings about labels not known before.
    #[serde(default)]
    pub rulings: usize,
    /// Labels not known before that count only at the next retrain: other code read their features.
    #[serde(default)]
    pub unreadable: usize,
    /// Counts of usage not known before.
    pub usage: usize,
    /// Counts of checks not known before.
    #[serde(default)]
    pub figures: usize,
    /// Checks in the queue not known before.
    #[serde(default)]
    pub waiting: usize,
    /// Days of checks, as they looked to a model, not known before.
    #[serde(default)]
    pub portraits: usize,
    /// Days of checks with what labels changed, not known before.
    #[serde(default)]
    pub changed: usize,
    /// Corrections not known before.
    #[serde(default)]
    pub corrections: usize,
    /// Corrections that are older than they are kept, and were left out.
    #[serde(default)]
    pub past_corrections: usize,
    /// Entries of lists not known before.
    #[serde(default)]
    pub lists: usize,
    /// Evidence lists whose names were not known before.
    #[serde(default)]
    pub evidence: usize,
    /// Sites whose settings were not known before.
    #[serde(default)]
    pub sites: usize,
    /// Notes about sites of keys not known before.
    #[serde(default)]
    pub notes: usize,
    /// Lines that were known.
    pub known: usize,
}

/// Why an import stopped.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// A line is not of an export.
    #[error("line {line} is not a line of an export: {why}; nothing was imported")]
    Line {
        /// Counted from 1.
        line: usize,
        /// What is wrong.
        why: String,
    },
    /// It lacks its last line.
    #[error(
        "the export was cut off: its last line is not {{\"what\":\"end\"}}; nothing was imported"
    )]
    CutOff,
    /// A label that cannot be one of a phin's, or not the one it says it is.
    #[error("label {at}, on {site}, is of a foreign ledger: {why}; nothing was imported")]
    Foreign {
        /// Its place in the ledger it came from.
        at: u64,
        /// Its site.
        site: SiteId,
        /// What is wrong.
        why: &'static str,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Labels could not be stored.
    #[error(transparent)]
    Label(#[from] LabelError),
    /// Sites have owners that could not be heeded.
    #[error(transparent)]
    Owner(#[from] GiveError),
    /// A list cannot take an entry.
    #[error(transparent)]
    List(#[from] ListError),
    /// An evidence list cannot be taken in.
    #[error(transparent)]
    Evidence(#[from] EvidenceError),
}

impl ExportLine {
    /// Reads all lines before anything is imported.
    pub fn parse_all(text: &str) -> Result<Vec<Self>, ImportError> {
        text.lines()
            .enumerate()
            .filter(|(_, line)| !line.trim().is_empty())
            .map(|(at, line)| {
                serde_json::from_str(line).map_err(|e| ImportError::Line {
                    line: at + 1,
                    why: e.to_string(),
                })
            })
            .collect()
    }

    /// Reads a whole export, which ends as such.
    pub fn parse_export(text: &str, cut_off: CutOff) -> Result<Vec<Self>, ImportError> {
        let text = match cut_off {
            CutOff::TakeWhatIsThere => Self::whole_lines(text),
            CutOff::Refuse => text,
        };
        let lines = Self::parse_all(text)?;
        match (cut_off, lines.last()) {
            (CutOff::TakeWhatIsThere, _) | (CutOff::Refuse, Some(Self::End)) => Ok(lines),
            (CutOff::Refuse, _) => Err(ImportError::CutOff),
        }
    }

    /// Without the last line, if that breaks off.
    fn whole_lines(text: &str) -> &str {
        let last = text.trim_end().rfind('\n').map_or(0, |at| at + 1);
        match serde_json::from_str::<Self>(&text[last..]) {
            Err(error) if error.is_eof() => &text[..last],
            _ => text,
        }
    }
}

impl Moderation {
    /// All keys, notes about their sites, checks, labels, counts of usage, corrections, entries of lists and settings of sites, one by one, and the end.
    pub fn export(
        &self,
    ) -> Result<impl Iterator<Item = Result<ExportLine, StoreError>> + Send + use<>, StoreError>
    {
        let keys = self.store.keys()?;
        self.store.sync()?;
        let notes = self
            .store
            .all_site_notes()
            .map(|note| note.map(ExportLine::Note));
        let usage = self
            .store
            .all_usage()
            .map(|row| row.map(|(of, counted)| ExportLine::Usage { of, counted }));
        let figures = self
            .store
            .figures
            .all()
            .map(|row| row.map(|(of, counted)| ExportLine::Figure { of, counted }));
        let waiting = self
            .store
            .all_waiting()
            .map(|row| row.map(ExportLine::Waiting));
        let portraits = self.store.portraits.all().map(|row| {
            row.map(|(of, seen)| ExportLine::Portrait {
                of,
                seen: Box::new(seen),
            })
        });
        let changed = self
            .store
            .changed
            .all()
            .map(|row| row.map(|(of, counted)| ExportLine::Changed { of, counted }));
        let records = self
            .store
            .records()
            .map(|record| record.map(|record| ExportLine::Check(Box::new(record))));
        let ledger = self
            .store
            .ledger(0)
            .map(|entry| entry.map(ExportLine::Label));
        let rulings = self.store.rulings()?;
        let rulings = rulings.into_iter().map(|r| Ok(ExportLine::Ruling(r)));
        let owners = self
            .store
            .owners()
            .map(|row| row.map(|(site, key_name)| ExportLine::Owner { site, key_name }));
        let corrections = self
            .store
            .corrections()
            .map(|row| row.map(|row| ExportLine::Correction(Box::new(row))));
        let lists = self
            .store
            .list_entries()
            .map(|entry| entry.map(ExportLine::List));
        let evidence = self
            .store
            .evidence_lists()
            .map(|list| list.map(ExportLine::Evidence));
        let sites = self
            .store
            .sites()
            .map(|site| site.map(|(site, settings)| ExportLine::Site { site, settings }));
        Ok(keys
            .into_iter()
            .map(|key| Ok(ExportLine::Key(AnyKey::Hashed(key))))
            .chain(notes)
            .chain(records)
            .chain(ledger)
            .chain(rulings)
            .chain(owners)
            .chain(usage)
            .chain(figures)
            .chain(waiting)
            .chain(portraits)
            .chain(changed)
            .chain(corrections)
            .chain(lists)
            .chain(evidence)
            .chain(sites)
            .chain(std::iter::once(Ok(ExportLine::End))))
    }

    /// Takes the lines of an export in; what is known already stays as it is, and what is older than it would be kept loses its words. A correction that is so
    /// old is nothing but words, and is left out.
    pub async fn import(&self, lines: Vec<ExportLine>) -> Result<Imported, ImportError> {
        self.refuse_foreign(&lines)?;
        let mut imported = Imported::default();
        let mut ids: HashMap<String, String> = HashMap::new();
        let mut has_owners = false;
        let (mut records, mut labels, mut rulings) = (Vec::new(), Vec::new(), Vec::new());
        let (mut corrections, mut entries) = (Vec::new(), Vec::new());
        for mut line in lines {
            name_by_id(&mut line, &ids);
            match line {
                ExportLine::Key(key) => {
                    let key = match key {
                        AnyKey::Hashed(key) => key,
                        AnyKey::InTheClear(key) => {
                            let known = self.id_of_secret(&key.secret);
                            let id = known.unwrap_or_else(keys::new_id);
                            ids.insert(key.secret.clone(), id.clone());
                            key.hashed(id)
                        }
                    };
                    let id = key.id.clone();
                    match self.import_key(key)? {
                        None => imported.keys += 1,
                        Some(known) => {
                            imported.known += 1;
                            ids.insert(id, known);
                        }
                    }
                }
                ExportLine::Check(record) if self.store.record(&record.guid)?.is_some() => {
                    imported.known += 1
                }
                ExportLine::Check(record) => records.push(record),
                ExportLine::Label(entry) => labels.push(entry),
                ExportLine::Ruling(ruling) => rulings.push(ruling),
                ExportLine::Owner { site, .. } if self.owner_of(&site).is_some() => {
                    imported.known += 1
                }
                ExportLine::Owner { site, key_name } => {
                    self.note_owner(&site, &key_name)?;
                    has_owners = true;
                }
                ExportLine::Usage { of, counted } if self.import_usage(&of, counted)? => {
                    imported.usage += 1
                }
                ExportLine::Figure { of, counted }
                    if self.store.figures.put_new(&of, counted)? =>
                {
                    imported.figures += 1
                }
                ExportLine::Waiting(row) if self.store.put_new_waiting(&row)? => {
                    imported.waiting += 1
                }
                ExportLine::Portrait { of, seen }
                    if self.store.portraits.put_new(&of, *seen)? =>
                {
                    imported.portraits += 1
                }
                ExportLine::Changed { of, counted }
                    if self.store.changed.put_new(&of, counted)? =>
                {
                    imported.changed += 1
                }
                ExportLine::Correction(row) if self.store.correction(&row.guid)?.is_some() => {
                    imported.known += 1
                }
                ExportLine::Correction(row) if !self.keeps_from(row.at) => {
                    imported.past_corrections += 1
                }
                ExportLine::Correction(row) => corrections.push(*row),
                ExportLine::List(entry) => entries.push(entry),
                ExportLine::Evidence(list) if self.put_new_evidence(&list)? => {
                    imported.evidence += 1
                }
                ExportLine::Site { site, settings } if self.put_new_site(&site, settings)? => {
                    imported.sites += 1
                }
                ExportLine::Note(note) if self.store.put_new_site_note(&note)? => {
                    imported.notes += 1
                }
                ExportLine::Usage { .. }
                | ExportLine::Figure { .. }
                | ExportLine::Waiting(_)
                | ExportLine::Portrait { .. }
                | ExportLine::Changed { .. }
                | ExportLine::Evidence(_)
                | ExportLine::Site { .. }
                | ExportLine::Note(_) => imported.known += 1,
                ExportLine::End => {}
            }
        }
        let all = entries.len();
        imported.lists = self.put_new_entries(entries)?;
        imported.known += all - imported.lists;
        let met = self.rules.evidence();
        let records: Vec<Box<Record>> = records
            .into_iter()
            .map(|record| {
                let had_words = record.traces.is_none();
                let features = evidence::features_of(&met, &record.comment);
                let kept = Box::new(self.as_kept(*record, &features));
                imported.wordless += usize::from(had_words && kept.traces.is_some());
                kept
            })
            .collect();
        self.store
            .put_records(records.iter().map(Box::as_ref), &[], &Sums::default())?;
        self.store.sync()?;
        self.reread_all()?;
        imported.checks = records.len();
        imported.corrections = corrections.len();
        self.enqueue(corrections)?;
        let all = labels.len() + rulings.len();
        imported.unreadable = labels
            .iter()
            .filter(|label| label.features_version != FEATURES_VERSION)
            .count();
        let (reply, answer) = oneshot::channel();
        self.send(writer::Job::Import(
            labels,
            rulings,
            writer::Novelty::Unknown,
            reply,
        ))
        .await?;
        (imported.labels, imported.rulings) =
            answer.await.map_err(|_| LabelError::ShuttingDown)??;
        imported.known += all - imported.labels - imported.rulings;
        if has_owners {
            self.heed_owners().await?;
        }
        Ok(imported)
    }

    /// A label whose features no phin lists would spoil the counts; one that contradicts what is known under its event is somebody else's.
    fn refuse_foreign(&self, lines: &[ExportLine]) -> Result<(), ImportError> {
        let mut coming: HashMap<u64, &LedgerEntry> = HashMap::new();
        for line in lines {
            let ExportLine::Label(label) = line else {
                continue;
            };
            let foreign = |why| ImportError::Foreign {
                at: label.seq,
                site: label.site.clone(),
                why,
            };
            if !label.features.is_sorted_by(|a, b| a < b) {
                return Err(foreign("its features are not in ascending order"));
            }
            if label.features_version == FEATURES_VERSION
                && label
                    .features
                    .last()
                    .is_some_and(|&id| id >> FEATURE_BITS > 0)
            {
                return Err(foreign("it has features that do not exist"));
            }
            match coming.get(&label.event) {
                Some(other) if !is_same(other, label) => {
                    return Err(foreign("another label of the import has its event"));
                }
                _ => coming.insert(label.event, label),
            };
        }
        for known in self.store.ledger(0).filter_map(Result::ok) {
            if let Some(label) = coming.get(&known.event)
                && !is_same(&known, label)
            {
                return Err(ImportError::Foreign {
                    at: label.seq,
                    site: label.site.clone(),
                    why: "another label is known here under its event",
                });
            }
        }
        Ok(())
    }
}

/// What the export calls a key, it is called here: lines of an earlier version name it by its secret, and of one made here and there the ids differ. Keys
/// come before all other lines.
fn name_by_id(line: &mut ExportLine, ids: &HashMap<String, String>) {
    let key = match line {
        ExportLine::Check(record) => &mut record.key,
        ExportLine::Note(note) => &mut note.key,
        ExportLine::Usage { of, .. } => &mut of.key,
        ExportLine::Correction(correction) => &mut correction.key,
        _ => return,
    };
    if let Some(id) = ids.get(key) {
        key.clone_from(id);
    }
}

/// Whether two labels are one saying; places differ between ledgers.
fn is_same(one: &LedgerEntry, other: &LedgerEntry) -> bool {
    (one.at, &one.site, one.comment, one.label)
        == (other.at, &other.site, other.comment, other.label)
}
