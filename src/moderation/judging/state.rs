//! What judging holds in memory; read from the store at the start. The verbs are in `judge`,
//! `campaigns`, `evidence`, `lists` and `site_rules`. Never judges by itself.

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
    /// The memory of campaigns; `None` if they are turned off.
    pub(crate) memory: Option<Mutex<Campaigns>>,
}

impl Judging {
    /// Reads lists, evidence lists and settings from the store. `campaign_bytes` is the memory for
    /// campaigns; 0 turns them off.
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
