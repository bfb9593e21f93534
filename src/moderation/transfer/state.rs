//! What the verbs of transfer work with. The verbs are in `export`, `site_export`, `import` and
//! `import_history`. Never changes anything by itself.

use std::sync::Arc;

use crate::comment::SiteId;
use crate::moderation::accounts::Accounts;
use crate::moderation::context::Context;
use crate::moderation::corrections::Corrections;
use crate::moderation::judging::Judging;
use crate::moderation::privacy::Privacy;
use crate::moderation::transfer::export::export;
use crate::moderation::transfer::line::ExportLine;
use crate::moderation::transfer::site_export::export_site;
use crate::store::StoreError;

/// Exports and imports of this server.
#[derive(Debug)]
pub struct Transfer {
    pub(crate) context: Context,
    pub(crate) accounts: Arc<Accounts>,
    pub(crate) judging: Arc<Judging>,
    pub(crate) corrections: Arc<Corrections>,
    pub(crate) privacy: Arc<Privacy>,
}

impl Transfer {
    /// Collects the handles; holds no state of its own.
    pub(crate) fn open(
        context: &Context,
        accounts: &Arc<Accounts>,
        judging: &Arc<Judging>,
        corrections: &Arc<Corrections>,
        privacy: &Arc<Privacy>,
    ) -> Self {
        Self {
            context: context.clone(),
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
        export(&self.context.store)
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
        export_site(&self.context.store, site)
    }
}
