//! The verbs: admit a key, check a comment, label it, export and import what is known. Every door calls these and nothing deeper.
//!
//! A check answers from memory; its record is written behind. A label is on disk and in the counts before its sender is thanked: one thread gathers
//! labels, writes them together, folds them in order, then answers.

mod bulk;
mod health;
mod labels;
mod owners;
mod standing;
mod undo;
mod usage;
mod writer;

use std::collections::HashMap;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{SyncSender, TrySendError};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::thread::JoinHandle;

use rand::Rng;
use tokio::sync::{mpsc, oneshot};

use crate::comment::{Comment, CommentId, SiteId};
use crate::features::{FEATURES_VERSION, Features};
use crate::filter;
use crate::learn::copies;
use crate::learn::online::{Online, SITE_LAYERS_BYTES};
use crate::learn::rulings::Rulings;
use crate::model::Model;
use crate::store::{LedgerEntry, Record, Seq, Store};
use crate::verdict::{Assessment, Label};

pub use crate::learn::online::Effect;
pub use crate::store::{BadMonth, Key, Millis, Month, Selection, StoreError, Usage};
pub use bulk::{ExportLine, ImportError, Imported};
pub use health::Health;
pub use labels::{LabelLine, Where};
pub use standing::SiteStanding;
pub use undo::{UndoError, Undone, Vouch};

/// How time is told; handed in so that tests need not wait.
pub type Clock = fn() -> Millis;

/// Everything behind the doors of one server.
#[derive(Debug)]
pub struct Moderation {
    model: Arc<Model>,
    store: Arc<Store>,
    online: Arc<Online>,
    keys: RwLock<HashMap<String, Key>>,
    owners: RwLock<HashMap<SiteId, String>>,
    recent: Mutex<Recent>,
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
    /// Another key was there first.
    #[error(
        "the site {0} belongs to another key, which checked or labelled there first; its labels are not yours to say (the operator can hand it over: phin sites --give)"
    )]
    NotYours(SiteId),
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
        let rulings = Rulings::of(&store.rulings()?);
        let online = Arc::new(Online::new(
            Arc::<Store>::clone(&store),
            rulings,
            SITE_LAYERS_BYTES,
        ));
        let mut owners = store.owners().collect::<Result<HashMap<_, _>, _>>()?;
        let mut last_at = Millis::MIN;
        let last_seq = fold_ledger(&store, &online, |entry| {
            last_at = last_at.max(entry.at);
            if !owners.contains_key(&entry.site) {
                owners.insert(entry.site.clone(), entry.key_name.clone());
            }
            progress(entry.seq);
        })?;
        let last_seq = last_seq.max(store.last_seq()?);
        let keys = store
            .keys()?
            .into_iter()
            .map(|key| (key.secret.clone(), key))
            .collect();
        let health = Arc::new(Health::default());
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
            model: Arc::new(model),
            store,
            online,
            keys: RwLock::new(keys),
            owners: RwLock::new(owners),
            recent: Mutex::default(),
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

    /// Checks a comment.
    pub fn check(
        &self,
        admitted: &Admitted,
        site: &SiteId,
        comment: Comment,
        trial: Trial,
    ) -> Checked {
        let features = Features::of(&comment);
        let assessment = self
            .online
            .with_live(site, |live| filter::assess(&self.model, &features, live));
        let guid = new_guid();
        if trial == Trial::Real {
            self.claim(site, admitted);
            let mut comment = comment;
            comment.text.truncate(
                comment
                    .text
                    .floor_char_boundary(crate::text::MAX_TEXT_BYTES),
            );
            let record = Record {
                guid: guid.clone(),
                at: (self.clock)(),
                site: site.clone(),
                comment,
                assessment: assessment.clone(),
            };
            self.remember(record, admitted.secret.clone());
        }
        Checked {
            guid,
            assessment,
            labels: self.online.labels(site),
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
        self.may_label(&report.site, admitted)?;
        let mut comment = report.comment;
        comment.text.truncate(
            comment
                .text
                .floor_char_boundary(crate::text::MAX_TEXT_BYTES),
        );
        let record = self
            .record_for(report.guid.as_deref(), &report.site, &comment)
            .map_err(|e| LabelError::NotStored(e.to_string()))?;
        if record.is_none()
            && comment == Comment::default()
            && let Some(guid) = report.guid
        {
            return Err(LabelError::UnknownCheck(guid));
        }
        // The check knew more than most reports repeat: learn what was judged.
        let (comment, machine) = match record {
            Some(record) => (record.comment, record.assessment.verdict.side()),
            None => (comment, None),
        };
        self.claim(&report.site, admitted);
        let features = Features::of(&comment);
        let entry = LedgerEntry {
            seq: 0,
            event: rand::rng().random(),
            at: (self.clock)(),
            comment: CommentId::of(&report.site, &comment),
            site: report.site,
            label: report.label,
            machine,
            reporter: report.reporter,
            key_name: admitted.key_name.clone(),
            sketch: copies::sketch(&features),
            features: features.ids(),
            features_version: FEATURES_VERSION,
        };
        let (reply, answer) = oneshot::channel();
        let key = admitted.secret.clone();
        self.send(writer::Job::Label(entry, key, reply)).await?;
        answer.await.map_err(|_| LabelError::ShuttingDown)?
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

    /// The check a report answers: by guid, else by what every client sends back unchanged.
    fn record_for(
        &self,
        guid: Option<&str>,
        site: &SiteId,
        comment: &Comment,
    ) -> Result<Option<Record>, StoreError> {
        let recent = |wanted: &dyn Fn(CommentId, &Record) -> bool| {
            self.recent
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .find(wanted)
        };
        if let Some(guid) = guid.filter(|g| !g.is_empty()) {
            let found = match recent(&|_, record| record.guid == guid) {
                Some(record) => Some(record),
                None => self.store.record(guid)?,
            };
            // A guid of another site must not let this site touch its comments.
            if let Some(record) = found.filter(|record| record.site == *site) {
                return Ok(Some(record));
            }
        }
        let id = CommentId::of(site, comment);
        match recent(&|recent_id, record| recent_id == id && record.site == *site) {
            Some(record) => Ok(Some(record)),
            None => self.store.record_of(site, id),
        }
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
    for entry in store.ledger(0) {
        match entry {
            Ok(entry) => {
                last_seq = entry.seq;
                online.fold(&entry);
                tell(&entry);
            }
            Err(error @ StoreError::Damaged { .. }) => {
                tracing::error!(%error, "a label is passed over");
            }
            Err(error) => return Err(error),
        }
    }
    Ok(last_seq)
}

/// The last checks, for labels that come before their record is written.
#[derive(Debug, Default)]
struct Recent {
    ring: std::collections::VecDeque<(CommentId, Record)>,
}

/// Checks kept at hand; at 1,000 checks a second, four seconds of them.
const MOST_RECENT: usize = 4_096;

impl Recent {
    fn push(&mut self, record: Record) {
        if self.ring.len() == MOST_RECENT {
            self.ring.pop_front();
        }
        self.ring
            .push_back((CommentId::of(&record.site, &record.comment), record));
    }

    fn find(&self, wanted: &dyn Fn(CommentId, &Record) -> bool) -> Option<Record> {
        self.ring
            .iter()
            .rev()
            .find(|(id, record)| wanted(*id, record))
            .map(|(_, record)| record.clone())
    }
}

/// A fresh id for a check.
fn new_guid() -> String {
    format!("{:032x}", rand::rng().random::<u128>())
}

/// Twelve lower-case hex digits: the only length the WordPress plugin sends on, and a valid DNS label.
fn new_secret() -> String {
    format!("{:012x}", rand::rng().random::<u64>() & 0xffff_ffff_ffff)
}
