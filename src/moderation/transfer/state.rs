//! What the verbs of transfer work with: `export`, `site_export`, `import`, `import_history`.

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

/// Everything out and in again.
#[derive(Debug)]
pub struct Transfer {
    pub(crate) context: Context,
    pub(crate) accounts: Arc<Accounts>,
    pub(crate) judging: Arc<Judging>,
    pub(crate) corrections: Arc<Corrections>,
    pub(crate) privacy: Arc<Privacy>,
}

impl Transfer {
    /// Holds nothing of its own.
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

    /// Everything that is known, line by line, and the end.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub fn export(
        &self,
    ) -> Result<impl Iterator<Item = Result<ExportLine, StoreError>> + Send + use<>, StoreError>
    {
        export(&self.context.store)
    }

    /// All that is kept of one site.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub fn export_site(
        &self,
        site: SiteId,
    ) -> Result<impl Iterator<Item = Result<ExportLine, StoreError>> + Send + use<>, StoreError>
    {
        export_site(&self.context.store, site)
    }
}
