//! A history in memory: the lines of an export in; labels that a model was not taught, and layers
//! as the server would have computed them, out. Keys, usage and corrections of the export are
//! skipped. Never opens a file or changes anything.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use crate::comment::{Comment, CommentId, SiteId};
use crate::features::{FEATURES_VERSION, Features};
use crate::learn::online::operator_events::OperatorEvents;
use crate::learn::online::{Now, Online, RecordedLabels, SITE_LAYERS_BYTES};
use crate::learn::train::from_ledger::{self, Foreign, Taking, TrainingSet};
use crate::lists::Entry;
use crate::lists::evidence::Evidence;
use crate::model::Model;
use crate::moderation::transfer::line::ExportLine;
use crate::policy::SiteSettings;
use crate::store::{LedgerEntry, Record, Ruling, Seq};
use crate::verdict::Label;

/// What an export holds of checks and labels.
#[derive(Debug, Default)]
pub struct Past {
    pub(crate) records: Vec<Record>,
    pub(crate) ledger: Arc<Ledger>,
    rulings: Vec<Ruling>,
    owners: HashMap<SiteId, String>,
    pub(crate) lists: Vec<Entry>,
    pub(crate) evidence: Evidence,
    pub(crate) settings: HashMap<SiteId, SiteSettings>,
}

/// Labels by their place.
#[derive(Debug, Default)]
pub(crate) struct Ledger(BTreeMap<Seq, LedgerEntry>);

impl RecordedLabels for Ledger {
    fn label_at(&self, seq: Seq) -> Option<LedgerEntry> {
        self.0.get(&seq).cloned()
    }
}

impl Ledger {
    pub(crate) fn entries(&self) -> impl Iterator<Item = &LedgerEntry> {
        self.0.values()
    }
}

/// A label that neither of two models was trained on, and the features of its comment.
#[derive(Debug, Clone)]
pub struct FreshLabel {
    /// The site on which it was given.
    pub site: SiteId,
    /// Ham or spam.
    pub label: Label,
    /// The features of its comment.
    pub features: Features,
    /// Where the features come from.
    pub read_from: ReadFrom,
}

/// Where the features of a label come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReadFrom {
    /// The comment itself, whose text is still kept with its check.
    Text,
    /// The buckets in the ledger. They know no language and no parts of a long text.
    Buckets,
}

/// The labels that can judge two models.
#[derive(Debug, Default)]
pub struct Fresh {
    /// The labels, in the order of the ledger.
    pub labels: Vec<FreshLabel>,
    /// Labels that count on their own site alone. They judge no model for all sites, because one
    /// key could then choose it.
    pub unheard: usize,
    /// Labels whose comment is removed and whose buckets another version of the feature code made.
    pub unreadable: usize,
}

impl Past {
    /// Reads the lines of an export. Of two labels with the same place the last one counts.
    pub fn of(lines: impl IntoIterator<Item = ExportLine>) -> Self {
        let mut past = Self::default();
        let mut ledger = BTreeMap::new();
        for line in lines {
            match line {
                ExportLine::Check(record) => past.records.push(*record),
                ExportLine::Label(entry) => drop(ledger.insert(entry.seq, entry)),
                ExportLine::Ruling(ruling) => past.rulings.push(ruling),
                ExportLine::List(entry) => past.lists.push(entry),
                ExportLine::Evidence(list) => past.evidence.insert(&list),
                ExportLine::Site { site, settings } => {
                    past.settings.insert(site, settings);
                }
                ExportLine::Owner { site, key_name } => {
                    past.owners.insert(site, key_name);
                }
                ExportLine::Key(_)
                | ExportLine::Note(_)
                | ExportLine::Usage { .. }
                | ExportLine::Figure { .. }
                | ExportLine::Waiting(_)
                | ExportLine::Portrait { .. }
                | ExportLine::Changed { .. }
                | ExportLine::Correction(_)
                | ExportLine::End => {}
            }
        }
        past.ledger = Arc::new(Ledger(ledger));
        past.records
            .sort_by(|a, b| (a.at, &a.guid).cmp(&(b.at, &b.guid)));
        past
    }

    /// The operator events and owners that apply if several keys have labels.
    fn holding(&self) -> OperatorEvents {
        OperatorEvents::of(&self.rulings).with_owners(self.owners.clone())
    }

    /// Layers over this model that have no labels yet. All labels of a site count on it, whichever
    /// key gave them.
    pub(crate) fn layers(&self, model: Arc<Model>) -> Online {
        let told: Arc<dyn RecordedLabels> = Arc::clone(&self.ledger) as Arc<dyn RecordedLabels>;
        Online::new(
            told,
            model,
            OperatorEvents::of(&self.rulings),
            SITE_LAYERS_BYTES,
        )
    }

    /// The last label of every comment, without labels that were undone.
    pub(crate) fn last_labels(&self) -> HashMap<(&SiteId, CommentId), &LedgerEntry> {
        let rulings = OperatorEvents::of(&self.rulings);
        let said = self.ledger.entries().filter(|e| !rulings.strike(e.event));
        said.map(|entry| ((&entry.site, entry.comment), entry))
            .collect()
    }

    /// Comments whose text is still kept.
    fn kept(&self) -> HashMap<(&SiteId, CommentId), &Comment> {
        let kept = self.records.iter().filter(|record| is_kept(record));
        kept.map(|record| {
            let id = CommentId::of(&record.site, &record.comment);
            ((&record.site, id), &record.comment)
        })
        .collect()
    }

    /// The training set from its labels, without the newest share `held_back` (0 to 1) of them:
    /// with those the gate judges the new model.
    ///
    /// # Errors
    ///
    /// Labels are of a foreign ledger.
    pub fn lessons(&self, held_back: f64, taking: Taking) -> Result<TrainingSet, Foreign> {
        let kept = self.kept();
        let labels = self.ledger.0.len();
        let learnt = labels - (labels as f64 * held_back).round() as usize;
        let entries = self.ledger.entries().take(learnt).cloned();
        let text_of = |site: &SiteId, id| kept.get(&(site, id)).map(|comment| (*comment).clone());
        let mut lessons =
            from_ledger::gather(entries, &self.rulings, self.owners.clone(), text_of, taking)?;
        // Operator events have places too, and the last one may lie behind the labels held back. So
        // the place of the last label that teaches is taken.
        lessons.last_seq = self
            .ledger
            .0
            .keys()
            .nth(learnt.wrapping_sub(1))
            .copied()
            .unwrap_or(0);
        Ok(lessons)
    }

    /// The labels after a place of the ledger that count. Their features are read from the comment
    /// if its text is kept, else from the buckets in the ledger.
    pub fn fresh(&self, after: Seq) -> Fresh {
        let told: Arc<dyn RecordedLabels> = Arc::clone(&self.ledger) as Arc<dyn RecordedLabels>;
        let cold = Arc::new(Model::cold());
        let layers = Online::new(told, cold, self.holding(), SITE_LAYERS_BYTES);
        for entry in self.ledger.entries() {
            layers.fold(entry);
        }
        let kept = self.kept();
        let holding = self.holding();
        let said = self.ledger.entries().filter(|e| !holding.strike(e.event));
        // One label of each comment for each realm.
        let last = said.map(|entry| ((holding.realm_of(entry), entry.comment), entry));
        let last: HashMap<_, &LedgerEntry> = last.collect();
        let mut last: Vec<&LedgerEntry> = last.into_values().collect();
        last.retain(|entry| entry.seq > after);
        last.sort_unstable_by_key(|entry| entry.seq);
        let mut fresh = Fresh::default();
        for entry in last {
            if matches!(layers.now(entry), Now::Counted(place) if !place.is_for_all_sites()) {
                fresh.unheard += 1;
                continue;
            }
            let (features, read_from) = match kept.get(&(&entry.site, entry.comment)) {
                Some(comment) => (read_again(comment, entry), ReadFrom::Text),
                None if entry.features_version == FEATURES_VERSION => {
                    (Features::of_ids(&entry.features), ReadFrom::Buckets)
                }
                None => {
                    fresh.unreadable += 1;
                    continue;
                }
            };
            fresh.labels.push(FreshLabel {
                site: entry.site.clone(),
                label: entry.label,
                features,
                read_from,
            });
        }
        fresh
    }
}

/// The features of a labelled comment: those of its text, and the evidence lists that it matched
/// when it was labelled.
fn read_again(comment: &Comment, entry: &LedgerEntry) -> Features {
    let mut features = Features::of(comment);
    if entry.features_version == FEATURES_VERSION {
        features.keep_listed(&entry.features);
    }
    features
}

/// Whether the text of a check is still kept, so that it can be judged again.
pub(crate) fn is_kept(record: &Record) -> bool {
    !record.comment.text.is_empty()
}
