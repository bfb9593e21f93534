//! What the verbs of monitoring work with. The verbs are in `audit`, `queue`, `figures`,
//! `drift_alarm` and `site_summary`. Never changes a verdict.

use std::sync::Arc;

use parking_lot::Mutex;

use crate::moderation::accounts::Accounts;
use crate::moderation::context::Context;
use crate::moderation::judging::Judging;
use crate::moderation::monitor::audit::{AuditPolicy, Audits};
use crate::moderation::monitor::drift_line::Watched;
use crate::moderation::privacy::Privacy;
use crate::store::StoreError;

/// Audits, figures and alarms of this server.
#[derive(Debug)]
pub struct Monitor {
    pub(crate) context: Context,
    pub(crate) accounts: Arc<Accounts>,
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
        context: &Context,
        accounts: &Arc<Accounts>,
        judging: &Arc<Judging>,
        privacy: &Arc<Privacy>,
        audits: AuditPolicy,
    ) -> Result<Self, StoreError> {
        let now = (context.clock)();
        Ok(Self {
            context: context.clone(),
            accounts: Arc::clone(accounts),
            judging: Arc::clone(judging),
            privacy: Arc::clone(privacy),
            audits: Audits::open(audits, &context.store, now)?,
            watched: Mutex::default(),
        })
    }
}
