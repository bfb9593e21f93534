//! Everything known as JSON Lines, out and in again. Importing twice adds nothing; a damaged or foreign line is named and nothing of it is taken.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;

use super::{LabelError, ListError, Moderation, writer};
use crate::comment::SiteId;
use crate::lists::Entry;
use crate::policy::SiteSettings;
use crate::store::{Correction, Key, LedgerEntry, Record, StoreError, Usage, UsageOf};

/// One line of an export.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "lowercase")]
pub enum ExportLine {
    /// A key, with its secret.
    Key(Key),
    /// A checked comment.
    Check(Box<Record>),
    /// A label.
    Label(LedgerEntry),
    /// What a key was used for on a site in a month.
    Usage {
        /// Whose usage, where and when.
        #[serde(flatten)]
        of: UsageOf,
        /// What was counted.
        #[serde(flatten)]
        counted: Usage,
    },
    /// A verdict that was turned after its site had heard it.
    Correction(Box<Correction>),
    /// An entry of a list.
    List(Entry),
    /// The settings of a site.
    Site {
        /// Which site.
        site: SiteId,
        /// What it wants.
        #[serde(flatten)]
        settings: SiteSettings,
    },
}

/// What an import brought.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Imported {
    /// Keys not known before.
    pub keys: usize,
    /// Checks not known before.
    pub checks: usize,
    /// Labels not known before.
    pub labels: usize,
    /// Counts of usage not known before.
    pub usage: usize,
    /// Corrections not known before.
    #[serde(default)]
    pub corrections: usize,
    /// Entries of lists not known before.
    #[serde(default)]
    pub lists: usize,
    /// Sites whose settings were not known before.
    #[serde(default)]
    pub sites: usize,
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
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Labels could not be stored.
    #[error(transparent)]
    Label(#[from] LabelError),
    /// A list cannot take an entry.
    #[error(transparent)]
    List(#[from] ListError),
}

impl ExportLine {
    /// Reads all lines of an export before anything is imported.
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
}

impl Moderation {
    /// All keys, checks, labels, counts of usage, entries of lists and settings of sites, one by one.
    pub fn export(
        &self,
    ) -> Result<impl Iterator<Item = Result<ExportLine, StoreError>> + Send + use<>, StoreError>
    {
        let keys = self.store.keys()?;
        self.store.sync()?;
        let usage = self
            .store
            .all_usage()
            .map(|row| row.map(|(of, counted)| ExportLine::Usage { of, counted }));
        let records = self
            .store
            .records()
            .map(|record| record.map(|record| ExportLine::Check(Box::new(record))));
        let ledger = self
            .store
            .ledger(0)
            .map(|entry| entry.map(ExportLine::Label));
        let corrections = self
            .store
            .corrections()
            .map(|row| row.map(|row| ExportLine::Correction(Box::new(row))));
        let lists = self
            .store
            .list_entries()
            .map(|entry| entry.map(ExportLine::List));
        let sites = self
            .store
            .sites()
            .map(|site| site.map(|(site, settings)| ExportLine::Site { site, settings }));
        Ok(keys
            .into_iter()
            .map(|key| Ok(ExportLine::Key(key)))
            .chain(records)
            .chain(ledger)
            .chain(usage)
            .chain(corrections)
            .chain(lists)
            .chain(sites))
    }

    /// Takes the lines of an export in; what is known already stays as it is.
    pub async fn import(&self, lines: Vec<ExportLine>) -> Result<Imported, ImportError> {
        let mut imported = Imported::default();
        let known_keys = self.keys()?;
        let (mut records, mut labels) = (Vec::new(), Vec::new());
        let (mut corrections, mut entries) = (Vec::new(), Vec::new());
        for line in lines {
            match line {
                ExportLine::Key(key) if known_keys.iter().any(|k| k.secret == key.secret) => {
                    imported.known += 1
                }
                ExportLine::Key(key) => {
                    self.store_key(key)?;
                    imported.keys += 1;
                }
                ExportLine::Check(record) if self.store.record(&record.guid)?.is_some() => {
                    imported.known += 1
                }
                ExportLine::Check(record) => records.push(record),
                ExportLine::Label(entry) => labels.push(entry),
                ExportLine::Usage { of, counted } if self.store.put_new_usage(&of, counted)? => {
                    imported.usage += 1
                }
                ExportLine::Usage { .. } => imported.known += 1,
                ExportLine::Correction(row) if self.store.correction(&row.guid)?.is_some() => {
                    imported.known += 1
                }
                ExportLine::Correction(row) => corrections.push(*row),
                ExportLine::List(entry) => entries.push(entry),
                ExportLine::Site { site, settings } if self.put_new_site(&site, settings)? => {
                    imported.sites += 1
                }
                ExportLine::Site { .. } => imported.known += 1,
            }
        }
        let all = entries.len();
        imported.lists = self.put_new_entries(entries)?;
        imported.known += all - imported.lists;
        self.store
            .put_records(records.iter().map(Box::as_ref), &HashMap::new())?;
        self.store.sync()?;
        imported.checks = records.len();
        imported.corrections = corrections.len();
        self.enqueue(corrections)?;
        let all = labels.len();
        let (reply, answer) = oneshot::channel();
        self.send(writer::Job::Import(labels, reply)).await?;
        imported.labels = answer.await.map_err(|_| LabelError::ShuttingDown)??;
        imported.known += all - imported.labels;
        Ok(imported)
    }
}
