//! The four places where a label may count. A type alone: it decides nothing.

use serde::{Deserialize, Serialize};

/// Where a label counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Place {
    /// On all sites: a crowd confirms it, or the operator vouches for the key.
    Shared,
    /// On all sites, on the credit of its contributor.
    Lent,
    /// On its own site: no crowd confirms it and its contributor has no credit left, or the text
    /// counts for all sites already.
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
