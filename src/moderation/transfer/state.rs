//! What the verbs of transfer work with. The verbs are in `export`, `site_export`, `import` and
//! `import_history`. Never changes anything by itself.

use std::sync::Arc;

use crate::clock::Clock;
use crate::comment::SiteId;
use crate::learn::online::Online;
use crate::moderation::accounts::Accounts;
use crate::moderation::corrections::Corrections;
use crate::moderation::ground::Ground;
use crate::moderation::judging::Judging;
use crate::moderation::ledger::Ledger;
use crate::moderation::privacy::Privacy;
use crate::moderation::transfer::export::export;
use crate::moderation::transfer::line::ExportLine;
use crate::moderation::transfer::site_export::export_site;
use crate::store::{Store, StoreError};

/// Exports and imports of this server.
#[derive(Debug)]
pub struct Transfer {
    pub(crate) store: Arc<Store>,
    pub(crate) online: Arc<Online>,
    pub(crate) clock: Clock,
    pub(crate) ledger: Arc<Ledger>,
    pub(crate) accounts: Arc<Accounts>,
    pub(crate) judging: Arc<Judging>,
    pub(crate) corrections: Arc<Corrections>,
    pub(crate) privacy: Arc<Privacy>,
}

impl Transfer {
    /// Collects the handles; holds no state of its own.
    pub(crate) fn open(
        ground: &Ground,
        accounts: &Arc<Accounts>,
        judging: &Arc<Judging>,
        corrections: &Arc<Corrections>,
        privacy: &Arc<Privacy>,
    ) -> Self {
        Self {
            store: Arc::clone(&ground.store),
            online: Arc::clone(&ground.online),
            clock: ground.clock,
            ledger: Arc::clone(&ground.ledger),
            accounts: Arc::clone(accounts),
            judging: Arc::clone(judging),
            corrections: Arc::clone(corrections),
            privacy: Arc::clone(privacy),
        }
    }

    /// Everything in the store, line by line, and the end.
    ///
    /// # Errors
    ///
    /// The store cannot be read.
    pub fn export(
        &self,
    ) -> Result<impl Iterator<Item = Result<ExportLine, StoreError>> + Send + use<>, StoreError>
    {
        export(&self.store)
    }

    /// All rows of one site.
    ///
    /// # Errors
    ///
    /// The store cannot be read.
    pub fn export_site(
        &self,
        site: SiteId,
    ) -> Result<impl Iterator<Item = Result<ExportLine, StoreError>> + Send + use<>, StoreError>
    {
        export_site(&self.store, site)
    }
}
