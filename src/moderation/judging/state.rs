//! What judging holds in memory, read off the store at the start. The verbs are in `judge`,
//! `campaigns`, `evidence`, `lists` and `site_rules`.

use std::sync::Arc;

use parking_lot::Mutex;

use crate::campaigns::{Campaigns, Windows};
use crate::clock::Clock;
use crate::learn::online::Online;
use crate::moderation::ground::Ground;
use crate::moderation::judging::rules::Rules;
use crate::store::{Store, StoreError};

/// Model and labels, rules of sites, campaigns.
#[derive(Debug)]
pub struct Judging {
    pub(crate) store: Arc<Store>,
    pub(crate) online: Arc<Online>,
    pub(crate) clock: Clock,
    pub(crate) rules: Rules,
    /// None if they may not have a byte.
    pub(crate) memory: Option<Mutex<Campaigns>>,
}

impl Judging {
    /// Reads lists, evidence and settings off the store. Campaigns get this much memory; 0 bytes
    /// turn them off.
    pub(crate) fn open(
        ground: &Ground,
        (campaign_bytes, windows): (usize, Windows),
    ) -> Result<Self, StoreError> {
        Ok(Self {
            store: Arc::clone(&ground.store),
            online: Arc::clone(&ground.online),
            clock: ground.clock,
            rules: Rules::load(&ground.store)?,
            memory: (campaign_bytes > 0)
                .then(|| Mutex::new(Campaigns::new(campaign_bytes, windows))),
        })
    }
}
