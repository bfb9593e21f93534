//! The verbs: admit a key, check a comment, label it, export and import what is known. Every door calls these and nothing deeper.
//!
//! A check answers from memory; its record is written behind. A label is on disk and in the counts before its sender is thanked: one thread gathers
//! labels, writes them together, folds them in order, then answers.

mod bulk;
mod callback;
mod campaigns;
mod corrections;
mod deliveries;
mod lists;
mod matching;
mod opinion;
mod retry;
mod rules;
mod usage;
mod writer;

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{SyncSender, TrySendError};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::thread::JoinHandle;

use rand::Rng;
use tokio::sync::{mpsc, oneshot};

use campaigns::Plainer;
use opinion::Opinion;

use crate::campaigns::{Campaigns, Sketch};
use crate::comment::{Comment, CommentId, Recheck, SiteId};
use crate::features::{FEATURES_VERSION, Features};
use crate::learn::online::Online;
use crate::model::Model;
use crate::store::{LedgerEntry, Record, Store};
use crate::text;
use crate::verdict::{Assessment, Label};

pub use crate::campaigns::Outlook;
pub use crate::learn::online::Effect;
pub use crate::lists::{Entry, Kind, List};
pub use crate::policy::{BadSetting, SITE_SETTINGS, SiteSettings};
pub use crate::store::{BadMonth, Correction, Key, Millis, Month, StoreError, Usage};
pub use bulk::{ExportLine, ImportError, Imported};
pub use callback::{Reach, Unreachable, may_be_called};
pub use corrections::{Corrected, CorrectionFigures, CorrectionPolicy};
pub use deliveries::{Delivery, Outcome};
pub use lists::{ListError, Listing, MOST_ENTRIES, NewEntry, moment};
pub use rules::SiteError;

/// How time is told; handed in so that tests need not wait.
pub type Clock = fn() -> Millis;

/// Everything behind the doors of one server.
#[derive(Debug)]
pub struct Moderation {
    model: Arc<Model>,
    store: Arc<Store>,
    online: Arc<Online>,
    keys: RwLock<HashMap<String, Key>>,
    campaigns: Option<Mutex<Campaigns>>,
    recent: Mutex<matching::Recent>,
    corrections: corrections::Corrections,
    rules: rules::Rules,
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
    /// The key itself: names may repeat, and usage is counted by key.
    pub secret: String,
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
    /// Labels counted for this site and for all sites.
    pub labels: (u32, u32),
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
}

/// Why a label was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LabelError {
    /// It could not be made durable.
    #[error("the label is not stored, please send it again later: {0}")]
    NotStored(String),
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
}

/// Figures of health, read by probes and metrics.
#[derive(Debug, Default)]
pub struct Health {
    trouble: Mutex<Option<String>>,
    /// Records that found the queue full.
    pub records_dropped: AtomicU64,
}

impl Health {
    /// What is wrong, if anything.
    pub fn trouble(&self) -> Option<String> {
        self.trouble
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn set(&self, trouble: Option<String>) {
        *self.trouble.lock().unwrap_or_else(PoisonError::into_inner) = trouble;
    }
}

/// Labels waiting to be written; beyond that senders wait.
const LABEL_QUEUE: usize = 4_096;
/// Records waiting to be written; beyond that they are dropped and counted, for a check must not wait for the disk.
const RECORD_QUEUE: usize = 16_384;

impl Moderation {
    /// Folds the whole ledger into the layers and starts the writers. `progress` hears the number of labels folded.
    pub fn open(
        model: Model,
        store: Store,
        clock: Clock,
        progress: impl Fn(u64),
    ) -> Result<Self, StoreError> {
        let store = Arc::new(store);
        let online = Arc::new(Online::default());
        let mut last_seq = 0;
        for entry in store.ledger(0) {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error @ StoreError::Damaged { .. }) => {
                    tracing::error!(%error, "a label is passed over");
                    continue;
                }
                Err(error) => return Err(error),
            };
            last_seq = entry.seq;
            online.fold(&entry, |seq| writer::features_of(&store, seq));
            progress(last_seq);
        }
        let last_seq = last_seq.max(store.last_seq()?);
        let keys = store
            .keys()?
            .into_iter()
            .map(|key| (key.secret.clone(), key))
            .collect();
        let rules = rules::Rules::load(&store)?;
        let health = Arc::new(Health::default());
        let (labels, label_jobs) = mpsc::channel(LABEL_QUEUE);
        let (records, record_jobs) = std::sync::mpsc::sync_channel(RECORD_QUEUE);
        let threads = vec![
            writer::spawn_labels(
                label_jobs,
                last_seq,
                Arc::clone(&store),
                Arc::clone(&online),
                Arc::clone(&health),
            ),
            writer::spawn_records(record_jobs, Arc::clone(&store), Arc::clone(&health)),
        ];
        Ok(Self {
            model: Arc::new(model),
            store,
            online,
            keys: RwLock::new(keys),
            recent: Mutex::default(),
            campaigns: campaigns::memory(crate::campaigns::DEFAULT_BYTES, Default::default()),
            corrections: corrections::Corrections::default(),
            rules,
            clock,
            health,
            labels: RwLock::new(Some(labels)),
            records: RwLock::new(Some(records)),
            threads: Mutex::new(threads),
        })
    }

    /// Whether a key admits.
    pub fn admit(&self, secret: Option<&str>) -> Result<Admitted, Refusal> {
        let secret = secret
            .map(str::trim)
            .filter(|s| !s.is_empty())
            .ok_or(Refusal::NoKey)?;
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        match keys.get(secret) {
            None => Err(Refusal::Unknown),
            Some(key) if key.revoked_at.is_some() => Err(Refusal::Revoked),
            Some(key) => Ok(Admitted {
                key_name: key.name.clone(),
                secret: key.secret.clone(),
            }),
        }
    }

    /// Checks a comment, for the first time or again.
    pub fn check(
        &self,
        admitted: &Admitted,
        site: &SiteId,
        comment: Comment,
        trial: Trial,
        recheck: Option<Recheck>,
    ) -> Checked {
        let guid = new_guid();
        let counting = campaigns::counting(trial, recheck);
        let Opinion {
            assessment,
            features,
            cutoffs,
            outlook,
            plainer,
        } = self.opinion(site, &comment, &guid, counting);
        if plainer == Plainer::Now {
            self.corrections.stir(&features);
        }
        if trial == Trial::Real {
            let mut comment = comment;
            comment.text.truncate(
                comment
                    .text
                    .floor_char_boundary(crate::text::MAX_TEXT_BYTES),
            );
            let callback = self.corrections.callback_of(&mut comment, site);
            let record = Record {
                guid: guid.clone(),
                at: (self.clock)(),
                site: site.clone(),
                comment,
                assessment: assessment.clone(),
                key: admitted.secret.clone(),
                callback,
            };
            self.corrections.note_check(&record, &features, &cutoffs);
            self.remember(record, admitted.secret.clone());
        }
        Checked {
            guid,
            assessment,
            labels: self.online.labels(site),
            outlook,
        }
    }

    fn remember(&self, record: Record, key: String) {
        let sender = self
            .records
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        if let Some(sender) = sender
            && let Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) =
                sender.try_send(writer::RecordJob::Keep(Box::new(record.clone()), key))
        {
            self.health.records_dropped.fetch_add(1, Ordering::Relaxed);
        }
        self.recent
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(record);
    }

    /// Takes a label: durable and known to the next check when this returns.
    pub async fn label(&self, admitted: &Admitted, report: Report) -> Result<Effect, LabelError> {
        let mut comment = report.comment;
        comment.text.truncate(
            comment
                .text
                .floor_char_boundary(crate::text::MAX_TEXT_BYTES),
        );
        let record = self
            .record_for(report.guid.as_deref(), admitted, &report.site, &comment)
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
            return Ok(Effect::Known);
        }
        // The check knew more than most reports repeat: learn what was judged.
        let (comment, machine) = match &record {
            Some(record) => (record.comment.clone(), record.assessment.verdict.side()),
            None => (comment, None),
        };
        let reading = text::read(&comment.text);
        let sketch = Sketch::of(&report.site, &comment, &reading);
        let (site, id) = (report.site.clone(), CommentId::of(&report.site, &comment));
        let features = Features::of_reading(&comment, &reading);
        let entry = LedgerEntry {
            seq: 0,
            event: rand::rng().random(),
            at: (self.clock)(),
            comment: id,
            site: report.site,
            label: report.label,
            machine,
            reporter: report.reporter,
            key_name: admitted.key_name.clone(),
            features: features.ids(),
            features_version: FEATURES_VERSION,
        };
        let (reply, answer) = oneshot::channel();
        let key = admitted.secret.clone();
        self.send(writer::Job::Label(entry, key, reply)).await?;
        let effect = answer.await.map_err(|_| LabelError::ShuttingDown)??;
        self.tell_campaign(&sketch, &site, id);
        if let Some(record) = &record {
            self.leave_to_people(record);
        }
        if matches!(effect, Effect::Learnt | Effect::Turned | Effect::TakenBack) {
            self.corrections.stir(&features);
        }
        Ok(effect)
    }

    async fn send(&self, job: writer::Job) -> Result<(), LabelError> {
        let sender = self
            .labels
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        sender
            .ok_or(LabelError::ShuttingDown)?
            .send(job)
            .await
            .map_err(|_| LabelError::ShuttingDown)
    }

    /// Makes a key. The secret is random unless given.
    pub fn create_key(&self, name: &str, secret: Option<String>) -> Result<Key, StoreError> {
        let key = Key {
            secret: secret.unwrap_or_else(new_secret),
            name: name.to_owned(),
            created_at: (self.clock)(),
            revoked_at: None,
        };
        self.store_key(key)
    }

    fn store_key(&self, key: Key) -> Result<Key, StoreError> {
        self.store.put_key(&key)?;
        self.keys
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(key.secret.clone(), key.clone());
        Ok(key)
    }

    /// All keys, oldest first.
    pub fn keys(&self) -> Result<Vec<Key>, StoreError> {
        self.store.keys()
    }

    /// Revokes a key by its secret or its name; `None` if there is no such key.
    pub fn revoke_key(&self, secret_or_name: &str) -> Result<Option<Key>, StoreError> {
        let Some(mut key) = self
            .keys()?
            .into_iter()
            .find(|k| k.secret == secret_or_name || k.name == secret_or_name)
        else {
            return Ok(None);
        };
        key.revoked_at.get_or_insert((self.clock)());
        self.store_key(key).map(Some)
    }

    /// Id of the live model.
    pub fn model_id(&self) -> &str {
        &self.model.card.id
    }

    /// Health of the store behind the doors.
    pub fn health(&self) -> &Health {
        &self.health
    }

    /// Drains the queues and brings everything to disk. Checks still work afterwards; labels are refused.
    pub fn close(&self) -> Result<(), StoreError> {
        self.corrections.close();
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

/// Whether a report tells nothing that could be learnt.
fn says_nothing(comment: &Comment) -> bool {
    let author = &comment.author;
    comment.text.trim().is_empty()
        && [&author.name, &author.email, &author.url]
            .iter()
            .all(|field| field.as_deref().is_none_or(|f| f.trim().is_empty()))
}

/// A fresh id for a check.
fn new_guid() -> String {
    format!("{:032x}", rand::rng().random::<u128>())
}

/// Twelve lower-case hex digits: the only length the WordPress plugin sends on, and a valid DNS label.
fn new_secret() -> String {
    format!("{:012x}", rand::rng().random::<u64>() & 0xffff_ffff_ffff)
}
