//! The verbs of a server: a comment or label in, a verdict or effect out; open and close. All
//! callers use these verbs or those of the owners below, and nothing deeper. Never answers a label
//! that is not on disk.
//!
//! Each owner holds its own fields and gets the owners beneath it passed in. None knows this file:
//!
//! ```text
//!  monitor  models  transfer
//!       \     |      /
//!        privacy
//!           |
//!        labels ---- corrections ---- judging
//!           \          |               |
//!            accounts --+---------------+
//!               |
//!        ledger, checks, health
//! ```
//!
//! A check is answered from memory; its record is written afterwards. A label is on disk and in the
//! counts before it is acknowledged.

mod accounts;
mod checks;
mod context;
pub mod corrections;
mod health;
mod judging;
mod labels;
mod ledger;
mod mode;
mod models;
mod monitor;
mod options;
mod privacy;
mod pulse;
mod transfer;
mod watch;

use std::sync::Arc;
use std::time::Duration;

use rand::Rng;

use crate::blocking::run_blocking;
use crate::campaigns::Counting;
pub use crate::clock::{BadMonth, Clock, Day, Millis, Month};
use crate::comment::{Comment, Recheck, SiteId};
use crate::features::Features;
use crate::filter::Judgement;
use crate::learn::online::realm::Realm;
use crate::model::Model;
use crate::store::{Callback, Record, Store};
use crate::text;
use crate::verdict::{BaseScore, Cutoffs, Verdict};

use checks::{Checks, Counts};
use context::Context;
use judging::campaigns::counting;
use judging::judge::Judged;
use labels::entry::NewLabel;
use ledger::Ledger;
use ledger::fold::learnt;

pub use crate::campaigns::Outlook;
pub use crate::learn::monitor::audit_estimate::{Audited, Estimate, Interval};
pub use crate::learn::monitor::stability_index::{Against, Drift, Grade, Limits};
pub use crate::learn::online::{Effect, SiteLabels};
pub use crate::lists::{Entry, Kind, List};
pub use crate::model::registry::Promotion;
pub use crate::policy::{BadSetting, SITE_SETTINGS, SiteSettings};
pub use crate::store::{Changed, Correction, Key, Selection, StoreError, Usage, Why};
pub use accounts::Accounts;
pub use accounts::admitted::{Admitted, Refusal};
pub use accounts::key_table::{AccountStatus, Alert, MOST_SITES as MOST_SITES_OF_KEY, Service};
pub use accounts::keys::{KeyError, NewKey, SiteLine};
pub use accounts::owners::GiveError;
pub use accounts::usage::{Period, Span};
pub use corrections::Corrections;
pub use corrections::callback::{Reach, Unreachable, may_be_called};
pub use corrections::deliveries::{Delivery, Outcome};
pub use corrections::notes::CorrectionFigures;
pub use corrections::policy::CorrectionPolicy;
pub use corrections::rounds::Corrected;
pub use health::Health;
pub use judging::Judging;
pub use judging::checked::Checked;
pub use judging::evidence::{EvidenceAdded, EvidenceError, EvidenceLine, Unreadable};
pub use judging::lists::{ListError, Listing, MOST_ENTRIES, NewEntry};
pub use judging::site_rules::SiteError;
pub use labels::Labels;
pub use labels::listing::{LabelLine, Where};
pub use labels::report::Report;
pub use labels::search::Search;
pub use labels::undo::Vouch;
pub use ledger::error::{LabelError, UndoError};
pub use ledger::undo::Undone;
pub use mode::Mode;
pub use models::Models;
pub use models::live::{Candidate, PromoteError};
pub use models::retrain::{RetrainFailure, Retrained};
pub use models::shadow::{Difference, Part, ShadowCounts, ShadowError, ShadowReport, VerdictPair};
pub use monitor::Monitor;
pub use monitor::audit::AuditPolicy;
pub use monitor::drift_line::DriftLine;
pub use monitor::figure_line::{EstimateLine, Figure, FigureLine, FiguresAsked, Happened};
pub use monitor::queue::{Cursor, Order, QueueAsked, QueuePage, Queued, Showing};
pub use monitor::site_summary::SiteSummary;
pub use options::Options;
pub use privacy::Privacy;
pub use privacy::clock_guard::ClockGuard;
pub use privacy::person::{
    ForgetError, Forgetting, Forgotten, Labelled, Listed, MOST_NAMES, Person,
};
pub use privacy::retention::Swept;
pub use privacy::setting::Retention;
pub use transfer::Transfer;
pub use transfer::error::ImportError;
pub use transfer::import::Imported;
pub use transfer::import_history::{PastLabel, Taken};
pub use transfer::line::{CutOff, ExportLine};
pub use transfer::replay::{Change, Counted, CutoffChange, Flip, Hears, ReplayError, Replayed};
pub use transfer::snapshot::{Fresh, FreshLabel, Past, ReadFrom};
pub use watch::Watch;

/// All parts of one server.
#[derive(Debug)]
pub struct Moderation {
    context: Context,
    /// Keys, sites and usage.
    pub accounts: Arc<Accounts>,
    /// Verdicts, site rules, lists and campaigns.
    pub judging: Arc<Judging>,
    /// Labels: list, undo, vouch.
    pub labels: Arc<Labels>,
    /// Corrections of earlier verdicts.
    pub corrections: Arc<Corrections>,
    /// Removal of personal text.
    pub privacy: Arc<Privacy>,
    /// Which model is live.
    pub models: Arc<Models>,
    /// Audits, queue, figures and drift.
    pub monitor: Arc<Monitor>,
    /// Exports and imports.
    pub transfer: Arc<Transfer>,
}

impl Moderation {
    /// Reads the whole ledger into the layers and starts the writers. `progress` is called with the
    /// place of each label that was read.
    ///
    /// # Errors
    ///
    /// The store cannot be read, or cannot note how long personal text is kept.
    pub fn open(
        model: Model,
        store: Store,
        clock: Clock,
        options: Options,
        progress: impl Fn(u64),
    ) -> Result<Self, StoreError> {
        let store = Arc::new(store);
        let health = Arc::new(Health::default());
        health.say_what_was_mended(store.recovery());
        let (online, last) = learnt(&store, model, progress)?;
        let context = Context {
            ledger: Arc::new(Ledger::open(last, &store, &online, &health)),
            checks: Arc::new(Checks::open(&store, &health)),
            store,
            online,
            clock,
            health,
        };
        let retention = Retention::from_now_on(&context.store, options.retention)?;
        let policy = options.corrections.under(retention.days == 0);
        let campaigns = (options.campaign_bytes, options.campaign_windows);
        // From the bottom up: each owner gets the owners beneath it.
        let accounts = Arc::new(Accounts::open(&context, options.most_sites)?);
        let judging = Arc::new(Judging::open(&context, campaigns)?);
        let corrections = Corrections::open(&context, &accounts, &judging, policy)?;
        let corrections = Arc::new(corrections);
        let labels = Arc::new(Labels::open(&context, &accounts, &judging, &corrections));
        let privacy = Privacy::open(&context, &judging, &corrections, &labels, retention);
        let privacy = Arc::new(privacy);
        let models = Models::open(&context, &accounts, &judging, options.shelf);
        let monitor = Monitor::open(&context, &accounts, &judging, &privacy, options.audits)?;
        let transfer = Transfer::open(&context, &accounts, &judging, &corrections, &privacy);
        Ok(Self {
            context,
            accounts,
            judging,
            labels,
            corrections,
            privacy,
            models: Arc::new(models),
            monitor: Arc::new(monitor),
            transfer: Arc::new(transfer),
        })
    }

    /// Checks a comment. `recheck` is set if it was checked before.
    pub fn check(
        &self,
        admitted: &Admitted,
        site: &SiteId,
        mut comment: Comment,
        mode: Mode,
        recheck: Option<Recheck>,
    ) -> Checked {
        // Cut before it is judged, so that a later label teaches exactly what was judged.
        comment.cut(text::MAX_TEXT_BYTES);
        let guid = new_guid();
        let realm = self.context.online.realm(site, &admitted.key_name);
        let counting = counting(mode, recheck);
        let judged = self.judging.judge(&realm, &comment, &guid, counting);
        if judged.judgement.campaign_grew {
            self.corrections.notes.queue_rescore(&judged.features);
        }
        let alone = judged.judgement.alone;
        let Judged {
            judgement,
            features,
            ..
        } = judged;
        let checked = Checked {
            guid,
            by_labels: by_labels(&judgement),
            assessment: judgement.assessment,
            labels: self.context.online.labels(&realm),
            outlook: judgement.outlook,
        };
        // A test is not recorded.
        if mode == Mode::Live {
            let sent = Sent {
                admitted,
                realm: &realm,
                comment,
                counting,
            };
            self.record(sent, &checked, &features, &judgement.cutoffs, alone.score);
        }
        checked
    }

    /// Counts a check that was answered, and keeps its record if its key may name the site.
    fn record(
        &self,
        sent: Sent<'_>,
        checked: &Checked,
        features: &Features,
        cutoffs: &Cutoffs,
        alone: BaseScore,
    ) {
        let Sent {
            admitted,
            realm,
            mut comment,
            counting,
        } = sent;
        let site = &realm.site;
        // `may_name` also notes that the key named this site.
        let may_name = self.accounts.may_name(site, admitted);
        let callback: Callback = self.corrections.notes.callback_of(&mut comment, site);
        let at = (self.context.clock)();
        self.accounts.count(&admitted.key_id, at);
        if !may_name {
            return;
        }
        let record = Record {
            guid: checked.guid.clone(),
            at,
            site: site.clone(),
            comment,
            assessment: checked.assessment.clone(),
            key: admitted.key_id.clone(),
            callback,
            traces: None,
        };
        self.corrections
            .notes
            .note_check(&record, features, cutoffs);
        self.models.shadow.offer(&record, realm);
        let is_of_site = self.accounts.may_label(site, admitted).is_ok();
        let (with_labels, without) = checked.by_labels;
        let counts = Counts {
            key: admitted.key_id.clone(),
            waiting: match is_of_site {
                true => self.monitor.audits.consider(&record),
                false => None,
            },
            seen: alone,
            // A recheck repeats a comment that was counted by its first check.
            changed: (counting == Counting::Noted).then(|| Changed::of(with_labels, without)),
            is_of_site,
        };
        self.context.checks.keep(record, counts, |record| {
            self.privacy.for_disk(record, features)
        });
    }

    /// Takes a label. When this returns, it is on disk and the next check knows it. A refused label
    /// is also logged, because most clients show nobody the reason.
    ///
    /// # Errors
    ///
    /// The key may not label this site, the report is empty, or it is not on disk in time.
    pub async fn label(&self, admitted: &Admitted, report: Report) -> Result<Effect, LabelError> {
        let taken = self.take_label(admitted, report).await;
        taken.inspect_err(|why| {
            tracing::warn!(key = ?admitted.key_name, %why, "a report is not applied");
        })
    }

    async fn take_label(&self, admitted: &Admitted, report: Report) -> Result<Effect, LabelError> {
        self.accounts.may_label(&report.site, admitted)?;
        if !self.accounts.may_name(&report.site, admitted) {
            return Err(LabelError::TooManySites(report.site));
        }
        self.write_label(admitted, report).await
    }

    /// Takes the operator's label of a check. It counts where labels of the key count that sent the
    /// check; whether that key may label the site does not matter.
    ///
    /// # Errors
    ///
    /// The key of the check is gone, or the label is not on disk in time.
    pub async fn label_as_operator(
        &self,
        check: &Record,
        report: Report,
    ) -> Result<Effect, LabelError> {
        let sender = self.accounts.sender_of(check);
        let sender = sender.ok_or_else(|| LabelError::NoSender(check.guid.clone()))?;
        self.write_label(&sender, report).await
    }

    async fn write_label(&self, admitted: &Admitted, report: Report) -> Result<Effect, LabelError> {
        let realm = self.context.online.realm(&report.site, &admitted.key_name);
        let (labels, by) = (Arc::clone(&self.labels), admitted.clone());
        // On another thread, because finding the check may read the disk.
        let made = run_blocking("find the check", move || labels.entry_of(&by, report)).await?;
        let Some(NewLabel {
            entry,
            record,
            features,
            sketch,
        }) = made
        else {
            return Ok(Effect::Known);
        };
        let id = entry.comment;
        let effect = self.context.ledger.append(entry, &admitted.key_id).await?;
        self.judging.tell_campaign(&sketch, &realm, id);
        if let Some(record) = &record {
            self.corrections.leave_to_people(record);
        }
        if matches!(effect, Effect::Learnt | Effect::Turned | Effect::TakenBack) {
            self.corrections.notes.queue_rescore(&features);
        }
        Ok(effect)
    }

    /// Health of the store.
    pub fn health(&self) -> &Health {
        &self.context.health
    }

    /// Watches the writers. It needs a thread of its own that never waits for the disk. `longest`
    /// is how long one write may take.
    pub fn watch_writers(&self, longest: Duration) -> Watch {
        Watch::of(&self.context.store, &self.context.health, longest)
    }

    /// Writes what waits in the queues and syncs the store. Checks still work afterwards; labels
    /// are refused.
    ///
    /// # Errors
    ///
    /// The store cannot be synced.
    pub fn close(&self) -> Result<(), StoreError> {
        self.corrections.close();
        self.models.shadow.stop();
        self.context.ledger.close();
        self.context.checks.close();
        self.context.store.sync()
    }
}

/// A comment that was sent, and how it came.
struct Sent<'a> {
    admitted: &'a Admitted,
    realm: &'a Realm,
    comment: Comment,
    counting: Counting,
}

/// The verdict with labels and the verdict of the model alone, by the same cutoffs.
fn by_labels(judgement: &Judgement) -> (Verdict, Verdict) {
    let with_labels = judgement.with_labels;
    let without = match judgement.alone.is_labelled {
        true => judgement.cutoffs.judge(judgement.alone.score.log_odds),
        false => with_labels,
    };
    (with_labels, without)
}

/// A new random id for a check. Also used for a request that is answered without a check.
pub fn new_guid() -> String {
    format!("{:032x}", rand::rng().random::<u128>())
}
