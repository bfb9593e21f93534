//! What the operator set, as far as a server's verbs go. A noun alone.

use crate::campaigns::{DEFAULT_BYTES, Windows};
use crate::model::registry::ModelRegistry;
use crate::moderation::accounts::key_table::MOST_SITES;
use crate::moderation::corrections::policy::CorrectionPolicy;
use crate::moderation::monitor::audit::AuditPolicy;
use crate::moderation::privacy::setting::Retention;

/// The settings of a server.
#[derive(Debug)]
pub struct Options {
    /// Memory for campaigns in bytes; 0 turns them off.
    pub campaign_bytes: usize,
    /// The windows of time in which campaigns are counted.
    pub campaign_windows: Windows,
    /// How earlier verdicts are corrected.
    pub corrections: CorrectionPolicy,
    /// How many checks are drawn for an audit.
    pub audits: AuditPolicy,
    /// Where models are kept, if anywhere.
    pub shelf: Option<ModelRegistry>,
    /// How long personal text is kept; as the last server on the store kept it, if missing.
    pub retention: Option<Retention>,
    /// Sites that a key may name.
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
