//! The verbs: admit a key, check a comment, label it, export and import what is known. Every door calls these and nothing deeper.
//!
//! A check answers from memory; its record is written behind. A label is on disk and in the counts before its sender is thanked: one thread gathers
//! labels, writes them together, folds them in order, then answers.

mod audit;
mod bulk;
mod callback;
mod campaigns;
mod clock_guard;
mod corrections;
mod deliveries;
mod drift;
mod evidence;
mod figures;
mod forget;
mod health;
mod history;
mod keys;
mod labels;
mod learnt;
mod lists;
mod matching;
mod models;
mod off_the_loop;
mod opinion;
mod owners;
mod past;
mod pulse;
mod queue;
mod replay;
mod retention;
mod retrain;
mod retry;
mod room;
mod rules;
mod shadow;
mod site_export;
mod standing;
mod undo;
mod usage;
mod writer;

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{SyncSender, TrySendError};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::thread::JoinHandle;
use std::time::Duration;

use rand::Rng;
use tokio::sync::{mpsc, oneshot};

use campaigns::Plainer;
use opinion::Opinion;

use crate::campaigns::{Campaigns, Counting, Sketch};
use crate::comment::{Comment, MAX_FIELD_BYTES, Recheck, SiteId, cut};
use crate::features::Features;
use crate::filter::Alone;
use crate::learn::online::{Online, SITE_LAYERS_BYTES};
use crate::learn::rulings::Rulings;
use crate::model::Model;
use crate::model::registry::ModelRegistry;
use crate::store::{CheckedOn, LedgerEntry, Record, Seq, Store, whole};
use crate::text;
use crate::verdict::{Assessment, BaseScore, Category, Label, Verdict};

pub use crate::campaigns::Outlook;
pub use crate::learn::drift::{Against, Drift, Grade, Limits};
pub use crate::learn::estimate::{Audited, Estimate, Interval};
pub use crate::learn::online::{Effect, SiteLabels};
pub use crate::lists::{Entry, Kind, List};
pub use crate::model::registry::Promotion;
pub use crate::policy::{BadSetting, SITE_SETTINGS, SiteSettings};
pub use crate::store::{
    BadMonth, Changed, Correction, Day, Key, Millis, Month, Selection, StoreError, Usage, Why,
};
pub use audit::AuditPolicy;
pub use bulk::{CutOff, ExportLine, ImportError, Imported};
pub use callback::{Reach, Unreachable, may_be_called};
pub use clock_guard::ClockGuard;
pub use corrections::{Corrected, CorrectionFigures, CorrectionPolicy};
pub use deliveries::{Delivery, Outcome};
pub use drift::DriftLine;
pub use evidence::{EvidenceAdded, EvidenceError, EvidenceLine, Unreadable};
pub use figures::{EstimateLine, Figure, FigureLine, FiguresAsked, Happened};
pub use forget::{ForgetError, Forgetting, Forgotten, Labelled, Listed, MOST_NAMES, Person};
pub use health::Health;
pub use history::{PastLabel, Taken};
pub use keys::{KeyError, NewKey, SiteLine};
pub use labels::{LabelLine, Where};
pub use learnt::SiteStanding;
pub use lists::{ListError, Listing, MOST_ENTRIES, NewEntry, moment};
pub use models::{Candidate, PromoteError};
pub use owners::GiveError;
pub use past::{Fresh, FreshLabel, Past, ReadFrom};
pub use pulse::Watch;
pub use queue::{Cursor, Order, QueueAsked, QueuePage, Queued, Showing};
pub use replay::{Change, Counted, CutoffChange, Flip, Hears, ReplayError, Replayed};
pub use retention::{Retention, Swept};
pub use retrain::{RetrainFailure, Retrained};
pub use rules::SiteError;
pub use shadow::{Difference, Part, ShadowCounts, ShadowError, ShadowReport, VerdictPair};
pub use standing::{Alert, MOST_SITES as MOST_SITES_OF_KEY, Service, Standing};
pub use undo::{UndoError, Undone, Vouch};
pub use usage::{Period, Span};

/// How time is told; handed in so that tests need not wait.
pub type Clock = fn() -> Millis;

/// Everything behind the doors of one server.
#[derive(Debug)]
pub struct Moderation {
    store: Arc<Store>,
    online: Arc<Online>,
    accounts: RwLock<standing::Accounts>,
    /// Held by whoever makes or changes a key.
    changing_keys: Mutex<()>,
    owners: RwLock<HashMap<SiteId, String>>,
    /// How often owners changed: who keeps layers of its own folds them again.
    owners_noted: AtomicU64,
    campaigns: Option<Mutex<Campaigns>>,
    most_sites: u32,
    recent: Mutex<matching::Recent>,
    /// Memory for records that wait to be written.
    room_for_records: room::Room,
    corrections: corrections::Corrections,
    retention: Retention,
    /// Held by whoever takes words away.
    changing_words: Mutex<()>,
    rules: rules::Rules,
    shelf: Option<ModelRegistry>,
    promoting: tokio::sync::Mutex<()>,
    retraining: tokio::sync::Mutex<()>,
    shadow: shadow::Shadow,
    audits: audit::Audits,
    watched: Mutex<drift::Watched>,
    clock: Clock,
    health: Arc<Health>,
    labels: RwLock<Option<mpsc::Sender<writer::Job>>>,
    records: RwLock<Option<SyncSender<writer::RecordJob>>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

/// A key that was found good.
#[derive(Debug, Clone)]
pub struct Admitted {
    /// What the operator calls the key.
    pub key_name: String,
    /// What the key is called wherever it is counted or written down; tells nothing of its secret.
    pub key_id: String,
}

/// Why a key does not admit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// None came with the request.
    #[error("no API key came with the request")]
    NoKey,
    /// Nobody here has it.
    #[error("this API key is not known here")]
    Unknown,
    /// Its operator took it back.
    #[error("this API key was revoked")]
    Revoked,
    /// Its operator stopped serving it for a while.
    #[error("this API key is suspended")]
    Suspended,
    /// The owner of the key took it from this site.
    #[error("this API key does not serve this site any more")]
    SiteRevoked,
}

/// Whether a check or label is for real.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trial {
    /// It counts.
    Real,
    /// Nothing is recorded, counted or learnt.
    Test,
}

/// A judged comment and the id of the check.
#[derive(Debug, Clone)]
pub struct Checked {
    /// Unique id, 32 lower-case hex digits.
    pub guid: String,
    /// The judgement.
    pub assessment: Assessment,
    /// What is thought with labels, and by the model alone; both before campaigns and lists.
    pub by_labels: (Verdict, Verdict),
    /// Labels counted for this site and for all sites.
    pub labels: SiteLabels,
    /// Whether more may be known of an unsure comment in some minutes: it is near a cutoff, or others like it are coming in.
    pub outlook: Outlook,
}

/// What somebody says about a comment.
#[derive(Debug, Clone)]
pub struct Report {
    /// The check it answers, where the client knows it.
    pub guid: Option<String>,
    /// The site.
    pub site: SiteId,
    /// The comment as the client sends it back.
    pub comment: Comment,
    /// The label.
    pub label: Label,
    /// Who says so.
    pub reporter: Option<String>,
    /// What kind of spam they call it.
    pub kind: Option<Category>,
    /// Whether the queue asked for it, as an audit, and they did not know the verdict.
    pub answers_audit: bool,
}

/// Why a label was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LabelError {
    /// It could not be made durable.
    #[error("the label is not stored, please send it again later: {0}")]
    NotStored(String),
    /// The disk is slower than a sender waits.
    #[error(
        "the store has not answered for {} s: it is not known whether the label is stored, please send it again (said twice, it counts once)",
        LABEL_PATIENCE.as_secs()
    )]
    Slow,
    /// The server is going down.
    #[error("the label is not stored, the server is shutting down; please send it again")]
    ShuttingDown,
    /// A guid without a comment that nobody knows.
    #[error("there is no check {0} here")]
    UnknownCheck(String),
    /// It answers no check and says nothing of a comment.
    #[error(
        "the report says nothing of a comment: it has neither text nor author, and answers no check of this site"
    )]
    Empty,
    /// The operator gave it to another key.
    #[error(
        "the site {0} belongs to another key; its labels are not yours to say (the operator can hand it over: phin sites give)"
    )]
    NotYours(SiteId),
    /// The key names more sites than it may.
    #[error(
        "the report is not applied: this key names more sites than its operator allows, and {0} is beyond them (max_sites_per_key, or phin sites give)"
    )]
    TooManySites(SiteId),
}

/// A label about to be written, and what is done with it afterwards.
struct NewLabel {
    entry: LedgerEntry,
    /// The check it answers.
    record: Option<Record>,
    features: Features,
    sketch: Sketch,
}

/// How long a sender waits for a label to be on disk; clients give up after 10 to 30 seconds.
const LABEL_PATIENCE: Duration = Duration::from_secs(15);
/// Labels waiting to be written; beyond that senders wait.
const LABEL_QUEUE: usize = 4_096;
/// Records waiting to be written; beyond that they are dropped and counted, for a check must not wait for the disk.
const RECORD_QUEUE: usize = 16_384;
/// Memory for them.
const RECORD_BYTES: u32 = 64 << 20;

impl Moderation {
    /// Folds the whole ledger into the layers and starts the writers. `progress` hears the number of labels folded.
    pub fn open(
        model: Model,
        store: Store,
        clock: Clock,
        progress: impl Fn(u64),
    ) -> Result<Self, StoreError> {
        let store = Arc::new(store);
        let owners = store.owners().collect::<Result<HashMap<_, _>, _>>()?;
        let rulings = Rulings::of(&store.rulings()?).with_owners(owners.clone());
        let online = Arc::new(Online::new(
            Arc::<Store>::clone(&store),
            Arc::new(model),
            rulings,
            SITE_LAYERS_BYTES,
        ));
        let mut last_at = Millis::MIN;
        let last_seq = fold_ledger(&store, &online, |entry| {
            last_at = last_at.max(entry.at);
            progress(entry.seq);
        })?;
        let last_seq = last_seq.max(store.last_seq()?);
        let rules = rules::Rules::load(&store)?;
        let retention = Retention::of(&store)?;
        let accounts = standing::Accounts::read(&store, Month::at(clock()))?;
        let health = Arc::new(Health::default());
        health.say_what_was_mended(store.recovery());
        let (labels, label_jobs) = mpsc::channel(LABEL_QUEUE);
        let (records, record_jobs) = std::sync::mpsc::sync_channel(RECORD_QUEUE);
        let threads = vec![
            writer::LabelWriter::new(
                last_seq,
                last_at,
                Arc::clone(&store),
                Arc::clone(&online),
                Arc::clone(&health),
            )
            .spawn(label_jobs),
            writer::spawn_records(record_jobs, Arc::clone(&store), Arc::clone(&health)),
        ];
        Ok(Self {
            store,
            online,
            accounts: RwLock::new(accounts),
            changing_keys: Mutex::default(),
            owners: RwLock::new(owners),
            owners_noted: AtomicU64::default(),
            most_sites: standing::MOST_SITES,
            recent: Mutex::default(),
            room_for_records: room::Room::of(RECORD_BYTES),
            campaigns: campaigns::memory(crate::campaigns::DEFAULT_BYTES, Default::default()),
            corrections: corrections::Corrections::default(),
            retention,
            changing_words: Mutex::default(),
            rules,
            shelf: None,
            promoting: tokio::sync::Mutex::default(),
            retraining: tokio::sync::Mutex::default(),
            shadow: shadow::Shadow::default(),
            audits: audit::Audits::default(),
            watched: Mutex::default(),
            clock,
            health,
            labels: RwLock::new(Some(labels)),
            records: RwLock::new(Some(records)),
            threads: Mutex::new(threads),
        })
    }

    /// Checks a comment, for the first time or again.
    pub fn check(
        &self,
        admitted: &Admitted,
        site: &SiteId,
        mut comment: Comment,
        trial: Trial,
        recheck: Option<Recheck>,
    ) -> Checked {
        // Before it is judged, so that a label teaches what was.
        comment.cut(text::MAX_TEXT_BYTES);
        let guid = new_guid();
        let realm = self.online.realm(site, &admitted.key_name);
        let counting = campaigns::counting(trial, recheck);
        let Opinion {
            assessment,
            alone,
            with_labels,
            model,
            features,
            cutoffs,
            outlook,
            plainer,
        } = self.opinion(&realm, &comment, &guid, counting);
        if plainer == Plainer::Now {
            self.corrections.stir(&features);
        }
        // Once a check at most: for a comment that no label touches only its portrait wants to know.
        let seen =
            (trial == Trial::Real || alone != Alone::Same).then(|| alone.ask(&model, &features));
        let without = match seen {
            Some(seen) if alone != Alone::Same => cutoffs.judge(seen.log_odds),
            _ => with_labels,
        };
        if let Some(seen) = seen
            && trial == Trial::Real
        {
            let may_name = self.may_name(site, admitted);
            let callback = self.corrections.callback_of(&mut comment, site);
            let at = (self.clock)();
            self.count(&admitted.key_id, at);
            if !may_name {
                return Checked {
                    guid,
                    assessment,
                    by_labels: (with_labels, without),
                    labels: self.online.labels(&realm),
                    outlook,
                };
            }
            let record = Record {
                guid: guid.clone(),
                at,
                site: site.clone(),
                comment,
                assessment: assessment.clone(),
                key: admitted.key_id.clone(),
                callback,
                traces: None,
            };
            self.corrections.note_check(&record, &features, &cutoffs);
            self.shadow.offer(&record, &realm);
            // A recheck is of a comment that was counted.
            let changed = (counting == Counting::Noted).then(|| Changed::of(with_labels, without));
            self.remember(
                record,
                &features,
                admitted.key_id.clone(),
                seen,
                changed,
                self.may_label(site, admitted).is_ok(),
            );
        }
        Checked {
            guid,
            assessment,
            by_labels: (with_labels, without),
            labels: self.online.labels(&realm),
            outlook,
        }
    }

    /// Whoever writes checks down, until the server stops.
    fn record_writer(&self) -> Option<SyncSender<writer::RecordJob>> {
        let records = self.records.read().unwrap_or_else(PoisonError::into_inner);
        records.clone()
    }

    fn remember(
        &self,
        record: Record,
        features: &Features,
        key: String,
        seen: BaseScore,
        changed: Option<Changed>,
        is_of_site: bool,
    ) {
        let waiting = match is_of_site {
            true => self.audits.consider(&record),
            false => None,
        };
        let share = self.room_for_records.take(room::bytes_of(&record));
        let job = |share| {
            writer::RecordJob::Keep(Box::new(writer::Kept {
                record: self.as_kept(record.clone(), features),
                key,
                waiting,
                seen,
                changed,
                is_of_site,
                _share: share,
            }))
        };
        if let Some(sender) = self.record_writer() {
            let is_kept = share.is_some_and(|share| {
                let sent = sender.try_send(job(share));
                !matches!(
                    sent,
                    Err(TrySendError::Full(_) | TrySendError::Disconnected(_))
                )
            });
            if !is_kept {
                self.health.records_dropped.fetch_add(1, Ordering::Relaxed);
            }
        }
        self.recent
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(record);
    }

    /// Takes a label: durable and known to the next check when this returns. What is not taken is said in the log too, for most clients show nobody why.
    ///
    /// # Errors
    ///
    /// It is not this key's to say, says nothing, or is not on disk in time.
    pub async fn label(
        self: &Arc<Self>,
        admitted: &Admitted,
        report: Report,
    ) -> Result<Effect, LabelError> {
        let taken = self.take_label(admitted, report).await;
        taken.inspect_err(|why| {
            tracing::warn!(key = ?admitted.key_name, %why, "a report is not applied");
        })
    }

    async fn take_label(
        self: &Arc<Self>,
        admitted: &Admitted,
        report: Report,
    ) -> Result<Effect, LabelError> {
        self.may_label(&report.site, admitted)?;
        if !self.may_name(&report.site, admitted) {
            return Err(LabelError::TooManySites(report.site));
        }
        let realm = self.online.realm(&report.site, &admitted.key_name);
        let (moderation, by) = (Arc::clone(self), admitted.clone());
        // It looks for the check that was answered: the disk may be slow.
        let made = tokio::task::spawn_blocking(move || moderation.entry_of(&by, report));
        let made = made
            .await
            .map_err(|e| LabelError::NotStored(e.to_string()))??;
        let Some(made) = made else {
            return Ok(Effect::Known);
        };
        let NewLabel {
            entry,
            record,
            features,
            sketch,
        } = made;
        let id = entry.comment;
        let (reply, answer) = oneshot::channel();
        let key = admitted.key_id.clone();
        self.send(writer::Job::Label(entry, key, reply)).await?;
        let effect = tokio::time::timeout(LABEL_PATIENCE, answer).await;
        let effect = effect.map_err(|_| LabelError::Slow)?;
        let effect = effect.map_err(|_| LabelError::ShuttingDown)??;
        self.tell_campaign(&sketch, &realm, id);
        if let Some(record) = &record {
            self.leave_to_people(record);
        }
        if matches!(effect, Effect::Learnt | Effect::Turned | Effect::TakenBack) {
            self.corrections.stir(&features);
        }
        Ok(effect)
    }

    /// What a report says, as the ledger takes it; `None` if it only repeats what we told its site.
    fn entry_of(
        &self,
        admitted: &Admitted,
        report: Report,
    ) -> Result<Option<NewLabel>, LabelError> {
        let realm = self.online.realm(&report.site, &admitted.key_name);
        let mut comment = report.comment;
        comment.cut(crate::text::MAX_TEXT_BYTES);
        let record = self
            .record_for(report.guid.as_deref(), admitted, &realm, &comment)
            .map_err(|e| LabelError::NotStored(e.to_string()))?;
        // Nobody is thanked for nothing: an empty comment would teach that whoever uses this browser sends spam.
        if record.is_none() && says_nothing(&comment) {
            return Err(report
                .guid
                .map_or(LabelError::Empty, LabelError::UnknownCheck));
        }
        if let Some(record) = &record
            && report.reporter.is_none()
            && self.is_echo(&record.guid, report.label)
        {
            return Ok(None);
        }
        let audited = report.guid.as_deref().filter(|_| report.answers_audit);
        let answers_audit = match &record {
            Some(record) => self.answers_audit(record, audited),
            None => Ok(false),
        };
        let answers_audit = answers_audit.map_err(|e| LabelError::NotStored(e.to_string()))?;
        let machine = record.as_ref().and_then(|r| r.assessment.verdict.side());
        let at = record.as_ref().map_or_else(self.clock, |record| record.at);
        // The check knew more than most reports repeat: learn what was judged. Of one whose words are gone, the hashes are left to teach it.
        let (comment, traces) = match &record {
            Some(record) => (&record.comment, record.traces.as_deref()),
            None => (&comment, None),
        };
        let reading = text::read(&comment.text);
        let sketch = campaigns::sketch(&realm, comment, &reading);
        let (features, traces) = match traces {
            Some(traces) => (Features::of_ids(&traces.features), traces.clone()),
            None => {
                let features = self.read(comment, &reading);
                let traces = retention::traces(&report.site, comment, &features);
                (features, traces)
            }
        };
        let shares = self
            .online
            .model()
            .deal(&traces.features, &traces.outline, report.label);
        let entry = LedgerEntry {
            seq: 0,
            event: rand::rng().random(),
            at: (self.clock)(),
            comment: traces.comment,
            site: report.site,
            label: report.label,
            machine,
            reporter: report.reporter.map(|mut reporter| {
                cut(&mut reporter, MAX_FIELD_BYTES);
                reporter
            }),
            key_name: admitted.key_name.clone(),
            kind: report.kind,
            checked: Some(CheckedOn {
                at,
                lang: traces.outline.language.code().to_owned(),
                answers_audit,
            }),
            sketch: traces.sketch,
            features: traces.features,
            features_version: traces.features_version,
            outline: traces.outline,
            shares,
        };
        Ok(Some(NewLabel {
            entry,
            record,
            features,
            sketch,
        }))
    }

    async fn send(&self, job: writer::Job) -> Result<(), LabelError> {
        let sender = self
            .labels
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let sender = sender.ok_or(LabelError::ShuttingDown)?;
        let sent = tokio::time::timeout(LABEL_PATIENCE, sender.send(job)).await;
        let sent = sent.map_err(|_| LabelError::NotStored("the store does not answer".into()))?;
        sent.map_err(|_| LabelError::ShuttingDown)
    }

    /// Id of the live model.
    pub fn model_id(&self) -> String {
        self.online.model().card.id.clone()
    }

    /// Health of the store behind the doors.
    pub fn health(&self) -> &Health {
        &self.health
    }

    /// Drains the queues and brings everything to disk. Checks still work afterwards; labels are refused.
    pub fn close(&self) -> Result<(), StoreError> {
        self.corrections.close();
        self.shadow.end();
        self.labels
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        self.records
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        let threads =
            std::mem::take(&mut *self.threads.lock().unwrap_or_else(PoisonError::into_inner));
        for thread in threads {
            if thread.join().is_err() {
                tracing::error!(
                    "a writer had stopped early; its last labels were not acknowledged"
                );
            }
        }
        self.store.sync()
    }
}

/// Folds all labels on disk into layers; tells each, returns the place of the last. A damaged one is passed over, and said.
fn fold_ledger(
    store: &Store,
    online: &Online,
    mut tell: impl FnMut(&LedgerEntry),
) -> Result<Seq, StoreError> {
    let mut last_seq = 0;
    for entry in store.ledger(0).filter_map(whole) {
        let entry = entry?;
        last_seq = entry.seq;
        online.fold(&entry);
        tell(&entry);
    }
    Ok(last_seq)
}

/// Whether a report tells nothing that could be learnt.
fn says_nothing(comment: &Comment) -> bool {
    let author = &comment.author;
    comment.text.trim().is_empty()
        && [&author.name, &author.email, &author.url]
            .iter()
            .all(|field| field.as_deref().is_none_or(|f| f.trim().is_empty()))
}

/// A fresh id for a check; also for one that is answered without being made.
pub fn new_guid() -> String {
    format!("{:032x}", rand::rng().random::<u128>())
}
