//! Settings of sites in, cutoffs out. A setting goes to disk, then to memory. Never judges a
//! comment.

use crate::comment::SiteId;
use crate::model::Model;
use crate::moderation::judging::state::Judging;
use crate::policy::{BadSetting, SiteSettings};
use crate::store::StoreError;
use crate::text::Language;
use crate::verdict::Cutoffs;

/// Why a setting is refused.
#[derive(Debug, thiserror::Error)]
pub enum SiteError {
    /// The name or the value is not valid.
    #[error(transparent)]
    Bad(#[from] BadSetting),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Judging {
    /// The cutoffs of a site: those of the model for the language, moved by the site's strictness.
    pub(crate) fn site_cutoffs(&self, model: &Model, site: &SiteId, language: Language) -> Cutoffs {
        let strictness = self.rules.of(site).strictness;
        strictness.shift(model.settings.cutoffs(language))
    }

    /// The settings of a site.
    pub fn site_settings(&self, site: &SiteId) -> SiteSettings {
        self.rules.of(site)
    }

    /// All sites with settings of their own, in order of their names.
    pub fn sites_with_settings(&self) -> Vec<(SiteId, SiteSettings)> {
        let settings = self.rules.settings.read();
        let mut all: Vec<_> = settings
            .iter()
            .map(|(site, s)| (site.clone(), *s))
            .collect();
        all.sort_by(|a, b| a.0.cmp(&b.0));
        all
    }

    /// Sets settings of a site by name and value, all or none. When this returns, they are on disk
    /// and the next check uses them.
    ///
    /// # Errors
    ///
    /// A name or value is not valid, or the store cannot write. Then nothing was set.
    pub fn set_site<'a>(
        &self,
        site: &SiteId,
        changes: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<SiteSettings, SiteError> {
        let _alone = self.rules.change();
        let mut settings = self.rules.of(site);
        for (name, value) in changes {
            settings.set(name, value)?;
        }
        self.put_site(site, settings)?;
        Ok(settings)
    }

    /// Stores settings from an import, unless the site has some; returns whether it did.
    pub(crate) fn put_new_site(
        &self,
        site: &SiteId,
        settings: SiteSettings,
    ) -> Result<bool, StoreError> {
        let _alone = self.rules.change();
        let fresh =
            self.rules.of(site) == SiteSettings::default() && settings != SiteSettings::default();
        if fresh {
            self.put_site(site, settings)?;
        }
        Ok(fresh)
    }

    fn put_site(&self, site: &SiteId, settings: SiteSettings) -> Result<(), StoreError> {
        self.context.store.put_site(site, &settings)?;
        let mut all = self.rules.settings.write();
        if settings == SiteSettings::default() {
            all.remove(site);
        } else {
            all.insert(site.clone(), settings);
        }
        Ok(())
    }
}
