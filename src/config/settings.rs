//! Settings that were checked: what the rest of the program is handed. Reads no source.

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

use crate::campaigns::Windows;
use crate::http::Policy;
use crate::moderation::{AuditPolicy, CorrectionPolicy, Retention};

/// Settings that can be used.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// Where to listen: a host or an address, and a port.
    pub listen: String,
    /// Where to serve metrics.
    pub metrics_listen: Option<SocketAddr>,
    /// Folder of the store.
    pub data_dir: PathBuf,
    /// Which model.
    pub model: ModelChoice,
    /// What the doors may decide.
    pub policy: Policy,
    /// Connections open at the same time, if the system allows as many.
    pub max_connections: NonZeroU32,
    /// Requests a second that one key may make.
    pub max_requests_per_second: Option<NonZeroU32>,
    /// Sites that one key may name.
    pub max_sites_per_key: u32,
    /// Memory for the store's pages, in bytes.
    pub cache_bytes: u64,
    /// How long a write to the store may take.
    pub longest_write: Duration,
    /// Days between two retrains; none without.
    pub retrain_days: Option<NonZeroU32>,
    /// Which verdicts are corrected, and who may be called.
    pub corrections: CorrectionPolicy,
    /// How long words are kept.
    pub retention: Retention,
    /// How many checks are drawn for an audit.
    pub audits: AuditPolicy,
    /// Log filter.
    pub log: String,
    /// Memory for campaigns, in bytes; 0 if they are off.
    pub campaign_bytes: usize,
    /// How far back campaigns look.
    pub campaign_windows: Windows,
    /// The first key.
    pub bootstrap_key: Option<String>,
    /// Variables of the environment that begin like settings and are none.
    pub ignored: Vec<String>,
}

/// Which model to use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ModelChoice {
    /// The one that was promoted last in the data folder; the one inside the binary, if none was.
    Live,
    /// The one inside the binary.
    Shipped,
    /// None: all is learnt from labels.
    Cold,
    /// One in a folder.
    Folder(PathBuf),
}

impl ModelChoice {
    /// `live`, `shipped`, `none`, or a folder.
    pub fn parse(text: &str) -> Self {
        match text {
            "live" => Self::Live,
            "shipped" => Self::Shipped,
            "none" => Self::Cold,
            folder => Self::Folder(folder.into()),
        }
    }
}
