//! Keys that the operator vouches for and owners of sites in, one `Realm` for each key and site
//! out: whose labels count together on a site. Of a label it reads only the key and the site.
//!
//! - A site that the operator gave to a key has one realm: the labels of that key, of those that
//!   are vouched for, and of imports.
//! - A site that the operator gave to nobody is a name that any key may use. The operator's labels
//!   there, and those of keys that are vouched for, are one realm. Every other key has a realm of
//!   its own, and the operator's beside it. So no key's labels count for what another key sends
//!   (docs/DECISIONS.md, "A site belongs to nobody until the operator gives it to a key").

use std::collections::{HashMap, HashSet};

use crate::comment::SiteId;
use crate::store::LedgerEntry;

/// Name of the key and of the reporter of imported labels. An import is the operator's own act.
pub const IMPORTED: &str = "import";

/// Where labels of one comment replace each other, and labels are counted together.
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

/// Who owns which site.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Tenancy {
    /// All keys belong together: a history that is read by itself, an evaluation.
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
