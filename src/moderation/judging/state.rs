//! What judging holds in memory, read off the store at the start. The verbs are in `judge`,
//! `campaigns`, `evidence`, `lists` and `site_rules`.

use parking_lot::Mutex;

use crate::campaigns::{Campaigns, Windows};
use crate::moderation::context::Context;
use crate::moderation::judging::rules::Rules;
use crate::store::StoreError;

/// Model and labels, rules of sites, campaigns.
#[derive(Debug)]
pub struct Judging {
    pub(crate) context: Context,
    pub(crate) rules: Rules,
    /// None if they may not have a byte.
    pub(crate) memory: Option<Mutex<Campaigns>>,
}

impl Judging {
    /// Reads lists, evidence and settings off the store. Campaigns get this much memory; 0 bytes
    /// turn them off.
    pub(crate) fn open(
        context: &Context,
        (campaign_bytes, windows): (usize, Windows),
    ) -> Result<Self, StoreError> {
        Ok(Self {
            context: context.clone(),
            rules: Rules::load(&context.store)?,
            memory: (campaign_bytes > 0)
                .then(|| Mutex::new(Campaigns::new(campaign_bytes, windows))),
        })
    }
}
