//! The lines of an export in, new rows in the store out. Never takes a line twice, and never
//! changes what is known already.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::features::{FEATURE_BITS, FEATURES_VERSION};
use crate::lists::Entry;
use crate::moderation::accounts::keys;
use crate::moderation::judging::evidence;
use crate::moderation::ledger::Novelty;
use crate::moderation::transfer::error::ImportError;
use crate::moderation::transfer::line::{AnyKey, ExportLine};
use crate::moderation::transfer::state::Transfer;
use crate::store::{Correction, LedgerEntry, Record, Ruling, Sums};

/// How much of an import was new.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Imported {
    /// New keys.
    pub keys: usize,
    /// New checks.
    pub checks: usize,
    /// How many of these checks lost their personal text, because it is older than the retention.
    #[serde(default)]
    pub wordless: usize,
    /// New labels.
    pub labels: usize,
    /// New operator events.
    #[serde(default)]
    pub rulings: usize,
    /// New labels that count only after the next retrain, because another version of the feature
    /// code made their features.
    #[serde(default)]
    pub unreadable: usize,
    /// New counts of usage.
    pub usage: usize,
    /// New counts of checks by verdict.
    #[serde(default)]
    pub figures: usize,
    /// New checks in the queue.
    #[serde(default)]
    pub waiting: usize,
    /// New score profiles.
    #[serde(default)]
    pub portraits: usize,
    /// New counts of changed verdicts.
    #[serde(default)]
    pub changed: usize,
    /// New corrections.
    #[serde(default)]
    pub corrections: usize,
    /// Corrections that were left out, because they are older than the retention.
    #[serde(default)]
    pub past_corrections: usize,
    /// New list entries.
    #[serde(default)]
    pub lists: usize,
    /// New evidence lists.
    #[serde(default)]
    pub evidence: usize,
    /// Sites with new settings.
    #[serde(default)]
    pub sites: usize,
    /// New notes about sites of keys.
    #[serde(default)]
    pub notes: usize,
    /// Lines that were known already.
    pub known: usize,
}

/// What is gathered from an export and written together, after all lines.
#[derive(Default)]
struct Gathered {
    /// The key's id here, by the id or secret that the export uses.
    ids: HashMap<String, String>,
    records: Vec<Record>,
    labels: Vec<LedgerEntry>,
    rulings: Vec<Ruling>,
    corrections: Vec<Correction>,
    entries: Vec<Entry>,
    has_owners: bool,
}

impl Transfer {
    /// Imports the lines of an export. What is known already stays as it is. A check older than the
    /// retention loses its personal text. A correction that old is left out, because it holds
    /// little else.
    ///
    /// # Errors
    ///
    /// A label is of a foreign ledger: then nothing was imported. Or the store fails: then what was
    /// imported until then stays, and the same export can be imported again.
    pub async fn import(&self, lines: Vec<ExportLine>) -> Result<Imported, ImportError> {
        self.refuse_foreign(&lines)?;
        let mut imported = Imported::default();
        let mut gathered = Gathered::default();
        for mut line in lines {
            name_by_id(&mut line, &gathered.ids);
            self.take_line(line, &mut gathered, &mut imported)?;
        }
        self.put_checks(&mut gathered, &mut imported)?;
        self.put_labels(gathered, &mut imported).await?;
        Ok(imported)
    }

    /// Imports one line. Some kinds are written at once, the others are gathered.
    fn take_line(
        &self,
        line: ExportLine,
        gathered: &mut Gathered,
        imported: &mut Imported,
    ) -> Result<(), ImportError> {
        let (store, judging) = (&self.context.store, &self.judging);
        // Whether the line is new, and the counter for it.
        let (is_new, counter) = match line {
            ExportLine::Key(key) => (self.take_key(key, &mut gathered.ids)?, &mut imported.keys),
            ExportLine::Check(record) => {
                if store.record(&record.guid)?.is_none() {
                    gathered.records.push(*record);
                    return Ok(());
                }
                (false, &mut imported.checks)
            }
            ExportLine::Label(entry) => {
                gathered.labels.push(entry);
                return Ok(());
            }
            ExportLine::Ruling(ruling) => {
                gathered.rulings.push(ruling);
                return Ok(());
            }
            ExportLine::Owner { site, key_name } => {
                if self.accounts.owner_of(&site).is_none() {
                    self.accounts.note_owner(&site, &key_name)?;
                    gathered.has_owners = true;
                    return Ok(());
                }
                (false, &mut imported.sites)
            }
            ExportLine::Correction(row) => {
                if store.correction(&row.guid)?.is_none() {
                    match self.privacy.keeps_from(row.at) {
                        true => gathered.corrections.push(*row),
                        false => imported.past_corrections += 1,
                    }
                    return Ok(());
                }
                (false, &mut imported.corrections)
            }
            ExportLine::List(entry) => {
                gathered.entries.push(entry);
                return Ok(());
            }
            ExportLine::Usage { of, counted } => (
                self.accounts.import_usage(&of, counted)?,
                &mut imported.usage,
            ),
            ExportLine::Figure { of, counted } => {
                (store.figures.put_new(&of, counted)?, &mut imported.figures)
            }
            ExportLine::Waiting(row) => (store.put_new_waiting(&row)?, &mut imported.waiting),
            ExportLine::Portrait { of, seen } => (
                store.portraits.put_new(&of, *seen)?,
                &mut imported.portraits,
            ),
            ExportLine::Changed { of, counted } => {
                (store.changed.put_new(&of, counted)?, &mut imported.changed)
            }
            ExportLine::Evidence(list) => {
                (judging.put_new_evidence(&list)?, &mut imported.evidence)
            }
            ExportLine::Site { site, settings } => {
                (judging.put_new_site(&site, settings)?, &mut imported.sites)
            }
            ExportLine::Note(note) => (store.put_new_site_note(&note)?, &mut imported.notes),
            ExportLine::End => return Ok(()),
        };
        if is_new {
            *counter += 1;
        } else {
            imported.known += 1;
        }
        Ok(())
    }

    /// Imports a key; returns whether it is new here.
    fn take_key(
        &self,
        key: AnyKey,
        ids: &mut HashMap<String, String>,
    ) -> Result<bool, ImportError> {
        let key = match key {
            AnyKey::Hashed(key) => key,
            AnyKey::InTheClear(key) => {
                let known = self.accounts.id_of_secret(&key.secret);
                let id = known.unwrap_or_else(keys::new_id);
                ids.insert(key.secret.clone(), id.clone());
                key.hashed(id)
            }
        };
        let id = key.id.clone();
        let known = self.accounts.import_key(key)?;
        let is_new = known.is_none();
        if let Some(known) = known {
            ids.insert(id, known);
        }
        Ok(is_new)
    }

    /// Writes list entries, checks and corrections; checks in the form that the retention allows
    /// now.
    fn put_checks(
        &self,
        gathered: &mut Gathered,
        imported: &mut Imported,
    ) -> Result<(), ImportError> {
        let entries = std::mem::take(&mut gathered.entries);
        let all = entries.len();
        imported.lists = self.judging.put_new_entries(entries)?;
        imported.known += all - imported.lists;
        let lists = self.judging.rules.evidence();
        let gone_through = gathered.records.drain(..).map(|record| {
            let had_words = record.traces.is_none();
            let features = evidence::features_of(&lists, &record.comment);
            let kept = self.privacy.as_kept(record, &features);
            imported.wordless += usize::from(had_words && kept.traces.is_some());
            kept
        });
        let records: Vec<Record> = gone_through.collect();
        self.context
            .store
            .put_records(&records, &[], &Sums::default())?;
        self.context.store.sync()?;
        self.accounts.reread_all()?;
        imported.checks = records.len();
        imported.corrections = gathered.corrections.len();
        self.corrections
            .enqueue(std::mem::take(&mut gathered.corrections))?;
        Ok(())
    }

    /// Writes labels and operator events, under the owners that came with them.
    async fn put_labels(
        &self,
        gathered: Gathered,
        imported: &mut Imported,
    ) -> Result<(), ImportError> {
        let Gathered {
            labels,
            rulings,
            has_owners,
            ..
        } = gathered;
        let all = labels.len() + rulings.len();
        imported.unreadable = labels
            .iter()
            .filter(|label| label.features_version != FEATURES_VERSION)
            .count();
        (imported.labels, imported.rulings) = self
            .context
            .ledger
            .import(labels, rulings, Novelty::Unknown)
            .await?;
        imported.known += all - imported.labels - imported.rulings;
        if has_owners {
            self.accounts.heed_owners().await?;
        }
        Ok(())
    }

    /// Refuses labels with features that cannot exist, because they would spoil the counts, and
    /// labels that contradict the known label with the same id.
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
        for known in self.context.store.ledger(0).filter_map(Result::ok) {
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

/// Replaces the key's name in a line by its id here. Lines of an earlier version name a key by its
/// secret, and a key made on both servers has two ids. Keys come before all other lines.
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

/// Whether two labels are the same label; their places may differ between ledgers.
fn is_same(one: &LedgerEntry, other: &LedgerEntry) -> bool {
    (one.at, &one.site, one.comment, one.label)
        == (other.at, &other.site, other.comment, other.label)
}
