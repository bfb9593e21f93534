//! The four places where a label may count. It decides nothing.

use serde::{Deserialize, Serialize};

/// Where a label counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Place {
    /// On all sites: confirmed, or vouched for.
    Shared,
    /// On all sites, on the credit of who gave it.
    Lent,
    /// On its own site: nobody confirms it, and who gave it has no credit left.
    Withheld,
    /// On its own site: many others gave near copies the opposite label.
    Quarantined,
}

impl Place {
    /// Whether it counts for all sites.
    pub fn is_for_all_sites(self) -> bool {
        matches!(self, Self::Shared | Self::Lent)
    }
}
