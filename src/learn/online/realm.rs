//! Whose labels count where on a site. In: which keys the operator vouches for, and whose sites are
//! whose. Out: one `Realm` for each key and site. It reads no label but its key and its site.
//!
//! - A site that the operator gave to a key has one realm: the labels of that key and of those he
//!   vouches for, and what he imported.
//! - A site that he gave to nobody is a name that any key may use. His labels there, and those of
//!   keys he vouches for, are one realm. Every other key has a realm of its own, and the operator's
//!   beside it. So nobody teaches what another key sends, and each key's reports count for what it
//!   sends.

use std::collections::{HashMap, HashSet};

use crate::comment::SiteId;
use crate::store::LedgerEntry;

/// Name of the key, and of the reporter, of labels that came in with another system's history: the
/// operator's own act.
pub const IMPORTED: &str = "import";

/// Where labels take each other's place and are counted together.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Realm {
    /// The site.
    pub site: SiteId,
    /// The key, if its labels count for itself alone.
    pub key: Option<Box<str>>,
}

impl Realm {
    /// The site's own: labels of its owner and of the operator.
    pub fn of_site(site: &SiteId) -> Self {
        Self {
            site: site.clone(),
            key: None,
        }
    }

    /// The site's own realm, which counts beside this one; `None` if this is it.
    pub fn beside(&self) -> Option<Self> {
        self.key.as_ref().map(|_| Self::of_site(&self.site))
    }
}

/// Who holds which site.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Tenancy {
    /// All keys are of one house: a history read by itself, an evaluation.
    #[default]
    OneHouse,
    /// Sites belong to the keys that the operator gave them to.
    Owned(HashMap<SiteId, String>),
}

impl Tenancy {
    /// Whether the operator gave a site to a key.
    pub fn is_owned(&self, site: &SiteId) -> bool {
        matches!(self, Self::Owned(owners) if owners.contains_key(site))
    }

    /// The realm in which labels of a key count on a site.
    pub fn realm(&self, site: &SiteId, key_name: &str, vouched: &HashSet<String>) -> Realm {
        let is_at_home = match self {
            Self::OneHouse => true,
            Self::Owned(owners) => {
                key_name == IMPORTED
                    || vouched.contains(key_name)
                    || owners.get(site).is_some_and(|owner| owner == key_name)
            }
        };
        Realm {
            site: site.clone(),
            key: (!is_at_home).then(|| key_name.into()),
        }
    }

    /// The realm in which a label counts.
    pub fn of_label(&self, entry: &LedgerEntry, vouched: &HashSet<String>) -> Realm {
        self.realm(&entry.site, &entry.key_name, vouched)
    }
}
