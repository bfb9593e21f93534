//! The operator's settings for `moderation`, as values. A type only; reads no file.

use crate::campaigns::{DEFAULT_BYTES, Windows};
use crate::model::registry::ModelRegistry;
use crate::moderation::accounts::key_table::MOST_SITES;
use crate::moderation::corrections::policy::CorrectionPolicy;
use crate::moderation::monitor::audit::AuditPolicy;
use crate::moderation::privacy::setting::Retention;

/// The settings of a server.
#[derive(Debug)]
pub struct Options {
    /// Memory for campaigns, in bytes; 0 turns them off.
    pub campaign_bytes: usize,
    /// The time windows in which campaigns are counted.
    pub campaign_windows: Windows,
    /// Which earlier verdicts are corrected, and which addresses may be called.
    pub corrections: CorrectionPolicy,
    /// How many checks are drawn for audits.
    pub audits: AuditPolicy,
    /// The folder of models, if there is one.
    pub shelf: Option<ModelRegistry>,
    /// How long personal text is kept; `None` takes what the last server on this store used.
    pub retention: Option<Retention>,
    /// How many sites a key may name.
    pub most_sites: u32,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            campaign_bytes: DEFAULT_BYTES,
            campaign_windows: Windows::default(),
            corrections: CorrectionPolicy::default(),
            audits: AuditPolicy::OFF,
            shelf: None,
            retention: None,
            most_sites: MOST_SITES,
        }
    }
}
