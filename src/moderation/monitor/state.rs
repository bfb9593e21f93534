//! What the verbs of monitoring work with. The verbs are in `audit`, `queue`, `figures`,
//! `drift_alarm` and `site_summary`. Never changes a verdict.

use std::sync::Arc;

use parking_lot::Mutex;

use crate::clock::Clock;
use crate::learn::online::Online;
use crate::moderation::accounts::Accounts;
use crate::moderation::checks::Checks;
use crate::moderation::ground::Ground;
use crate::moderation::health::Health;
use crate::moderation::judging::Judging;
use crate::moderation::monitor::audit::{AuditPolicy, Audits};
use crate::moderation::monitor::drift_line::Watched;
use crate::moderation::privacy::Privacy;
use crate::store::{Store, StoreError};

/// Audits, figures and alarms of this server.
#[derive(Debug)]
pub struct Monitor {
    pub(crate) store: Arc<Store>,
    pub(crate) online: Arc<Online>,
    pub(crate) clock: Clock,
    pub(crate) health: Arc<Health>,
    pub(crate) accounts: Arc<Accounts>,
    pub(crate) checks: Arc<Checks>,
    pub(crate) judging: Arc<Judging>,
    pub(crate) privacy: Arc<Privacy>,
    pub(crate) audits: Audits,
    pub(crate) watched: Mutex<Watched>,
}

impl Monitor {
    /// Draws audit samples by this policy.
    ///
    /// # Errors
    ///
    /// The samples drawn today cannot be read.
    pub(crate) fn open(
        ground: &Ground,
        accounts: &Arc<Accounts>,
        judging: &Arc<Judging>,
        privacy: &Arc<Privacy>,
        audits: AuditPolicy,
    ) -> Result<Self, StoreError> {
        let now = (ground.clock)();
        Ok(Self {
            store: Arc::clone(&ground.store),
            online: Arc::clone(&ground.online),
            clock: ground.clock,
            health: Arc::clone(&ground.health),
            checks: Arc::clone(&ground.checks),
            accounts: Arc::clone(accounts),
            judging: Arc::clone(judging),
            privacy: Arc::clone(privacy),
            audits: Audits::open(audits, &ground.store, now)?,
            watched: Mutex::default(),
        })
    }
}
